// Which other picture a check found to look like this one. Refuses to guess: only what the check names.

import type { Submission } from '../api/office.ts';

/** What a check tells of a twin. Whose it is, only those learn who see everything. */
interface Told {
  readonly submission?: string;
  readonly photo: string;
  readonly other_photo?: string;
  readonly likeness_percent: number;
}

export interface Twin {
  /** The record and the picture there; absent for those who are not told. */
  readonly there: { readonly submission: string; readonly photo: string } | null;
  /** The picture here that has the twin. */
  readonly photo: string;
  readonly likeness_percent: number;
}

const CHECKS: readonly string[] = ['same_photo', 'similar_photo'];

/** The likest twin that a check warns of, of any picture or of the one that is named. */
export function twinOf(submission: Submission, photo?: string): Twin | null {
  const twins = submission.checks
    .filter((check) => CHECKS.includes(check.code) && check.outcome === 'warn')
    .flatMap((check) => (check.data as { readonly twins?: readonly Told[] }).twins ?? [])
    .filter((twin) => photo === undefined || twin.photo === photo);
  const likest = twins.reduce<Told | null>(
    (best, twin) => (best === null || twin.likeness_percent > best.likeness_percent ? twin : best),
    null,
  );
  if (likest === null) return null;
  const { submission: id, other_photo: other } = likest;
  return {
    there: id === undefined || other === undefined ? null : { submission: id, photo: other },
    photo: likest.photo,
    likeness_percent: likest.likeness_percent,
  };
}

/** The score of all warnings together, 0 to 100; null until the checks have run. */
export function riskOf(submission: Submission): number | null {
  const { risk } = submission as { readonly risk?: { readonly score: number } | null };
  return risk?.score ?? null;
}
