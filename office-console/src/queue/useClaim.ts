// Says that the reader is at the record on the screen, and says it again while they are.
// Refuses to hold on: a record that was left undecided is given free at once.

import { useEffect, useState } from 'preact/hooks';
import type { Submission } from '../api/office.ts';
import { decided } from './decisions.ts';
import type { Queue } from './queue.ts';

const AGAIN_MS = 30_000;

export type ClaimState = 'asking' | 'own' | 'theirs';

export function useClaim(queue: Queue, submission: Submission | null): ClaimState {
  const [state, setState] = useState<ClaimState>('asking');
  const id = submission?.id ?? null;
  useEffect(() => {
    if (id === null) return;
    let isHere = true;
    setState('asking');
    const say = async (isFirst: boolean) => {
      const isOwn = await queue.claim(id).catch(() => true);
      if (!isHere) return;
      setState(isOwn ? 'own' : 'theirs');
      // Somebody was there first: the next free one, unless the reader chose this one.
      if (!isOwn && isFirst && queue.present?.id === id && !queue.wasChosen(id)) await queue.step(1);
    };
    void say(true);
    const timer = setInterval(() => void say(false), AGAIN_MS);
    return () => {
      isHere = false;
      clearInterval(timer);
      if (!decided.peek().has(id)) queue.release(id).catch(() => undefined);
    };
  }, [queue, id]);
  return state;
}
