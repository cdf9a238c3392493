// Whose message is believed, and where an answer goes.

import { expect, test } from '@playwright/test';
import type { Channel } from '../api/wire.ts';
import { RECOVERY, type Said } from '../worker/messages.ts';
import { answerable, beliefs, type Entry } from './belief.ts';

function entry(id: string, day: string, said: Partial<Said> | null, channel: Channel = 'web'): Entry {
  const whole: Said = {
    text: id,
    category: null,
    commune: null,
    writtenOn: day,
    verifyKey: 'person',
    replyKey: `reply of ${said?.verifyKey ?? 'person'}`,
    isSigned: true,
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
      purge_on: '2027-01-01',
    },
    opened: said === null ? { failure: 'not_for_us' } : whole,
    error: null,
  };
}

const OFFICERS = [{ verify_key: 'officer', name: 'Cán bộ Thử' }];
const kinds = (entries: readonly Entry[]) =>
  Object.fromEntries([...beliefs(entries, OFFICERS)].map(([id, belief]) => [id, belief.kind]));

test('a later message is the first persons only under the first ones key', () => {
  const entries = [
    entry('c', '2026-10-07', { verifyKey: 'stranger' }),
    entry('b', '2026-10-06', {}),
    entry('d', '2026-10-08', { isSigned: false }),
    entry('a', '2026-10-05', {}),
  ];
  expect(kinds(entries)).toEqual({ a: 'first', b: 'same', c: 'other', d: 'unsigned' });
  expect(answerable(entries, beliefs(entries, OFFICERS))).toEqual({
    tip: 'a',
    replyKey: 'reply of person',
    signer: 'own',
  });
});

test('two keys on the first day leave nobody believed and nobody answered', () => {
  const entries = [entry('a', '2026-10-05', {}), entry('b', '2026-10-05', { verifyKey: 'stranger' })];
  expect(kinds(entries)).toEqual({ a: 'two_firsts', b: 'two_firsts' });
  expect(answerable(entries, beliefs(entries, OFFICERS))).toEqual({ not: 'not_believed' });
});

test('an unsigned message on the first day does not make itself the first', () => {
  const entries = [
    entry('a', '2026-10-05', { verifyKey: 'stranger', isSigned: false }),
    entry('b', '2026-10-05', {}),
  ];
  expect(kinds(entries)).toEqual({ a: 'unsigned', b: 'first' });
});

test('without the first message later ones are shown, and said to be unproven', () => {
  const entries = [entry('a', '2026-10-05', null), entry('b', '2026-10-06', {})];
  expect(kinds(entries)).toEqual({ b: 'unknown_first' });
  expect(answerable(entries, beliefs(entries, OFFICERS))).toMatchObject({ tip: 'b', signer: 'own' });
});

test('a note is the desks only under an officers key', () => {
  const entries = [
    entry('a', '2026-10-05', {}),
    entry('n', '2026-10-05', { verifyKey: 'officer' }, 'desk_note'),
    entry('f', '2026-10-05', { verifyKey: 'person' }, 'desk_note'),
    entry('u', '2026-10-05', { verifyKey: 'officer', isSigned: false }, 'desk_note'),
  ];
  expect(kinds(entries)).toEqual({ a: 'first', n: 'note', f: 'false_note', u: 'false_note' });
});

test('what only the recovery key opened cannot be answered: the persons client trusts no key of today', () => {
  const old = entry('a', '2026-10-05', { openedWith: RECOVERY });
  expect(answerable([old], beliefs([old], OFFICERS))).toEqual({ not: 'recovery_only' });
  const both = [old, entry('b', '2026-10-06', {})];
  expect(answerable(both, beliefs(both, OFFICERS))).toMatchObject({ tip: 'a', signer: 'own' });
  expect(answerable([entry('x', '2026-10-05', null)], new Map())).toEqual({ not: 'nothing_open' });
});
