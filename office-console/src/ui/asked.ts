// Something that is asked from the server for a screen: loading, here, or failed, and asked again.
// Refuses answers that came too late: only the last question counts.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Asked<T> {
  readonly data: T | null;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Asks again and keeps showing what is here meanwhile. */
  readonly again: () => void;
  /** Changes what is here without asking. */
  readonly change: (next: (before: T) => T) => void;
}

/** Asks when `key` changes. */
export function useAsked<T>(key: string, question: () => Promise<T>): Asked<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: unknown; isLoading: boolean }>({
    key,
    data: null,
    error: null,
    isLoading: true,
  });
  const turn = useRef(0);
  const latest = useRef(question);
  latest.current = question;

  const askNow = useCallback((askedKey: string) => {
    const own = ++turn.current;
    setState((before) => ({
      key: askedKey,
      data: before.key === askedKey ? before.data : null,
      error: null,
      isLoading: true,
    }));
    latest.current().then(
      (data) => own === turn.current && setState({ key: askedKey, data, error: null, isLoading: false }),
      (error: unknown) =>
        own === turn.current && setState((before) => ({ ...before, error, isLoading: false })),
    );
  }, []);

  useEffect(() => {
    askNow(key);
    return () => {
      turn.current++;
    };
  }, [key, askNow]);
  const again = useCallback(() => askNow(key), [key, askNow]);
  const change = useCallback(
    (next: (before: T) => T) =>
      setState((before) => (before.data === null ? before : { ...before, data: next(before.data) })),
    [],
  );
  const current = state.key === key ? state : { data: null, error: null, isLoading: true };
  return { data: current.data, error: current.error, isLoading: current.isLoading, again, change };
}
