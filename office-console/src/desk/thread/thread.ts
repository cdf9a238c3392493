// Reads a thread: the list of its boxes, then one box after the other, each opened in the worker.
// Refuses to keep anything: what was opened is gone with the screen.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { thread as askThread, tip as askTip } from '../api/desk.ts';
import type { Tip } from '../api/wire.ts';
import { ask } from '../worker/client.ts';
import type { Opened } from '../worker/messages.ts';
import { type Entry, inOrder } from './belief.ts';

export interface ThreadState {
  readonly entries: readonly Entry[];
  /** Every box was tried once; stays so while it is read again. */
  readonly isWhole: boolean;
  /** The list itself could not be read. */
  readonly error: unknown;
  readonly again: () => void;
  /** Puts changed rows in place of the old ones. */
  readonly changed: (tips: readonly Tip[]) => void;
}

async function openOne(tip: Tip): Promise<Pick<Entry, 'opened' | 'error'>> {
  try {
    const { box } = await askTip(tip.id);
    const opened: Opened = await ask('open', { box, mailbox: tip.thread });
    return { opened, error: null };
  } catch (error) {
    return { opened: null, error };
  }
}

/** @param known what is open already; a box does not change. */
async function read(
  mailbox: string,
  known: readonly Entry[],
  show: (entries: readonly Entry[]) => boolean,
): Promise<void> {
  const tips = await askThread(mailbox);
  let entries = inOrder(
    tips.map((tip) => ({
      tip,
      opened: known.find((entry) => entry.tip.id === tip.id)?.opened ?? null,
      error: null,
    })),
  );
  if (!show(entries)) return;
  for (const { tip, opened } of entries) {
    if (opened !== null) continue;
    const result = await openOne(tip);
    entries = inOrder(
      entries.map((entry) => (entry.tip.id === tip.id ? { tip: entry.tip, ...result } : entry)),
    );
    if (!show(entries)) return;
  }
}

export function useThread(mailbox: string): ThreadState {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [isWhole, setWhole] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const turn = useRef(0);
  const latest = useRef(entries);
  latest.current = entries;

  const again = useCallback(() => {
    const own = ++turn.current;
    setError(null);
    const show = (next: readonly Entry[]) => {
      if (own === turn.current) setEntries(next);
      return own === turn.current;
    };
    read(mailbox, latest.current, show).then(
      () => own === turn.current && setWhole(true),
      (failure: unknown) => own === turn.current && setError(failure),
    );
  }, [mailbox]);
  useEffect(() => {
    again();
    return () => {
      turn.current += 1;
    };
  }, [again]);
  const changed = useCallback((tips: readonly Tip[]) => {
    setEntries((before) =>
      before.map((entry) => {
        const found = tips.find((tip) => tip.id === entry.tip.id);
        return found === undefined ? entry : { ...entry, tip: found };
      }),
    );
  }, []);
  return { entries, isWhole, error, again, changed };
}
