// Everything the page knows, in memory alone, and the one door through which all of it goes away.
// Refuses every kind of storage: no database, no cache, no cookie, no address, no title.

import type { Bytes } from '@minhchung/web-shared/tip/bytes.ts';
import type { Category } from '@minhchung/web-shared/tip/message.ts';
import { batch, signal } from '@preact/signals';
import type { Commune } from './api/tips.ts';
import { erased } from './pictures/prepare.ts';
import { useUp } from './puzzle.ts';
import { Vault } from './vault.ts';
import type { DeskKeys, Thread } from './worker-messages.ts';

export type Screen = 'start' | 'write' | 'sending' | 'receipt' | 'confirm' | 'done' | 'enter' | 'mailbox';

export interface Picture {
  readonly key: number;
  readonly bytes: Bytes;
  /** What the bytes show, for the eye. */
  readonly canvas: HTMLCanvasElement | null;
}

/** Where sending stands. `silence`: nothing came back, the same bytes go again. `busy`: the server asked to wait. */
export type Sending =
  | { readonly is: 'preparing' | 'under_way' | 'puzzle' }
  | { readonly is: 'silence' | 'busy'; readonly againInS: number }
  | { readonly is: 'failed'; readonly why: 'full' | 'closed' | 'refused' | 'too_large' | 'browser' };

/** Why the page is empty again. */
export type Note = 'idle' | 'idle_sending' | 'idle_receipt' | 'deleted' | 'sent_more' | null;

/** `unknown`: not asked yet. `silent`: asked without an answer. */
export type DeskState = DeskKeys | 'unknown' | 'silent' | 'closed';

export const screen = signal<Screen>('start');
export const note = signal<Note>(null);
export const desk = signal<DeskState>('unknown');
export const communes = signal<readonly Commune[]>([]);
export const text = signal('');
export const category = signal<Category | null>(null);
export const commune = signal<string | null>(null);
export const pictures = signal<readonly Picture[]>([]);
export const sending = signal<Sending>({ is: 'preparing' });
export const receipt = signal('');
export const thread = signal<Thread | null>(null);
/** Whether what is written goes into a thread that the person came back to. */
export const isLater = signal(false);

let open: Vault | null = null;
/** What belongs to one visit is stopped with it. */
let visit = new AbortController();
/** The same for one message, of which a visit may see several. */
let draft = new AbortController();

export function vault(): Vault {
  if (open === null || open.isEnded) open = new Vault();
  return open;
}

/** Aborted as soon as everything is wiped. */
export function visitSignal(): AbortSignal {
  return visit.signal;
}

/** Aborted as soon as what was written is wiped, or everything. */
export function draftSignal(): AbortSignal {
  return draft.signal;
}

/** The receipt was noted: it and the keys made of it are gone. */
export function endThread(): void {
  receipt.value = '';
  open?.end();
  open = null;
}

/** Words, pictures, receipt, keys, what is on its way: gone. The page stands where it began. */
export function wipe(because: Note = null): void {
  visit.abort();
  visit = new AbortController();
  endThread();
  useUp();
  batch(() => {
    wipeDraft();
    screen.value = 'start';
    note.value = because;
    sending.value = { is: 'preparing' };
    thread.value = null;
    isLater.value = false;
  });
}

/** What was written, not the thread. */
export function wipeDraft(): void {
  draft.abort();
  draft = new AbortController();
  for (const picture of pictures.value) erase(picture);
  batch(() => {
    pictures.value = [];
    text.value = '';
    category.value = null;
    commune.value = null;
  });
}

/** Overwrites the pixels, so that nothing waits for the garbage collector. */
export function erase(picture: Picture): void {
  picture.bytes.fill(0);
  if (picture.canvas !== null) erased(picture.canvas);
}
