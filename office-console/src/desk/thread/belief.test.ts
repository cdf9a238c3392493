// Whose message is believed, and where an answer goes.

import { expect, test } from '@playwright/test';
import type { Channel } from '../api/wire.ts';
import { RECOVERY, type Said } from '../worker/messages.ts';
import { answerable, beliefs, type Entry, inOrder } from './belief.ts';

function entry(id: string, day: string, said: Partial<Said> | null, channel: Channel = 'web'): Entry {
  const whole: Said = {
    text: id,
    category: null,
    commune: null,
    writtenOn: day,
    verifyKey: 'person',
    replyKey: `reply of ${said?.verifyKey ?? 'person'}`,
    isSigned: true,
    isInformants: true,
    openedWith: 'own',
    pictures: [],
    ...said,
  };
  return {
    tip: {
      id,
      thread: 'm',
      received_on: day,
      state: 'new',
      size: 'text',
      channel,
      category: null,
      replies: 0,
      next_answer: 1,
      purge_on: '2027-01-01',
    },
    opened: said === null ? { failure: 'not_for_us' } : whole,
    error: null,
  };
}

const OFFICERS = [{ verify_key: 'officer', name: 'Cán bộ Thử' }];
const kinds = (entries: readonly Entry[]) =>
  Object.fromEntries([...beliefs(entries, OFFICERS)].map(([id, belief]) => [id, belief.kind]));

test('every message proves itself: under the keys that name the mailbox it is the informants, else a strangers', () => {
  const entries = [
    entry('c', '2026-10-04', { verifyKey: 'stranger', isInformants: false }),
    entry('b', '2026-10-06', {}),
    entry('d', '2026-10-08', { isSigned: false, isInformants: false }),
    entry('a', '2026-10-05', {}),
  ];
  expect(kinds(entries)).toEqual({ a: 'informant', b: 'informant', c: 'stranger', d: 'stranger' });
  expect(answerable(entries, beliefs(entries, OFFICERS))).toEqual({
    tip: 'b',
    number: 1,
    replyKey: 'reply of person',
    signer: 'own',
  });
});

test('a mailbox with strangers alone is never answered', () => {
  const entries = [entry('a', '2026-10-05', { verifyKey: 'stranger', isInformants: false })];
  expect(kinds(entries)).toEqual({ a: 'stranger' });
  expect(answerable(entries, beliefs(entries, OFFICERS))).toEqual({ not: 'not_believed' });
});

test('a message that opens is believed and answered whatever else of its thread does not open', () => {
  const entries = [entry('a', '2026-10-05', null), entry('b', '2026-10-06', {})];
  expect(kinds(entries)).toEqual({ b: 'informant' });
  expect(answerable(entries, beliefs(entries, OFFICERS))).toMatchObject({ tip: 'b', signer: 'own' });
});

test('an answer bears the number behind the highest of the thread', () => {
  const [one, two] = [entry('a', '2026-10-05', {}), entry('b', '2026-10-06', {})];
  const later = { ...two, tip: { ...two.tip, next_answer: 4 } };
  expect(answerable([one, later], beliefs([one, later], OFFICERS))).toMatchObject({ number: 4 });
});

test('copies of one day stand in the order of their numbers, behind what was told', () => {
  const note = (id: string, text: string) => entry(id, '2026-10-05', { text }, 'desk_note');
  const entries = [
    note('c', '[Trả lời số 10, lúc 08:00]'),
    note('b', '[Trả lời số 9, lúc 09:00]'),
    entry('a', '2026-10-05', {}),
  ];
  expect(inOrder(entries).map((each) => each.tip.id)).toEqual(['a', 'b', 'c']);
});

test('a note is the desks only under an officers key', () => {
  const entries = [
    entry('a', '2026-10-05', {}),
    entry('n', '2026-10-05', { verifyKey: 'officer' }, 'desk_note'),
    entry('f', '2026-10-05', { verifyKey: 'person' }, 'desk_note'),
    entry('u', '2026-10-05', { verifyKey: 'officer', isSigned: false }, 'desk_note'),
  ];
  expect(kinds(entries)).toEqual({ a: 'informant', n: 'note', f: 'false_note', u: 'false_note' });
});

test('what only the recovery key opened cannot be answered: the persons client trusts no key of today', () => {
  const old = entry('a', '2026-10-05', { openedWith: RECOVERY });
  expect(answerable([old], beliefs([old], OFFICERS))).toEqual({ not: 'recovery_only' });
  const both = [old, entry('b', '2026-10-06', {})];
  expect(answerable(both, beliefs(both, OFFICERS))).toMatchObject({ tip: 'b', signer: 'own' });
  expect(answerable([entry('x', '2026-10-05', null)], new Map())).toEqual({ not: 'nothing_open' });
});
