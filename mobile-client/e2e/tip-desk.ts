// The tip desk of a test: an officer with keys of their own, who reads and answers through the API with the shared
// cryptography. Refuses to look into the server's store.

import { PASSWORD, type TestServer } from '@minhchung/web-shared/e2e/server';
import { type OpenedBox, openBox } from '@minhchung/web-shared/tip/box.ts';
import { fromBase64, toBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import {
  type DeskPublic,
  type DeskSeeds,
  deskKeyProof,
  deskPublic,
  newDeskSeeds,
  wrapDeskSeeds,
} from '@minhchung/web-shared/tip/desk-key.ts';
import { opener } from '@minhchung/web-shared/tip/hpke.ts';
import { sealReply } from '@minhchung/web-shared/tip/reply.ts';

export const DESK_PASSPHRASE = 'một câu chỉ tôi biết';

export interface ListedTip {
  readonly id: string;
  readonly thread: string;
  readonly size: string;
}

export class TestDesk {
  private constructor(
    private readonly url: string,
    private readonly token: string,
    readonly seeds: DeskSeeds,
    readonly publics: DeskPublic,
  ) {}

  /** Logs in and registers a key. The server has to have the account `tip_officer`. */
  static async open(server: TestServer): Promise<TestDesk> {
    const answer = await fetch(`${server.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'tip_officer', password: PASSWORD }),
    });
    if (!answer.ok) throw new Error(`log-in: ${answer.status} ${await answer.text()}`);
    const { access_token } = (await answer.json()) as { access_token: string };
    const seeds = newDeskSeeds();
    const publics = await deskPublic(seeds);
    const desk = new TestDesk(server.url, access_token, seeds, publics);
    await desk.call('POST', '/desk/keys', {
      seal_key: toBase64(publics.sealKey),
      verify_key: toBase64(publics.verifyKey),
      wrapped: toBase64(await wrapDeskSeeds(seeds, DESK_PASSPHRASE)),
      signature: toBase64(deskKeyProof(seeds, publics.sealKey)),
    });
    return desk;
  }

  /** Newest day first. */
  async tips(): Promise<readonly ListedTip[]> {
    const { items } = await this.call<{ items: ListedTip[] }>('GET', '/desk/tips?limit=200');
    return items;
  }

  async box(id: string): Promise<Uint8Array> {
    return fromBase64((await this.call<{ box: string }>('GET', `/desk/tips/${id}`)).box);
  }

  /** Opened as the desk's browser opens it. */
  async read(id: string): Promise<OpenedBox> {
    return this.unseal(await this.box(id));
  }

  async unseal(box: Uint8Array): Promise<OpenedBox> {
    const opened = await openBox(box, [await opener(this.seeds.sealSeed)]);
    if (typeof opened === 'string') throw new Error(opened);
    if (!opened.isSignedBy(opened.message.verifyKey)) throw new Error('not signed by its writer');
    return opened;
  }

  /** Every message, opened. */
  async readAll(): Promise<readonly OpenedBox[]> {
    return Promise.all((await this.tips()).map((tip) => this.read(tip.id)));
  }

  /** @param how another officer's hand, or nobody's; another number inside than the next one. */
  async answer(
    tip: ListedTip,
    text: string,
    how: { signingSeed?: Uint8Array; number?: number } = {},
  ): Promise<Uint8Array> {
    const { mailbox, message } = await this.read(tip.id);
    const number = how.number ?? (await this.next(tip));
    const sealed = await sealReply(
      { mailbox, replyKey: message.replyKey },
      how.signingSeed ?? this.seeds.signingSeed,
      { number, writtenOn: message.writtenOn, text },
    );
    await this.hangUp(tip, sealed);
    return sealed;
  }

  /** The number that the server expects. */
  private async next(tip: ListedTip): Promise<number> {
    return (await this.call<{ next_answer: number }>('GET', `/desk/tips/${tip.id}`)).next_answer;
  }

  /** Any 4,096 bytes, as a server or an officer without a key could hand them over. */
  async hangUp(tip: ListedTip, bytes: Uint8Array): Promise<void> {
    const path = `/desk/tips/${tip.id}/replies?number=${await this.next(tip)}`;
    await this.send('POST', path, bytes, 'application/octet-stream');
  }

  private call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.send<T>(method, path, text, 'application/json');
  }

  private async send<T>(
    method: string,
    path: string,
    body: BodyInit | Uint8Array | undefined,
    type: string,
  ): Promise<T> {
    const init: RequestInit = { method, headers: { authorization: `Bearer ${this.token}` } };
    if (body !== undefined) {
      init.body = body as BodyInit;
      init.headers = { authorization: `Bearer ${this.token}`, 'content-type': type };
    }
    const answer = await fetch(`${this.url}/api/v1${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
}
