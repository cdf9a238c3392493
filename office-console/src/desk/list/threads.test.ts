// Boxes become threads: what stands for one, and that none is counted twice.

import { expect, test } from '@playwright/test';
import type { Tip } from '../api/wire.ts';
import { threadsOf } from './threads.ts';

const tip = (id: string, thread: string, changes: Partial<Tip> = {}): Tip => ({
  id,
  thread,
  received_on: '2026-10-05',
  state: 'open',
  size: 'text',
  channel: 'web',
  category: null,
  replies: 0,
  next_answer: 1,
  purge_on: '2027-10-05',
  ...changes,
});

test('the boxes of a mailbox are one thread, where its newest box stood', () => {
  const threads = threadsOf([
    tip('1', 'a', { received_on: '2026-10-07', size: 'one_picture' }),
    tip('2', 'b', { received_on: '2026-10-06' }),
    tip('3', 'a', { channel: 'desk_note', category: 'selling', replies: 2, purge_on: '2027-01-01' }),
    tip('3', 'a'),
  ]);
  expect(threads.map((thread) => [thread.mailbox, thread.tips.length])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
  expect(threads[0]).toMatchObject({
    newest: '2026-10-07',
    size: 'one_picture',
    category: 'selling',
    replies: 2,
    purgeOn: '2027-01-01',
    channels: ['web', 'desk_note'],
  });
});

test('a new message stands for its thread, whatever the others are, and a note of the desk does not', () => {
  const [thread] = threadsOf([
    tip('1', 'a', { state: 'closed' }),
    tip('2', 'a', { state: 'new' }),
    tip('3', 'a', { state: 'spam' }),
  ]);
  expect(thread?.state).toBe('new');
  const [answered] = threadsOf([tip('1', 'a', { state: 'new', channel: 'desk_note' }), tip('2', 'a')]);
  expect(answered?.state).toBe('open');
});
