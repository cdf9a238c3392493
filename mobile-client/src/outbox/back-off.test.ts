// How long the phone waits.
import { expect, test } from '@playwright/test';
import { isDue, waitMs } from './back-off.ts';

test('waits grow from seconds to five minutes and are never the same for everybody', () => {
  expect(waitMs(0, 0, null)).toBe(1000);
  expect(waitMs(0, 0.999, null)).toBeLessThanOrEqual(2000);
  expect(waitMs(3, 0, null)).toBe(8000);
  expect(waitMs(30, 0.5, null)).toBe(225_000);
  expect(waitMs(1000, 0.999, null)).toBeLessThanOrEqual(300_000);
});

test('what the server asks for is honoured, up to an hour', () => {
  expect(waitMs(0, 0, 30)).toBe(30_000);
  expect(waitMs(0, 0.999, 30)).toBeGreaterThan(30_000);
  expect(waitMs(9, 0, 1_000_000)).toBe(3_600_000);
});

test('a clock that was put back does not make an item wait for years', () => {
  const now = Date.parse('2026-03-05T10:00:00+07:00');
  expect(isDue(now - 1, now)).toBe(true);
  expect(isDue(now + 60_000, now)).toBe(false);
  expect(isDue(now, Date.parse('1970-01-02T00:00:00Z'))).toBe(true);
});
