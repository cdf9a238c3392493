// The strength of passphrases, and how one is suggested.

import { expect, test } from '@playwright/test';
import { strengthOf } from './strength.ts';
import { SUGGESTED_WORDS, suggestion, WORDS } from './suggestion.ts';

test('what guessers try first is not called strong, however long it is', () => {
  expect(strengthOf('ngắn quá')).toBe('too_short');
  for (const weak of [
    'aaaaaaaaaaaaaaaaaaaa',
    '12345678901234567890',
    'mật khẩu mật khẩu mật khẩu',
    'MatKhau123456 Lao Cai',
    'minh chung minh chung minh',
    'abcdefghijklmnopqrst',
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
