// Somebody who tells something: the shared cryptography in the test's own process, over the real API.
// Refuses to know anything of the server but what a citizen's page knows.

import { sealBox } from '@minhchung/web-shared/tip/box.ts';
import { type Bytes, fromBase64, join, random, toBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import type { Category } from '@minhchung/web-shared/tip/message.ts';
import { openPin, sealPin } from '@minhchung/web-shared/tip/pin.ts';
import { solvePuzzle } from '@minhchung/web-shared/tip/puzzle.ts';
import { newReceipt } from '@minhchung/web-shared/tip/receipt.ts';
import { openReply } from '@minhchung/web-shared/tip/reply.ts';
import { verifyKeyOf } from '@minhchung/web-shared/tip/signature.ts';
import { NONCE_BYTES } from '@minhchung/web-shared/tip/sizes.ts';
import { type ThreadKeys, threadKeys } from '@minhchung/web-shared/tip/thread-keys.ts';

interface PublicKey {
  readonly seal_key: string;
  readonly verify_key: string | null;
}

export interface Saying {
  readonly pictures?: readonly Buffer[];
  readonly category?: Category;
  readonly commune?: string;
  /** Somebody else's hand on the same mailbox. */
  readonly signingSeed?: Uint8Array;
  /** And another name under it. */
  readonly verifyKey?: Uint8Array;
  /** And another address for the answers. */
  readonly replyKey?: Uint8Array;
  /** Changes the finished box. */
  readonly alter?: (box: Bytes) => Bytes;
}

export class Informant {
  private constructor(
    private readonly url: string,
    readonly keys: ThreadKeys,
  ) {}

  static async of(url: string, receipt = newReceipt()): Promise<Informant> {
    return new Informant(url, await threadKeys(receipt));
  }

  /** Seals it for the desk's present keys, pays with a puzzle, and sends it. */
  async say(text: string, how: Saying = {}): Promise<void> {
    const { keys, today } = await this.read<{ keys: PublicKey[]; today: string }>('GET', '/tips/desk');
    const verifyKeys = keys.flatMap((key) => (key.verify_key === null ? [] : [fromBase64(key.verify_key)]));
    const signingSeed = how.signingSeed ?? this.keys.signingSeed;
    const sealed = await sealBox({
      mailbox: this.keys.mailbox,
      message: {
        text,
        category: how.category ?? null,
        commune: how.commune ?? null,
        writtenOn: today,
        verifyKey: join(how.verifyKey ?? verifyKeyOf(signingSeed)),
        replyKey: join(how.replyKey ?? this.keys.replyKey),
        pictures: (how.pictures ?? []).map((picture) => join(picture)),
      },
      signingSeed,
      pin: sealPin(this.keys, verifyKeys),
      sealKeys: keys.map((key) => fromBase64(key.seal_key)),
    });
    await this.send(how.alter === undefined ? sealed : how.alter(sealed));
  }

  private async send(box: Bytes): Promise<void> {
    const { challenge } = await this.read<{ challenge: string }>('POST', '/tips/challenges');
    const bytes = fromBase64(challenge);
    const frame = join(bytes, await solvePuzzle(bytes), random(NONCE_BYTES), box);
    const answer = await fetch(`${this.url}/api/v1/tips`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: frame,
    });
    if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
  }

  /** Everything that waits in the mailbox, sealed. */
  async mailbox(): Promise<Bytes[]> {
    const body = JSON.stringify({ mailbox: toBase64(this.keys.mailbox) });
    const { items } = await this.read<{ items: string[] }>('POST', '/tips/mailbox', body);
    return items.map(fromBase64);
  }

  /** What the citizen's page would show: answers of pinned officers. */
  async answers(): Promise<string[]> {
    const sealed = await this.mailbox();
    const pinned = sealed.flatMap((item) => openPin(this.keys, item) ?? []);
    const opened = await Promise.all(sealed.map((item) => openReply(this.keys, pinned, item)));
    return opened.flatMap((reply) => (reply === null ? [] : [reply.text]));
  }

  private async read<T>(method: string, path: string, body?: string): Promise<T> {
    const init: RequestInit = { method };
    if (body !== undefined) {
      init.body = body;
      init.headers = { 'content-type': 'application/json' };
    }
    const answer = await fetch(`${this.url}/api/v1${path}`, init);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
