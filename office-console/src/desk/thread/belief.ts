// Who wrote what in a thread. A mailbox is named after its informant's keys, so each message proves itself.
// Refuses to take a message for the informant's that does not, and a note for the desk's without an officer's key.

import type { Tip } from '../api/wire.ts';
import { type Opened, RECOVERY, type Said } from '../worker/messages.ts';

export interface Entry {
  readonly tip: Tip;
  /** Null until it is opened, or while it could not be fetched. */
  readonly opened: Opened | null;
  readonly error: unknown;
}

export interface Officer {
  readonly verify_key: string;
  readonly name: string;
}

export type Belief =
  /** Of whoever has the receipt of this mailbox. */
  | { readonly kind: 'informant' }
  /** Of somebody else, who put it into this mailbox. */
  | { readonly kind: 'stranger' }
  | { readonly kind: 'note'; readonly officer: string }
  | { readonly kind: 'false_note' };

const isNote = (entry: Entry) => entry.tip.channel === 'desk_note';

export function saidIn(entry: Entry): Said | null {
  return entry.opened !== null && !('failure' in entry.opened) ? entry.opened : null;
}

/** Copies of answers begin with their number, notes with their time of day. */
const byHeading = new Intl.Collator('vi', { numeric: true });

/** Oldest day first; within a day what was said before what the desk noted, and that by its heading. */
export function inOrder(entries: readonly Entry[]): Entry[] {
  const place = (entry: Entry) => `${entry.tip.received_on}${isNote(entry) ? 1 : 0}`;
  const heading = (entry: Entry) => (isNote(entry) ? (saidIn(entry)?.text ?? '') : '');
  return [...entries].sort((one, other) => {
    if (place(one) !== place(other)) return place(one) < place(other) ? -1 : 1;
    return byHeading.compare(heading(one), heading(other));
  });
}

/** What to believe of each opened entry, by the tip's id. */
export function beliefs(
  entries: readonly Entry[],
  officers: readonly Officer[],
): ReadonlyMap<string, Belief> {
  const found = new Map<string, Belief>();
  for (const entry of entries) {
    const said = saidIn(entry);
    if (said !== null) found.set(entry.tip.id, isNote(entry) ? noteBelief(said, officers) : toldBelief(said));
  }
  return found;
}

const toldBelief = (said: Said): Belief => ({ kind: said.isInformants ? 'informant' : 'stranger' });

function noteBelief(said: Said, officers: readonly Officer[]): Belief {
  const officer = officers.find((each) => each.verify_key === said.verifyKey);
  return said.isSigned && officer !== undefined
    ? { kind: 'note', officer: officer.name }
    : { kind: 'false_note' };
}

/** Where an answer goes and which key signs it, or why there is no answering. */
export type Answerable =
  | {
      readonly tip: string;
      readonly number: number;
      readonly replyKey: string;
      readonly signer: string;
    }
  | { readonly not: 'nothing_open' | 'not_believed' | 'recovery_only' };

export function answerable(entries: readonly Entry[], known: ReadonlyMap<string, Belief>): Answerable {
  const told = inOrder(entries).filter((entry) => !isNote(entry) && saidIn(entry) !== null);
  if (told.length === 0) return { not: 'nothing_open' };
  const believed = told.filter((entry) => known.get(entry.tip.id)?.kind === 'informant');
  // An answer is shredded with the message that it hangs on: the newest one stays longest.
  const last = believed.at(-1);
  const said = last === undefined ? null : saidIn(last);
  if (last === undefined || said === null) return { not: 'not_believed' };
  // The person's client trusts the officers for whom its own messages were sealed, and no one else.
  const own = believed.map(saidIn).find((each) => each !== null && each.openedWith !== RECOVERY);
  if (own == null) return { not: 'recovery_only' };
  const number = Math.max(...entries.map((entry) => entry.tip.next_answer));
  return { tip: last.tip.id, number, replyKey: said.replyKey, signer: own.openedWith };
}
