// A twin that its reader may not know of is told of, and nothing more.

import { expect, test } from '@playwright/test';
import type { Submission } from '../api/office.ts';
import { twinOf } from './twin.ts';

function warnedOf(twins: readonly object[]): Submission {
  const check = { code: 'similar_photo', outcome: 'warn', detail: '', data: { twins, weight: 45 } };
  return { checks: [check] } as unknown as Submission;
}

test('a role that is not told whose the twin is learns how alike it is, and there is nothing to fetch', () => {
  const told = twinOf(warnedOf([{ photo: 'aa', likeness_percent: 98 }]));
  expect(told).toEqual({ there: null, photo: 'aa', likeness_percent: 98 });
});

test('the likest twin of the picture on the screen is the one that is shown', () => {
  const twins = [
    { photo: 'aa', other_photo: 'cc', submission: '1', assignment: '3', likeness_percent: 98 },
    { photo: 'aa', other_photo: 'dd', submission: '2', assignment: '4', likeness_percent: 99 },
    { photo: 'bb', other_photo: 'cc', submission: '1', assignment: '3', likeness_percent: 100 },
  ];
  expect(twinOf(warnedOf(twins), 'aa')?.there).toEqual({ submission: '2', photo: 'dd' });
  expect(twinOf(warnedOf(twins), 'ee')).toBeNull();
});
