// The board's rows: order, search, and what an event moves.

import { expect, test } from '@playwright/test';
import type { Completion, Figures } from '../api/office.ts';
import { orderedCodes, step, withFigures } from './model.ts';

function figures(planned: number, verified: number, overdue = 0): Figures {
  const percent = planned === 0 ? null : (verified * 100) / planned;
  return {
    planned,
    verified,
    overdue,
    percent,
    open: planned - verified,
    arriving: 0,
    pending: 0,
    returned: 0,
    late: 0,
  };
}

function board(rows: readonly (readonly [string, string, Figures])[]): Completion {
  const communes = rows.map(([code, name, all]) => ({
    code,
    name,
    kind: 'xã',
    cells: { 'banner.1': all },
    all,
  }));
  const all = figures(20, 5);
  return { as_of: '', campaign: '', totals: { all, 'banner.1': all }, communes } as unknown as Completion;
}

const three = board([
  ['00001', 'Y Tý', figures(10, 5, 1)],
  ['00002', 'Âu Lâu', figures(10, 0, 3)],
  ['00003', 'Bảo Hà', figures(0, 0)],
]);

test('what lags most comes first, and communes without a plan last', () => {
  expect(orderedCodes(three, 'lag', '')).toEqual(['00002', '00001', '00003']);
  expect(orderedCodes(three, 'overdue', '')).toEqual(['00002', '00001', '00003']);
});

test('names are ordered as in Vietnamese and found without accents or by code', () => {
  expect(orderedCodes(three, 'name', '')).toEqual(['00002', '00003', '00001']);
  expect(orderedCodes(three, 'name', 'AU lau')).toEqual(['00002']);
  expect(orderedCodes(three, 'name', '00003')).toEqual(['00003']);
});

test('new figures of a cell move its row and the totals by the difference, and no other row', () => {
  const after = withFigures(three, '00001', 'banner.1', figures(10, 6, 0));
  expect(after.communes.map((row) => row.code)).toEqual(three.communes.map((row) => row.code));
  expect(after.communes[0]?.all).toMatchObject({ planned: 10, verified: 6, overdue: 0, percent: 60 });
  expect(after.totals['all']).toMatchObject({ planned: 20, verified: 6, percent: 30 });
  expect(after.communes[1]).toBe(three.communes[1]);
  expect(withFigures(three, '99999', 'banner.1', figures(1, 1))).toBe(three);
});

test('the scale never calls nothing begun or something unfinished done', () => {
  expect(step(figures(0, 0))).toBeNull();
  expect(step(figures(1000, 0))).toBe(0);
  expect(step(figures(1000, 1))).toBe(1);
  expect(step(figures(1000, 999))).toBe(4);
  expect(step(figures(1000, 1000))).toBe(5);
});
