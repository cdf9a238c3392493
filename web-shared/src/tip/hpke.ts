// HPKE of suite 1 in base mode: X-Wing, HKDF-SHA256, ChaCha20-Poly1305. A private key is its raw 32-byte seed.
// Refuses DeriveKeyPair: the libraries of browser and server disagree about it, so nothing here uses it.

import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { type Bytes, join, random, utf8 } from './bytes.ts';
import { ENC_BYTES, KEY_BYTES } from './sizes.ts';

const kem = new XWing();
const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new Chacha20Poly1305() });

/** The public key, 1,216 bytes, of a seed of 32. */
export async function sealKeyOf(seed: Uint8Array): Promise<Bytes> {
  const pair = await kem.generateKeyPairDerand(join(seed));
  return new Uint8Array(await kem.serializePublicKey(pair.publicKey));
}

/** A key that nobody can open anything with: its seed is forgotten at once. */
export function keyOfNobody(): Promise<Bytes> {
  return sealKeyOf(random(KEY_BYTES));
}

/** `enc ‖ sealed`. */
export async function sealTo(
  sealKey: Uint8Array,
  info: string,
  about: Uint8Array,
  plain: Uint8Array,
): Promise<Bytes> {
  const recipientPublicKey = await kem.deserializePublicKey(join(sealKey));
  const sender = await suite.createSenderContext({ recipientPublicKey, info: utf8(info) });
  const sealed = await sender.seal(join(plain), join(about));
  return join(new Uint8Array(sender.enc), new Uint8Array(sealed));
}

/** A reader for one seed, made once: expanding a key costs as much as opening with it. */
export interface Opener {
  /** Null when it was sealed to another key, for another purpose, or was altered. */
  open(info: string, about: Uint8Array, sealed: Uint8Array): Promise<Bytes | null>;
}

export async function opener(seed: Uint8Array): Promise<Opener> {
  const recipientKey = await kem.deserializePrivateKey(join(seed));
  return {
    async open(info, about, sealed) {
      try {
        const enc = join(sealed.subarray(0, ENC_BYTES));
        const recipient = await suite.createRecipientContext({ recipientKey, enc, info: utf8(info) });
        return new Uint8Array(await recipient.open(join(sealed.subarray(ENC_BYTES)), join(about)));
      } catch {
        return null;
      }
    },
  };
}
