// The symmetric pieces of suite 1: SHA-256, HKDF, ChaCha20-Poly1305, Argon2id.
// Refuses to name a second choice: one suite per version.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { argon2id as wasmArgon2id } from 'hash-wasm';
import { type Bytes, join, utf8 } from './bytes.ts';
import { KEY_BYTES } from './sizes.ts';

const ZERO_NONCE = new Uint8Array(12);

export function sha256(...parts: readonly Uint8Array[]): Bytes {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return join(hash.digest());
}

/** `info` are words, or words and bytes after them. */
export function hkdf(key: Uint8Array, info: string | Uint8Array, length = KEY_BYTES): Bytes {
  const about = typeof info === 'string' ? utf8(info) : info;
  return join(nobleHkdf(nobleSha256, key, new Uint8Array(0), about, length));
}

/** With the nonce zero unless given: every such key seals one thing only. */
export function sealWith(
  key: Uint8Array,
  plain: Uint8Array,
  about: Uint8Array,
  nonce: Uint8Array = ZERO_NONCE,
): Bytes {
  return join(chacha20poly1305(key, nonce, about).encrypt(plain));
}

/** Null when it was not sealed with this key, or was altered. */
export function openWith(
  key: Uint8Array,
  sealed: Uint8Array,
  about: Uint8Array,
  nonce: Uint8Array = ZERO_NONCE,
): Bytes | null {
  try {
    return join(chacha20poly1305(key, nonce, about).decrypt(sealed));
  } catch {
    return null;
  }
}

export interface Argon2Cost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** Argon2id 0x13 with one lane, 32 bytes. */
export async function argon2id(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Bytes> {
  const hash = await wasmArgon2id({
    password,
    salt,
    memorySize: cost.memoryKib,
    iterations: cost.passes,
    parallelism: 1,
    hashLength: KEY_BYTES,
    outputType: 'binary',
  });
  return join(hash);
}
