// A four-digit lock of the screen, against curious hands.
// Refuses to be more than that: it hides the screen, it does not encrypt what the phone keeps.

import { signal } from '@preact/signals';
import { changeSettings, settings } from './state.ts';

/** Out of sight for longer than this, the screen locks. */
const LOCK_AFTER_MS = 60_000;
const FREE_TRIES = 3;
const ROUNDS = 100_000;

export const locked = signal(false);
let wrong = 0;
let barredUntil = 0;

async function derive(digits: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(digits), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS },
    key,
    256,
  );
  return new Uint8Array(bits);
}

export async function setLock(digits: string | null): Promise<void> {
  if (digits === null) return changeSettings({ lock: null });
  const salt = crypto.getRandomValues(new Uint8Array(16));
  await changeSettings({ lock: { salt, hash: await derive(digits, salt) } });
}

/** Seconds until the next try is heard; 0 for now. */
export function barredForS(now: number): number {
  return Math.max(0, Math.ceil((barredUntil - now) / 1000));
}

export async function unlock(digits: string): Promise<boolean> {
  const { lock } = settings.value;
  if (lock === null) {
    locked.value = false;
    return true;
  }
  if (barredForS(Date.now()) > 0) return false;
  const given = await derive(digits, lock.salt);
  const same = given.every((byte, index) => byte === lock.hash[index]);
  wrong = same ? 0 : wrong + 1;
  if (wrong > FREE_TRIES) barredUntil = Date.now() + 5_000 * 2 ** Math.min(wrong - FREE_TRIES, 6);
  locked.value = !same;
  return same;
}

export function startLock(): void {
  locked.value = settings.value.lock !== null;
  let hiddenAt = 0;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') hiddenAt = Date.now();
    else if (settings.value.lock !== null && Date.now() - hiddenAt > LOCK_AFTER_MS) locked.value = true;
  });
}
