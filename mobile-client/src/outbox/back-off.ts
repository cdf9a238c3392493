// How long to wait before the next try.
// Refuses to wait longer than five minutes by itself, and to believe a clock that jumped.

const FIRST_MS = 2_000;
const LONGEST_MS = 5 * 60_000;
/** What the server may ask for at most. */
const LONGEST_ASKED_MS = 60 * 60_000;

/** `attempts` tries failed without progress. `chance` is in [0, 1). */
export function waitMs(attempts: number, chance: number, retryAfterS: number | null): number {
  const grown = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 20));
  const own = grown * (0.5 + chance / 2);
  if (retryAfterS === null) return own;
  // A little later than asked, so that not every phone comes back in the same second.
  return Math.min(LONGEST_ASKED_MS, retryAfterS * 1000 * (1 + chance / 4));
}

/** Whether an item that may be tried at `nextAt` is due. A time too far away means that the clock was put back. */
export function isDue(nextAt: number, now: number): boolean {
  return nextAt <= now || nextAt - now > LONGEST_ASKED_MS;
}
