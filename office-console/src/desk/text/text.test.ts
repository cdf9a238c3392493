// Both languages of the desk say the same things, with the same blanks to fill.

import { readFileSync } from 'node:fs';
import { placeholders } from '@minhchung/web-shared/text/dictionary.ts';
import { expect, test } from '@playwright/test';

function texts(language: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`./${language}.json`, import.meta.url), 'utf8')) as Record<
    string,
    string
  >;
}

test('every text of the desk is there in both languages, with the same blanks', () => {
  const [vietnamese, english] = [texts('vi'), texts('en')];
  expect(Object.keys(english)).toEqual(Object.keys(vietnamese));
  for (const [key, text] of Object.entries(vietnamese)) {
    expect(text, key).not.toBe('');
    expect(placeholders(english[key] ?? ''), key).toEqual(placeholders(text));
  }
});
