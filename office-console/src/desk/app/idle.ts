// When nobody works at the desk: a word after four minutes, the lock after five, the end of the session after an hour.
// Refuses to trust timers alone: a machine that slept is judged when it wakes, before whoever woke it counts as somebody here.

import { IdleClock } from '@minhchung/web-shared/ui/idle.ts';
import { signal } from '@preact/signals';

export const LOCK_AFTER_MS = 5 * 60_000;
export const WARN_BEFORE_MS = 60_000;
export const LEAVE_AFTER_MS = 60 * 60_000;
const LOOK_EVERY_MS = 5_000;
const SIGNS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;

/** The lock is less than a minute away. */
export const isLockNear = signal(false);

export interface IdleSteps {
  readonly lock: () => void;
  readonly leave: () => void;
}

export function watchIdle(steps: IdleSteps): () => void {
  const clock = new IdleClock();
  let isLocked = false;
  let isLeft = false;
  const look = () => {
    const idle = clock.idleMs;
    if (idle >= LEAVE_AFTER_MS && !isLeft) {
      isLeft = true;
      steps.leave();
    }
    if (idle >= LOCK_AFTER_MS && !isLocked) {
      isLocked = true;
      steps.lock();
    }
    isLockNear.value = !isLocked && idle >= LOCK_AFTER_MS - WARN_BEFORE_MS;
  };
  const sign = (event: Event) => {
    if (!clock.isSign(event)) return;
    look();
    clock.touch();
    isLocked = false;
    isLeft = false;
    isLockNear.value = false;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  // Before anything on the page acts on it.
  for (const name of SIGNS) addEventListener(name, sign, { passive: true, capture: true });
  document.addEventListener('visibilitychange', look);
  return () => {
    clearInterval(timer);
    isLockNear.value = false;
    for (const name of SIGNS) removeEventListener(name, sign, { capture: true });
    document.removeEventListener('visibilitychange', look);
  };
}
