// Ed25519. In pure script, because Chromium has it built in only since 137 and our floor is 100.
// Refuses signatures that only a lenient reader takes: small-order keys and other spellings of a point are not accepted.

import { ed25519 } from '@noble/curves/ed25519.js';
import { type Bytes, join } from './bytes.ts';

export function verifyKeyOf(seed: Uint8Array): Bytes {
  return join(ed25519.getPublicKey(seed));
}

export function sign(seed: Uint8Array, ...parts: readonly Uint8Array[]): Bytes {
  return join(ed25519.sign(join(...parts), seed));
}

export function isSigned(
  verifyKey: Uint8Array,
  signature: Uint8Array,
  ...parts: readonly Uint8Array[]
): boolean {
  try {
    return ed25519.verify(signature, join(...parts), verifyKey, { zip215: false });
  } catch {
    return false;
  }
}
