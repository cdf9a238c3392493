// What a receipt unlocks: the mailbox and three keys. The server sees the mailbox id alone.
// Refuses anything that is not a receipt, before the costly derivation.

import { type Bytes, utf8 } from './bytes.ts';
import { type Argon2Cost, argon2id, hkdf } from './ciphers.ts';
import { isReceipt } from './receipt.ts';
import { MAILBOX_BYTES } from './sizes.ts';

const SALT = 'minhchung tip v1';
export const RECEIPT_COST: Argon2Cost = { memoryKib: 32_768, passes: 3 };

export interface ThreadKeys {
  /** 16 bytes, the only one that the server sees. */
  readonly mailbox: Bytes;
  /** X-Wing seed that opens replies. */
  readonly replySeed: Bytes;
  /** Ed25519 seed that signs the person's messages. */
  readonly signingSeed: Bytes;
  readonly pinKey: Bytes;
}

/** Takes 32 MiB and about a second on an old phone. */
export async function threadKeys(receipt: string): Promise<ThreadKeys> {
  if (!isReceipt(receipt)) throw new Error('not a receipt');
  const secret = await argon2id(utf8(receipt), utf8(SALT), RECEIPT_COST);
  const keys = {
    mailbox: hkdf(secret, 'minhchung tip 1 mailbox', MAILBOX_BYTES),
    replySeed: hkdf(secret, 'minhchung tip 1 reply key'),
    signingSeed: hkdf(secret, 'minhchung tip 1 signing key'),
    pinKey: hkdf(secret, 'minhchung tip 1 pin key'),
  };
  secret.fill(0);
  return keys;
}

/** Overwrites them. Copies that the engine made are out of reach; ending the worker takes those. */
export function forget(keys: ThreadKeys): void {
  for (const bytes of [keys.mailbox, keys.replySeed, keys.signingSeed, keys.pinKey]) bytes.fill(0);
}
