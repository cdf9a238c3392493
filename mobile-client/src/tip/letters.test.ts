// Whatever order and number of copies a server hands out, the answers stand by their signed numbers, and gaps are named.

import type { OpenedReply } from '@minhchung/web-shared/tip/reply.ts';
import { expect, test } from '@playwright/test';
import { inOrder } from './letters.ts';

const reply = (number: number, day = `2026-10-0${number}`, text = `Thư ${number}`): OpenedReply => ({
  number,
  writtenOn: day,
  text,
  seal: `${number} ${day} ${text}`,
});
const numbers = (opened: readonly OpenedReply[]) => inOrder(opened).shown.map((letter) => letter.number);

test('answers stand in the order of their numbers, and a repeat once', () => {
  const [one, two, three] = [reply(1), reply(2), reply(3)];
  expect(numbers([three, one, two, one, three, three])).toEqual([1, 2, 3]);
  expect(inOrder([two, one]).remarks).toEqual([]);
  expect(inOrder([])).toEqual({ shown: [], remarks: [] });
});

test('what is missing between two, and before all of them, is named', () => {
  expect(inOrder([reply(1), reply(4)]).remarks).toEqual([{ is: 'missing', from: 2, to: 3 }]);
  expect(inOrder([reply(3), reply(4)]).remarks).toEqual([{ is: 'older', from: 1, to: 2 }]);
});

test('two different answers under one number are both shown and named, and so are days that run backwards', () => {
  const twice = inOrder([reply(1), reply(1, '2026-10-01', 'Thư khác')]);
  expect(twice.shown).toHaveLength(2);
  expect(twice.remarks).toEqual([{ is: 'twice', from: 1, to: 1 }]);
  expect(inOrder([reply(1, '2026-10-05'), reply(2, '2026-10-04')]).remarks).toEqual([{ is: 'days' }]);
});
