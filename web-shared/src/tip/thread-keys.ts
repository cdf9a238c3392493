// What a receipt unlocks: three keys, and the mailbox that is named after two of them. The server sees its id alone.
// Refuses anything that is not a receipt, before the costly derivation.

import { type Bytes, join, utf8 } from './bytes.ts';
import { type Argon2Cost, argon2id, hkdf, sha256 } from './ciphers.ts';
import { sealKeyOf } from './hpke.ts';
import { isReceipt } from './receipt.ts';
import { verifyKeyOf } from './signature.ts';
import { MAILBOX_BYTES } from './sizes.ts';

const SALT = 'minhchung tip v1';
export const RECEIPT_COST: Argon2Cost = { memoryKib: 32_768, passes: 3 };

export interface ThreadKeys {
  /** 16 bytes, the only one that the server sees; made of the two public keys. */
  readonly mailbox: Bytes;
  readonly verifyKey: Bytes;
  readonly replyKey: Bytes;
  /** X-Wing seed that opens replies. */
  readonly replySeed: Bytes;
  /** Ed25519 seed that signs the person's messages. */
  readonly signingSeed: Bytes;
  readonly pinKey: Bytes;
}

/** The mailbox of the person with these public keys: no other keys have it, so an id tells whose messages belong there. */
export function mailboxOf(verifyKey: Uint8Array, replyKey: Uint8Array): Bytes {
  return join(sha256(utf8('minhchung tip 1 mailbox'), verifyKey, replyKey).subarray(0, MAILBOX_BYTES));
}

/** Both public keys and the mailbox of two seeds. */
export async function namesOf(
  seeds: Pick<ThreadKeys, 'replySeed' | 'signingSeed'>,
): Promise<Pick<ThreadKeys, 'mailbox' | 'verifyKey' | 'replyKey'>> {
  const verifyKey = verifyKeyOf(seeds.signingSeed);
  const replyKey = await sealKeyOf(seeds.replySeed);
  return { verifyKey, replyKey, mailbox: mailboxOf(verifyKey, replyKey) };
}

/** Takes 32 MiB and about a second on an old phone. */
export async function threadKeys(receipt: string): Promise<ThreadKeys> {
  if (!isReceipt(receipt)) throw new Error('not a receipt');
  const secret = await argon2id(utf8(receipt), utf8(SALT), RECEIPT_COST);
  const seeds = {
    replySeed: hkdf(secret, 'minhchung tip 1 reply key'),
    signingSeed: hkdf(secret, 'minhchung tip 1 signing key'),
    pinKey: hkdf(secret, 'minhchung tip 1 pin key'),
  };
  secret.fill(0);
  return { ...seeds, ...(await namesOf(seeds)) };
}

/** Overwrites them. Copies that the engine made are out of reach; ending the worker takes those. */
export function forget(keys: ThreadKeys): void {
  for (const bytes of [keys.mailbox, keys.replySeed, keys.signingSeed, keys.pinKey]) bytes.fill(0);
}
