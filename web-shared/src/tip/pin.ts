// The pin: which officers' keys the person's client trusts, sealed for that client alone.
// Refuses a pin of another mailbox or another receipt; the server could not have made one that opens.

import { type Bytes, isZero, join, random, utf8 } from './bytes.ts';
import { hkdf, openWith, sealWith } from './ciphers.ts';
import { KEY_BYTES, NONCE_BYTES, PIN_BYTES, TAG_BYTES } from './sizes.ts';
import type { ThreadKeys } from './thread-keys.ts';

const PLAIN_BYTES = PIN_BYTES - NONCE_BYTES - TAG_BYTES;
const KEYS_MAX = Math.floor((PLAIN_BYTES - 1) / KEY_BYTES);

function keyFor(pinKey: Uint8Array, nonce: Uint8Array): Bytes {
  return hkdf(pinKey, join(utf8('minhchung tip 1 pin'), nonce));
}

/** @param verifyKeys of the officers of the day; the recovery key has none. */
export function sealPin(
  keys: Pick<ThreadKeys, 'pinKey' | 'mailbox'>,
  verifyKeys: readonly Uint8Array[],
): Bytes {
  if (verifyKeys.length > KEYS_MAX || verifyKeys.some((key) => key.length !== KEY_BYTES))
    throw new Error('keys that do not fit into a pin');
  const plain = new Uint8Array(PLAIN_BYTES);
  plain.set(join(Uint8Array.of(verifyKeys.length), ...verifyKeys));
  const nonce = random(NONCE_BYTES);
  return join(nonce, sealWith(keyFor(keys.pinKey, nonce), plain, keys.mailbox));
}

/** The trusted keys, or null when this is not a pin of this thread. */
export function openPin(
  keys: Pick<ThreadKeys, 'pinKey' | 'mailbox'>,
  pin: Uint8Array,
): readonly Bytes[] | null {
  if (pin.length !== PIN_BYTES) return null;
  const nonce = pin.subarray(0, NONCE_BYTES);
  const plain = openWith(keyFor(keys.pinKey, nonce), pin.subarray(NONCE_BYTES), keys.mailbox);
  const count = plain?.[0];
  if (plain === null || count === undefined || count > KEYS_MAX) return null;
  const end = 1 + count * KEY_BYTES;
  if (!isZero(plain.subarray(end))) return null;
  return Array.from({ length: count }, (_, index) =>
    join(plain.subarray(1 + index * KEY_BYTES, 1 + (index + 1) * KEY_BYTES)),
  );
}
