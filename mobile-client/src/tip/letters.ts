// The answers of a thread in the order of their signed numbers, and what is wrong with them.
// Refuses the server's order: a repeat is shown once, and what is missing or does not fit together is named.

import type { OpenedReply } from '@minhchung/web-shared/tip/reply.ts';

export interface Letter {
  readonly number: number;
  /** `YYYY-MM-DD`, as the officer signed it. */
  readonly writtenOn: string;
  readonly text: string;
}

/** `missing` lies between two that are there; `older` before all of them, where answers end when their year is over. */
export type Remark =
  | { readonly is: 'missing' | 'older' | 'twice'; readonly from: number; readonly to: number }
  | { readonly is: 'days' };

export interface Letters {
  readonly shown: readonly Letter[];
  readonly remarks: readonly Remark[];
}

export const NO_LETTERS: Letters = { shown: [], remarks: [] };

/** @param opened every answer that a pinned officer signed for this thread, in any order, repeats among them. */
export function inOrder(opened: readonly OpenedReply[]): Letters {
  const each = new Map(opened.map((reply) => [reply.seal, reply]));
  const sorted = [...each.values()].sort(
    (one, other) => one.number - other.number || (one.writtenOn < other.writtenOn ? -1 : 1),
  );
  const remarks: Remark[] = [];
  let before: OpenedReply | null = null;
  let isDayOutOfOrder = false;
  for (const reply of sorted) {
    const last: number = before?.number ?? 0;
    if (reply.number === last) remarks.push({ is: 'twice', from: last, to: last });
    if (reply.number > last + 1)
      remarks.push({ is: before === null ? 'older' : 'missing', from: last + 1, to: reply.number - 1 });
    if (before !== null && reply.writtenOn < before.writtenOn) isDayOutOfOrder = true;
    before = reply;
  }
  if (isDayOutOfOrder) remarks.push({ is: 'days' });
  return {
    shown: sorted.map(({ number, writtenOn, text }) => ({ number, writtenOn, text })),
    remarks,
  };
}
