// Ids and receipts.
import { expect, test } from '@playwright/test';
import { newId, sha256 } from './ids.ts';
import { covers, receiptNumber } from './receipt.ts';

test('ids are UUIDv7, in the order of time, and different in the same millisecond and in 1970', () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newId()).toMatch(form);
  expect(newId(-1)).toMatch(form);
  expect(newId(Date.parse('2026-03-05T00:00:00Z')) < newId(Date.parse('2026-03-06T00:00:00Z'))).toBe(true);
  expect(newId(Date.parse('2026-03-05T00:00:00Z')).slice(0, 13)).toBe('019cbb4b-4c00');
  expect(new Set(Array.from({ length: 1000 }, () => newId(0))).size).toBe(1000);
});

test('a hash is what everybody else calls SHA-256', async () => {
  expect(await sha256(new TextEncoder().encode('abc').buffer)).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

const receipt = (payload: unknown) =>
  `e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.c2ln`;

test('pictures go only with a receipt that names the submission and every one of them', () => {
  const whole = receipt({ submission: 'a', photos: ['AB', 'cd'], received_at: 'x' });
  expect(covers(whole, 'a', ['ab', 'cd'])).toBe(true);
  expect(covers(whole, 'b', ['ab'])).toBe(false);
  expect(covers(whole, 'a', ['ab', 'ef'])).toBe(false);
  for (const broken of ['', 'x', 'a.b.c', receipt([]), receipt({ submission: 'a' })])
    expect(covers(broken, 'a', [])).toBe(false);
});

test('the number of a receipt can be read out', () => {
  expect(receiptNumber('019ec9a6-9c80-7e77-b477-48e59be755f2')).toBe('9BE7-55F2');
});
