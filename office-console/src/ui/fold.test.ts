// Names that people write in different ways are found in all of them.

import { expect, test } from '@playwright/test';
import { fold } from './fold.ts';

test('the place of the tone mark, the normal form, case and đ do not matter', () => {
  for (const name of ['Hoà Bình', 'Hòa Bình', 'HOÀ  BÌNH', 'Hoà Bình'.normalize('NFD')])
    expect(fold(name)).toBe('hoa binh');
  expect(fold('Đồng Thuỷ')).toBe(fold('dong thuy'));
});
