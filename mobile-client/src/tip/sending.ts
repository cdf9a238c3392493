// Handing a message in, exactly once: after silence the very same bytes go again; only a refusal changes them.
// Refuses to give up by itself, and to say "sent" before the server did.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { type Bytes, join } from '@minhchung/web-shared/tip/bytes.ts';
import * as api from './api/tips.ts';
import { NO_LETTERS } from './letters.ts';
import { PuzzleFailed, solved, useUp } from './puzzle.ts';
import {
  category,
  commune,
  desk,
  isLater,
  note,
  pictures,
  receipt,
  type Sending,
  screen,
  sending,
  text,
  thread,
  vault,
  visitSignal,
  wipeDraft,
} from './state.ts';
import { TooLarge, VaultBroken } from './vault.ts';

const WAITS_S = [3, 6, 12, 30, 60] as const;

let hurry: (() => void) | null = null;
/** Ends the wait now; the person asked, or the network is back. */
export function tryNow(): void {
  hurry?.();
}

/** Counts down where the person sees it. False when everything was wiped meanwhile. */
async function wait(is: 'silence' | 'busy', seconds: number, signal: AbortSignal): Promise<boolean> {
  let left = Math.max(1, Math.ceil(seconds));
  while (left > 0 && !signal.aborted) {
    sending.value = { is, againInS: left };
    const isCutShort = await new Promise<boolean>((done) => {
      const timer = setTimeout(() => done(false), 1000);
      hurry = () => {
        clearTimeout(timer);
        done(true);
      };
    });
    hurry = null;
    if (isCutShort) break;
    left -= 1;
  }
  return !signal.aborted;
}

/** Asks again and again while there is silence or the server is busy. Null when everything was wiped meanwhile. */
async function insist<T>(what: () => Promise<T>, state: Sending, signal: AbortSignal): Promise<T | null> {
  for (let tries = 0; ; tries += 1) {
    if (signal.aborted) return null;
    sending.value = state;
    try {
      return await what();
    } catch (error) {
      const pause = WAITS_S[Math.min(tries, WAITS_S.length - 1)] ?? 60;
      if (error instanceof NoAnswer) {
        if (!(await wait('silence', error.retryAfterS ?? pause, signal))) return null;
      } else if (error instanceof Problem && isPassing(error.status)) {
        if (!(await wait('busy', error.retryAfterS ?? pause, signal))) return null;
      } else throw error;
    }
  }
}

const isPassing = (status: number) => status === 408 || status === 429 || (status >= 500 && status !== 507);

/** From the button to the screen that says it arrived, or to the words that say why not. */
export async function handIn(): Promise<void> {
  const signal = visitSignal();
  screen.value = 'sending';
  try {
    if (await deliver(signal)) await arrived(signal);
  } catch (error) {
    if (!signal.aborted) sending.value = { is: 'failed', why: reason(error) };
  }
}

function reason(error: unknown): Extract<Sending, { is: 'failed' }>['why'] {
  if (error instanceof Problem) return error.status === 507 ? 'full' : 'refused';
  if (error instanceof TooLarge) return 'too_large';
  if (error instanceof Closed) return 'closed';
  if (error instanceof VaultBroken || error instanceof PuzzleFailed) return 'browser';
  throw error;
}

/** The desk has nobody who could read. */
class Closed extends Error {}

async function deliver(signal: AbortSignal): Promise<boolean> {
  // Today's keys, not those of when the page was opened.
  const keys = await insist(() => api.desk(), { is: 'preparing' }, signal);
  if (signal.aborted) return false;
  if (keys === null) throw new Closed();
  desk.value = keys;
  const draft = {
    text: text.value.trim(),
    category: category.value,
    commune: commune.value,
    pictures: pictures.value.map((picture) => picture.bytes),
    isLater: isLater.value,
  };
  const seal = () => vault().ask({ ask: 'seal', draft, desk: keys });
  const sealed = await insist(seal, { is: 'preparing' }, signal);
  if (sealed === null) return false;
  return insistOnDelivery(sealed, signal);
}

async function insistOnDelivery(sealed: Bytes, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    const ticket = await insist(() => solved(), { is: 'puzzle' }, signal);
    if (ticket === null) return false;
    const frame = join(ticket.challenge, ticket.solution, sealed);
    try {
      await insist(() => api.send(frame, signal), { is: 'under_way' }, signal);
      return !signal.aborted;
    } catch (error) {
      // Nothing was taken: the same message goes with another puzzle.
      if (!(error instanceof Problem && error.code === 'tip-puzzle-refused')) throw error;
    } finally {
      // After a wipe it would be the next message's.
      if (!signal.aborted) useUp();
    }
  }
}

async function arrived(signal: AbortSignal): Promise<void> {
  wipeDraft();
  if (isLater.value) {
    note.value = 'sent_more';
    thread.value = { letters: thread.value?.letters ?? NO_LETTERS, sent: (thread.value?.sent ?? 0) + 1 };
    screen.value = 'mailbox';
    return;
  }
  const digits = await vault().ask({ ask: 'receipt' });
  if (signal.aborted) return;
  receipt.value = digits;
  screen.value = 'receipt';
}
