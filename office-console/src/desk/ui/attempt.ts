// One piece of work that a button starts: busy meanwhile, failed with its error, and not started twice.
// Refuses a second start while the first runs.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Attempt {
  readonly isBusy: boolean;
  readonly error: unknown;
  /** Runs `work`; true when it went through. */
  readonly run: (work: () => Promise<void>) => Promise<boolean>;
}

export function useAttempt(): Attempt {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isRunning = useRef(false);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const run = useCallback(async (work: () => Promise<void>) => {
    if (isRunning.current) return false;
    isRunning.current = true;
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (failure) {
      if (isHere.current) setError(failure);
      return false;
    } finally {
      isRunning.current = false;
      if (isHere.current) setBusy(false);
    }
  }, []);
  return { isBusy, error, run };
}
