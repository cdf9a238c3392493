// Holds the receipt and every key of a thread, apart from the page; ended, it takes them along.
// Refuses to give out a key. Its policy gives it no network either.

import { sealBox } from '@minhchung/web-shared/tip/box.ts';
import { join, random, toBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import { MessageTooLarge } from '@minhchung/web-shared/tip/message.ts';
import { openPin, sealPin } from '@minhchung/web-shared/tip/pin.ts';
import { newReceipt } from '@minhchung/web-shared/tip/receipt.ts';
import { type OpenedReply, openReply } from '@minhchung/web-shared/tip/reply.ts';
import { NONCE_BYTES } from '@minhchung/web-shared/tip/sizes.ts';
import { type ThreadKeys, threadKeys } from '@minhchung/web-shared/tip/thread-keys.ts';
import { inOrder } from '../letters.ts';
import type { DeskKeys, Draft, Thread, VaultAnswers, VaultReply, VaultRequest } from '../worker-messages.ts';

declare const self: DedicatedWorkerGlobalScope;

interface Held {
  readonly receipt: string;
  readonly keys: ThreadKeys;
}

/** Being derived while the person writes. */
let held: Promise<Held> | null = null;

function hold(receipt: string): Promise<Held> {
  return threadKeys(receipt).then((keys) => ({ receipt, keys }));
}

function thread(): Promise<Held> {
  if (held === null) throw new Error('no thread yet');
  return held;
}

async function seal({ isLater, ...draft }: Draft, desk: DeskKeys): Promise<Uint8Array<ArrayBuffer>> {
  // The thread is begun with the writing; this worker may have come only now.
  if (!isLater) held ??= hold(newReceipt());
  const { keys } = await thread();
  const box = await sealBox({
    mailbox: keys.mailbox,
    message: {
      ...draft,
      writtenOn: desk.today,
      verifyKey: keys.verifyKey,
      replyKey: keys.replyKey,
    },
    signingSeed: keys.signingSeed,
    pin: sealPin(keys, desk.verifyKeys),
    sealKeys: desk.sealKeys,
  });
  return join(random(NONCE_BYTES), box);
}

/** Keys are trusted out of pins that we sealed ourselves, whatever order the items come in. */
async function read(items: readonly Uint8Array[]): Promise<Thread> {
  const { keys } = await thread();
  const pins = items.map((item) => openPin(keys, item));
  const pinned = pins.flatMap((pin) => pin ?? []);
  const answers: OpenedReply[] = [];
  for (const [index, item] of items.entries()) {
    if (pins[index] !== null) continue;
    const reply = await openReply(keys, pinned, item);
    if (reply !== null) answers.push(reply);
  }
  return { letters: inOrder(answers), sent: pins.filter((pin) => pin !== null).length };
}

async function answer(request: VaultRequest): Promise<VaultAnswers[keyof VaultAnswers]> {
  switch (request.ask) {
    case 'new_thread':
      held = hold(newReceipt());
      await held;
      return null;
    case 'old_thread':
      held = hold(request.receipt);
      await held;
      return null;
    case 'receipt':
      return (await thread()).receipt;
    case 'mailbox':
      return toBase64((await thread()).keys.mailbox);
    case 'seal':
      return seal(request.draft, request.desk);
    case 'read':
      return read(request.items);
  }
}

self.onmessage = (event: MessageEvent<{ id: number; request: VaultRequest }>) => {
  const { id, request } = event.data;
  answer(request).then(
    (value) => self.postMessage({ id, value } satisfies VaultReply),
    (error: unknown) =>
      self.postMessage({
        id,
        failed: error instanceof MessageTooLarge ? 'too_large' : 'broken',
      } satisfies VaultReply),
  );
};
