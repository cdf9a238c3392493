// The boxes of one mailbox belong together: a list of boxes, newest first, becomes a list of threads, newest first.
// Refuses to guess at boxes that are not loaded: a thread here is what the list has of it.

import type { Channel, Tip, TipSize, TipState } from '../api/wire.ts';

export interface Thread {
  readonly mailbox: string;
  /** Newest day first, as they came. */
  readonly tips: readonly Tip[];
  readonly newest: string;
  readonly state: TipState;
  /** The largest of them. */
  readonly size: TipSize;
  readonly channels: readonly Channel[];
  readonly category: Tip['category'];
  readonly replies: number;
  /** The first day on which something of it goes. */
  readonly purgeOn: string;
}

/** What wants attention most stands for the thread. */
const URGENCY: readonly TipState[] = ['new', 'need_more', 'open', 'closed', 'spam'];
const LARGEST_FIRST: readonly TipSize[] = ['three_pictures', 'one_picture', 'text'];

export function threadsOf(tips: readonly Tip[]): Thread[] {
  const byMailbox = new Map<string, Tip[]>();
  for (const tip of tips) {
    const others = byMailbox.get(tip.thread);
    if (others === undefined) byMailbox.set(tip.thread, [tip]);
    else if (!others.some((other) => other.id === tip.id)) others.push(tip);
  }
  return [...byMailbox].map(([mailbox, own]) => threadOf(mailbox, own));
}

function threadOf(mailbox: string, tips: readonly Tip[]): Thread {
  const days = tips.map((tip) => tip.received_on).sort();
  const purges = tips.map((tip) => tip.purge_on).sort();
  const told = tips.filter((tip) => tip.channel !== 'desk_note');
  // The desk's own notes want nobody's attention.
  const speaking = told.length === 0 ? tips : told;
  const has = <K extends keyof Tip>(name: K, value: Tip[K]) => speaking.some((tip) => tip[name] === value);
  return {
    mailbox,
    tips,
    newest: days.at(-1) ?? '',
    state: URGENCY.find((state) => has('state', state)) ?? 'new',
    size: LARGEST_FIRST.find((size) => has('size', size)) ?? 'text',
    channels: [...new Set(tips.map((tip) => tip.channel))],
    category: tips.find((tip) => tip.category !== null)?.category ?? null,
    replies: Math.max(0, ...tips.map((tip) => tip.replies)),
    purgeOn: purges[0] ?? '',
  };
}
