// A long list that is read page by page, as far as somebody scrolls. Refuses answers to filters that have changed since.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface PageAnswer<T> {
  readonly items: readonly T[];
  readonly next?: string | null;
}

export interface Pages<T> {
  readonly items: readonly T[];
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly isWhole: boolean;
  readonly more: () => void;
  readonly again: () => void;
  /** Reads what is shown once more and puts it in its place, without a jump. */
  readonly refresh: () => void;
  readonly change: (next: (before: readonly T[]) => readonly T[]) => void;
}

/** Reads the first page whenever `key` changes. */
export function usePages<T>(key: string, read: (after: string | null) => Promise<PageAnswer<T>>): Pages<T> {
  const [items, setItems] = useState<readonly T[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [isLoading, setLoading] = useState(true);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const turn = useRef(0);
  const isBusy = useRef(false);
  const latest = useRef(read);
  latest.current = read;

  const fetchPage = useCallback(async (after: string | null, own: number) => {
    isBusy.current = true;
    setLoading(true);
    setError(null);
    try {
      let page = await latest.current(after);
      // A page may be empty while more follow; the reader wants rows.
      while (page.items.length === 0 && page.next != null && own === turn.current) {
        page = await latest.current(page.next);
      }
      if (own !== turn.current) return;
      const found = page.items;
      setItems((before) => (after === null ? found : [...before, ...found]));
      setNext(page.next ?? null);
    } catch (failure) {
      if (own === turn.current) setError(failure);
    } finally {
      if (own === turn.current) {
        isBusy.current = false;
        setLoading(false);
      }
    }
  }, []);
  const again = useCallback(() => void fetchPage(null, ++turn.current), [fetchPage]);
  useEffect(() => {
    setItems([]);
    setNext(undefined);
    again();
    return () => {
      turn.current++;
    };
  }, [key, again]);
  const more = useCallback(() => {
    if (!isBusy.current && next != null) void fetchPage(next, turn.current);
  }, [next, fetchPage]);
  const shown = useRef(0);
  shown.current = items.length;
  const isStale = useRef(false);
  const isRefreshing = useRef(false);
  const refresh = useCallback(() => {
    isStale.current = true;
    if (isRefreshing.current) return;
    isRefreshing.current = true;
    const run = async () => {
      while (isStale.current) {
        isStale.current = false;
        const own = turn.current;
        const fresh = await readAgain(latest.current, shown.current);
        if (own !== turn.current || isBusy.current) return;
        setItems(fresh.items);
        setNext(fresh.next);
      }
    };
    run()
      .catch(setError)
      .finally(() => {
        isRefreshing.current = false;
      });
  }, []);
  const change = useCallback((nextItems: (before: readonly T[]) => readonly T[]) => setItems(nextItems), []);
  return { items, error, isLoading, isWhole: next === null, more, again, refresh, change };
}

/** The first pages, until there are `count` rows. */
async function readAgain<T>(
  read: (after: string | null) => Promise<PageAnswer<T>>,
  count: number,
): Promise<{ items: readonly T[]; next: string | null }> {
  let page = await read(null);
  const items = [...page.items];
  while (items.length < count && page.next != null) {
    page = await read(page.next);
    items.push(...page.items);
  }
  return { items, next: page.next ?? null };
}
