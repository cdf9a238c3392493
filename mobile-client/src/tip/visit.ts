// What the buttons of the first screens do: begin a message, come back with a receipt, read, delete.
// Refuses to ask the server for anything before the person pressed a button.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import * as api from './api/tips.ts';
import { startEarly } from './puzzle.ts';
import {
  communes,
  desk,
  isLater,
  note,
  screen,
  thread,
  vault,
  visitSignal,
  wipe,
  wipeDraft,
} from './state.ts';

/** `silence`: no answer. `busy`: later. `browser`: the browser could not derive the keys. */
export type Trouble = 'silence' | 'busy' | 'browser';

/** Asks whether the desk has a key; says so on the screen while the person already writes. */
export async function askDesk(): Promise<void> {
  const signal = visitSignal();
  try {
    const found = await api.desk();
    if (signal.aborted) return;
    desk.value = found ?? 'closed';
    if (found !== null) startEarly();
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Problem)) throw error;
    if (!signal.aborted && typeof desk.value === 'string') desk.value = 'silent';
  }
}

async function askCommunes(): Promise<void> {
  if (communes.value.length > 0) return;
  try {
    communes.value = await api.communes();
  } catch (error) {
    // The commune is optional; without the list there is no question for it.
    if (!(error instanceof NoAnswer || error instanceof Problem)) throw error;
  }
}

export function beginMessage(): void {
  note.value = null;
  isLater.value = false;
  wipeDraft();
  screen.value = 'write';
  // Derived while the person writes; what fails here is said when it is sent.
  void vault()
    .ask({ ask: 'new_thread' })
    .catch(() => undefined);
  void askDesk();
  void askCommunes();
}

export function writeMore(): void {
  note.value = null;
  isLater.value = true;
  wipeDraft();
  screen.value = 'write';
  void askDesk();
  void askCommunes();
}

/** Reads the mailbox of a receipt. Null when the screen shows it. */
export async function comeBack(receipt: string): Promise<Trouble | null> {
  const signal = visitSignal();
  try {
    await vault().ask({ ask: 'old_thread', receipt });
    return await readAgain();
  } catch (error) {
    if (signal.aborted) return null;
    return error instanceof NoAnswer ? 'silence' : 'browser';
  }
}

export async function readAgain(): Promise<Trouble | null> {
  const signal = visitSignal();
  try {
    const id = await vault().ask({ ask: 'mailbox' });
    const found = await vault().ask({ ask: 'read', items: await api.mailbox(id) });
    if (signal.aborted) return null;
    thread.value = found;
    // Whoever went on to write more stays there.
    if (screen.value === 'enter') screen.value = 'mailbox';
    return null;
  } catch (error) {
    if (error instanceof NoAnswer) return 'silence';
    if (error instanceof Problem) return 'busy';
    throw error;
  }
}

export async function deleteThread(): Promise<Trouble | null> {
  const signal = visitSignal();
  try {
    await api.deleteMailbox(await vault().ask({ ask: 'mailbox' }));
    // What another visit writes meanwhile is not this one's to wipe.
    if (!signal.aborted) wipe('deleted');
    return null;
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof NoAnswer) return 'silence';
    if (error instanceof Problem) return 'busy';
    throw error;
  }
}
