// What a failed try means for the item: the class of the answer alone decides (docs/errors.md).
// Refuses to call anything final that our own server did not say.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';

export type Verdict =
  | { readonly is: 'sign-in' }
  | { readonly is: 'wait'; readonly retryAfterS: number | null }
  | { readonly is: 'refused'; readonly code: string; readonly sentence: string };

/** Pieces and bodies that a bad network broke; trying again is right although the status is a 4xx. */
const BROKEN_ON_THE_WAY = new Set(['body-incomplete', 'checksum-mismatch', 'upload-offset', 'upload-gone']);

export function verdictOn(error: unknown): Verdict | null {
  if (error instanceof NoAnswer) return { is: 'wait', retryAfterS: error.retryAfterS };
  if (!(error instanceof Problem)) return null;
  const { status, code, retryAfterS } = error;
  if (status === 401) return { is: 'sign-in' };
  if (status >= 500 || status === 408 || status === 423 || status === 429 || BROKEN_ON_THE_WAY.has(code)) {
    return { is: 'wait', retryAfterS };
  }
  return { is: 'refused', code, sentence: error.sentence };
}
