// Who wrote what in a thread, as far as signatures tell.
// Refuses to take a later message for the first person's without the first one's key, and a note for the desk's without an
// officer's.

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
  /** The first message, or a later one signed by the same key. */
  | { readonly kind: 'first' | 'same' }
  /** Signed by somebody else than the first. */
  | { readonly kind: 'other' }
  /** No valid signature. */
  | { readonly kind: 'unsigned' }
  /** The first message cannot be opened, so nobody knows its key. */
  | { readonly kind: 'unknown_first' }
  /** Two keys on the first day. */
  | { readonly kind: 'two_firsts' }
  | { readonly kind: 'note'; readonly officer: string }
  | { readonly kind: 'false_note' };

const isNote = (entry: Entry) => entry.tip.channel === 'desk_note';

export function saidIn(entry: Entry): Said | null {
  return entry.opened !== null && !('failure' in entry.opened) ? entry.opened : null;
}

/** Oldest day first; within a day what was said before what the desk noted. */
export function inOrder(entries: readonly Entry[]): Entry[] {
  const place = (entry: Entry) => `${entry.tip.received_on}${isNote(entry) ? 1 : 0}`;
  return [...entries].sort((one, other) =>
    place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : 0,
  );
}

type First = { readonly key: string } | 'unknown_first' | 'two_firsts';

function firstOf(entries: readonly Entry[]): First {
  const told = inOrder(entries).filter((entry) => !isNote(entry));
  const firstDay = told[0]?.tip.received_on;
  const earliest = told.filter((entry) => entry.tip.received_on === firstDay).map(saidIn);
  if (earliest.includes(null)) return 'unknown_first';
  const keys = new Set(earliest.flatMap((said) => (said?.isSigned === true ? [said.verifyKey] : [])));
  const [key] = keys;
  if (key === undefined) return 'unknown_first';
  return keys.size > 1 ? 'two_firsts' : { key };
}

/** What to believe of each opened entry, by the tip's id. */
export function beliefs(
  entries: readonly Entry[],
  officers: readonly Officer[],
): ReadonlyMap<string, Belief> {
  const first = firstOf(entries);
  const found = new Map<string, Belief>();
  let hasFirst = false;
  for (const entry of inOrder(entries)) {
    const said = saidIn(entry);
    if (said === null) continue;
    const belief = isNote(entry) ? noteBelief(said, officers) : toldBelief(said, first, hasFirst);
    if (belief.kind === 'first') hasFirst = true;
    found.set(entry.tip.id, belief);
  }
  return found;
}

function noteBelief(said: Said, officers: readonly Officer[]): Belief {
  const officer = officers.find((each) => each.verify_key === said.verifyKey);
  return said.isSigned && officer !== undefined
    ? { kind: 'note', officer: officer.name }
    : { kind: 'false_note' };
}

function toldBelief(said: Said, first: First, hasFirst: boolean): Belief {
  if (!said.isSigned) return { kind: 'unsigned' };
  if (typeof first === 'string') return { kind: first };
  if (said.verifyKey !== first.key) return { kind: 'other' };
  return { kind: hasFirst ? 'same' : 'first' };
}

/** Where an answer goes and which key signs it, or why there is no answering. */
export type Answerable =
  | { readonly tip: string; readonly replyKey: string; readonly signer: string }
  | { readonly not: 'nothing_open' | 'not_believed' | 'recovery_only' };

export function answerable(entries: readonly Entry[], known: ReadonlyMap<string, Belief>): Answerable {
  const told = inOrder(entries).filter((entry) => !isNote(entry) && saidIn(entry) !== null);
  if (told.length === 0) return { not: 'nothing_open' };
  const isBelieved = (entry: Entry) => {
    const kind = known.get(entry.tip.id)?.kind;
    return kind === 'first' || kind === 'same' || kind === 'unknown_first';
  };
  const believed = told.filter(isBelieved);
  const writers = new Set(believed.map((entry) => saidIn(entry)?.verifyKey));
  const [first] = believed;
  const said = first === undefined ? null : saidIn(first);
  if (first === undefined || said === null || writers.size > 1) return { not: 'not_believed' };
  // The person's client trusts the officers for whom its own messages were sealed, and no one else.
  const own = believed.map(saidIn).find((each) => each !== null && each.openedWith !== RECOVERY);
  if (own == null) return { not: 'recovery_only' };
  return { tip: first.tip.id, replyKey: said.replyKey, signer: own.openedWith };
}
