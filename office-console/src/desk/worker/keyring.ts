// The keys that are open in this worker, until it is ended. The only place of the desk that holds a private key.
// Refuses to hand one out: what leaves is a wrapped key, an opened message, or something sealed and signed.

import { areEqual, fromBase64, toBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import {
  type DeskSeeds,
  deskKeyProof,
  deskPublic,
  newDeskSeeds,
  unwrapDeskSeeds,
  wrapDeskSeeds,
} from '@minhchung/web-shared/tip/desk-key.ts';
import { type Opener, opener, sealKeyOf } from '@minhchung/web-shared/tip/hpke.ts';
import type { MadeKey, WrappedKey } from './messages.ts';
import { RECOVERY } from './messages.ts';

export interface OpenKey {
  readonly id: string;
  readonly opener: Opener;
  readonly sealKey: string;
  /** Null for the recovery key, which signs nothing. */
  readonly signingSeed: Uint8Array<ArrayBuffer> | null;
}

const SEED_BYTES = 32;

export class Keyring {
  private keys: OpenKey[] = [];

  /** In the order in which they are tried: the officer's own before the recovery key. */
  get all(): readonly OpenKey[] {
    return this.keys;
  }

  signing(id: string): { seed: Uint8Array<ArrayBuffer>; sealKey: string } | null {
    const key = this.keys.find((each) => each.id === id);
    if (key?.signingSeed == null) return null;
    return { seed: key.signingSeed, sealKey: key.sealKey };
  }

  async make(passphrase: string): Promise<MadeKey> {
    const seeds = newDeskSeeds();
    const { sealKey, verifyKey } = await deskPublic(seeds);
    const made = {
      seal_key: toBase64(sealKey),
      verify_key: toBase64(verifyKey),
      wrapped: toBase64(await wrapDeskSeeds(seeds, passphrase)),
      signature: toBase64(deskKeyProof(seeds, sealKey)),
    };
    await this.add(made.seal_key, made.seal_key, seeds);
    return made;
  }

  /** Until the server names it, a new key goes by its own seal key. */
  name(sealKey: string, id: string): boolean {
    const found = this.keys.some((key) => key.id === sealKey);
    this.keys = this.keys.map((key) => (key.id === sealKey ? { ...key, id } : key));
    return found;
  }

  /** The ids of those that this passphrase opens. A key whose public halves are not the server's is not believed. */
  async unlock(passphrase: string, wrapped: readonly WrappedKey[]): Promise<string[]> {
    const opened: string[] = [];
    for (const key of wrapped) {
      const seeds = await unwrapDeskSeeds(fromBase64(key.wrapped), passphrase);
      if (seeds === null) continue;
      const own = await deskPublic(seeds);
      const isSame =
        areEqual(own.sealKey, fromBase64(key.seal_key)) &&
        areEqual(own.verifyKey, fromBase64(key.verify_key));
      if (!isSame) continue;
      await this.add(key.id, key.seal_key, seeds);
      opened.push(key.id);
    }
    return opened;
  }

  /** @param seed 64 hexadecimal digits, however they are spaced; @param sealKey the public half that it must have. */
  async recover(seed: string, sealKey: string): Promise<boolean> {
    const digits = seed.replaceAll(/[\s-]/g, '');
    if (!/^[\da-f]{64}$/i.test(digits)) return false;
    const bytes = Uint8Array.from({ length: SEED_BYTES }, (_, index) =>
      Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16),
    );
    if (!areEqual(await sealKeyOf(bytes), fromBase64(sealKey))) return false;
    const key = { id: RECOVERY, opener: await opener(bytes), sealKey, signingSeed: null };
    this.keys = [...this.keys.filter((each) => each.id !== RECOVERY), key];
    return true;
  }

  private async add(id: string, sealKey: string, seeds: DeskSeeds): Promise<void> {
    const key = { id, sealKey, opener: await opener(seeds.sealSeed), signingSeed: seeds.signingSeed };
    this.keys = [key, ...this.keys.filter((each) => each.id !== id)];
  }
}
