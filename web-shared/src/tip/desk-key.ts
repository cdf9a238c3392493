// An officer's key pair: made in the browser, kept by the server only wrapped under a passphrase it never sees.
// Refuses to unwrap with a wrong passphrase, and to say which half of it was wrong.

import { type Bytes, join, random, toHex, utf8 } from './bytes.ts';
import { type Argon2Cost, argon2id, openWith, sealWith, sha256 } from './ciphers.ts';
import { sealKeyOf } from './hpke.ts';
import { sign, verifyKeyOf } from './signature.ts';
import { KEY_BYTES, TAG_BYTES } from './sizes.ts';

const LABEL = utf8('minhchung tip 1 desk key');
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
export const WRAPPED_BYTES = SALT_BYTES + NONCE_BYTES + 2 * KEY_BYTES + TAG_BYTES;
export const PASSPHRASE_COST: Argon2Cost = { memoryKib: 65_536, passes: 3 };

/** Both private; they leave the browser only wrapped. */
export interface DeskSeeds {
  readonly sealSeed: Bytes;
  readonly signingSeed: Bytes;
}

export interface DeskPublic {
  readonly sealKey: Bytes;
  readonly verifyKey: Bytes;
}

export function newDeskSeeds(): DeskSeeds {
  return { sealSeed: random(KEY_BYTES), signingSeed: random(KEY_BYTES) };
}

export async function deskPublic(seeds: DeskSeeds): Promise<DeskPublic> {
  return { sealKey: await sealKeyOf(seeds.sealSeed), verifyKey: verifyKeyOf(seeds.signingSeed) };
}

/** Shows the server that whoever registers the key holds its signing half. */
export function deskKeyProof(seeds: DeskSeeds, sealKey: Uint8Array): Bytes {
  return sign(seeds.signingSeed, LABEL, sealKey);
}

export async function wrapDeskSeeds(seeds: DeskSeeds, passphrase: string): Promise<Bytes> {
  const salt = random(SALT_BYTES);
  const nonce = random(NONCE_BYTES);
  const key = await argon2id(utf8(passphrase.normalize('NFC')), salt, PASSPHRASE_COST);
  return join(salt, nonce, sealWith(key, join(seeds.sealSeed, seeds.signingSeed), LABEL, nonce));
}

/** Null with a wrong passphrase. Takes 64 MiB. */
export async function unwrapDeskSeeds(wrapped: Uint8Array, passphrase: string): Promise<DeskSeeds | null> {
  if (wrapped.length !== WRAPPED_BYTES) return null;
  const salt = wrapped.subarray(0, SALT_BYTES);
  const nonce = wrapped.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
  const key = await argon2id(utf8(passphrase.normalize('NFC')), salt, PASSPHRASE_COST);
  const plain = openWith(key, wrapped.subarray(SALT_BYTES + NONCE_BYTES), LABEL, nonce);
  if (plain === null) return null;
  return { sealSeed: join(plain.subarray(0, KEY_BYTES)), signingSeed: join(plain.subarray(KEY_BYTES)) };
}

/** For reading aloud: eight groups of four. The recovery key has no verify key. */
export function fingerprint(sealKey: Uint8Array, verifyKey: Uint8Array | null): string {
  const hash = sha256(sealKey, verifyKey ?? new Uint8Array(KEY_BYTES));
  return (toHex(hash.subarray(0, 16)).match(/.{4}/g) ?? []).join(' ');
}
