// When nobody works at the desk: a word after four minutes, the lock after five, the end of the session after an hour.
// Refuses to trust timers alone: a machine that slept is judged by its clock when it wakes.

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
  let seen = Date.now();
  let isLocked = false;
  const sign = () => {
    seen = Date.now();
    isLocked = false;
    isLockNear.value = false;
  };
  const look = () => {
    const idle = Date.now() - seen;
    if (idle >= LEAVE_AFTER_MS) steps.leave();
    if (idle >= LOCK_AFTER_MS && !isLocked) {
      isLocked = true;
      steps.lock();
    }
    isLockNear.value = !isLocked && idle >= LOCK_AFTER_MS - WARN_BEFORE_MS;
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  for (const name of SIGNS) addEventListener(name, sign, { passive: true });
  return () => {
    clearInterval(timer);
    isLockNear.value = false;
    for (const name of SIGNS) removeEventListener(name, sign);
  };
}
