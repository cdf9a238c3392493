// The strength of passphrases, and how one is suggested.

import { expect, test } from '@playwright/test';
import { strengthOf } from './strength.ts';
import { SUGGESTED_WORDS, suggestion, WORDS } from './suggestion.ts';

test('fewer than four different words or fourteen letters are too short, whatever they are', () => {
  for (const short of [
    'ngắn quá',
    'a b c d e f g',
    'bưởi chuồn thuyền thuyền',
    'Bưởi bưởi BƯỞI buoi chuồn',
    'xj4%kQ9!mm2Lz0pW',
    '12345678901234567890',
    '   một    hai   ba     ',
  ])
    expect(strengthOf(short), short).toBe('too_short');
});

test('what guessers try first is not called strong, however long it is', () => {
  for (const weak of [
    'aaaaaaa bbbbbbb ccccccc ddddddd',
    '123 456 789 012 345 678',
    'mật khẩu của bàn tin',
    'MatKhau123456 Lao Cai 2026',
    'minh chung bàn tin lao cai',
    'abcde fghij klmno pqrst',
    'Trưởng Ban Thử Nghiệm 1990',
  ])
    expect(strengthOf(weak, ['Trưởng Ban Thử Nghiệm']), weak).toBe('weak');
});

test('five unrelated words are strong, four are fair', () => {
  expect(strengthOf('bưởi chuồn gạch lặng thuyền')).toBe('strong');
  expect(strengthOf('bưởi chuồn gạch thuyền')).toBe('fair');
});

test('a suggestion is another each time, and every word of the list can be drawn', () => {
  expect(new Set(WORDS).size).toBe(256);
  const drawn = Array.from({ length: 40 }, () => suggestion());
  for (const each of drawn) expect(each.split(' ')).toHaveLength(SUGGESTED_WORDS);
  expect(new Set(drawn).size).toBe(drawn.length);
  // The last word of the list comes from the highest byte.
  expect(suggestion(() => new Uint8Array(SUGGESTED_WORDS).fill(255))).toBe(
    Array(SUGGESTED_WORDS).fill(WORDS[255]).join(' '),
  );
});
