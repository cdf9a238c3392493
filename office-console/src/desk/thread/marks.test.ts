// Unseen letters are shown by their number; everything else stays as it was written.

import { expect, test } from '@playwright/test';
import { piecesOf } from './marks.ts';

test('a mark of direction is named where it stood', () => {
  expect(piecesOf('ảnh\u202Egpj.exe')).toEqual([
    { kind: 'words', text: 'ảnh' },
    { kind: 'mark', text: 'U+202E' },
    { kind: 'words', text: 'gpj.exe' },
  ]);
});

test('accents, lines, tabs and emoji are words', () => {
  const text = 'Thôn Nậm Rịa\n\t👩‍👩‍👧‍👦 <script>';
  expect(piecesOf(text)).toEqual([{ kind: 'words', text }]);
});
