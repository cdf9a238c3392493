// What comes first, and addresses.
import { expect, test } from '@playwright/test';
import type { Evidence, Place } from '../outbox/records.ts';
import { inOrder, isReturned, needsPicture, standing } from './place-order.ts';
import { addressOf, enrolmentCode, screenOf } from './router.ts';

const NOW = Date.parse('2026-03-05T23:30:00+07:00');
const place = (changes: Partial<Place>): Place => ({
  id: 'a',
  owner: 'o',
  title: { place: 'Cổng', village: 'Thôn', cell: 'banner.2' },
  commune: '02647',
  due: '2026-06-30',
  state: 'open',
  overdue: false,
  lastReason: null,
  lastComment: null,
  expectedSigners: null,
  note: null,
  location: null,
  ...changes,
});
const item = (stage: Evidence['stage'], changes: Partial<Evidence> = {}) =>
  ({
    kind: 'evidence',
    assignment: 'a',
    stage,
    reported: false,
    pictures: [],
    ...changes,
  }) as unknown as Evidence;

test('the order is: overdue, returned, due soon, the rest, done', () => {
  const places = [
    place({ id: '1', state: 'verified' }),
    place({ id: '2' }),
    place({ id: '3', due: '2026-03-09' }),
    place({ id: '4', state: 'returned' }),
    place({ id: '5', due: '2026-03-01', overdue: true }),
    place({ id: '6', state: 'pending' }),
  ];
  expect(inOrder(places, [], NOW).map(({ place, how }) => `${place.id} ${how}`)).toEqual([
    '5 overdue',
    '4 returned',
    '3 soon',
    '2 open',
    '6 sent',
    '1 verified',
  ]);
});

test('a day ends in Việt Nam, also when the phone has been offline since', () => {
  expect(standing(place({ due: '2026-03-05' }), [], NOW)).toBe('soon');
  expect(standing(place({ due: '2026-03-05' }), [], NOW + 3_600_000)).toBe('overdue');
});

test('what lies on the phone is never called sent', () => {
  const waiting = item('waiting');
  expect(standing(place({}), [waiting], NOW)).toBe('saved');
  const half = item('waiting', {
    reported: true,
    pictures: [{ stored: true }, { stored: false }] as unknown as Evidence['pictures'],
  });
  expect(standing(place({}), [half], NOW)).toBe('part');
  expect(standing(place({}), [item('received')], NOW)).toBe('sent');
  expect(standing(place({ state: 'returned' }), [item('returned')], NOW)).toBe('returned');
  expect(standing(place({}), [item('ghost')], NOW)).toBe('refused');
});

test('what was taken again is not asked for a third time', () => {
  for (const stage of ['waiting', 'received'] as const) {
    const again = place({ state: 'returned', lastReason: 'unreadable' });
    const how = standing(again, [item(stage), item('returned')], NOW);
    expect(needsPicture(how), stage).toBe(false);
    expect(isReturned(again, how), stage).toBe(false);
  }
});

test('every screen has an address that leads back to it', () => {
  for (const screen of [
    { at: 'places' },
    { at: 'camera', id: 'x' },
    { at: 'camera', id: 'x', instead: 'k' },
    { at: 'item', id: 'y' },
    { at: 'help' },
  ] as const) {
    expect(screenOf(addressOf(screen))).toEqual(screen);
  }
  expect(screenOf('#/khong-co')).toEqual({ at: 'places' });
  expect(screenOf('#/noi/')).toEqual({ at: 'places' });
});

test('the code is read out of the link, with or without blanks', () => {
  expect(enrolmentCode('https://minhchung.example/#enrol=022218729836')).toBe('022218729836');
  expect(enrolmentCode('#enrol=0222 1872 9836')).toBe('022218729836');
  expect(enrolmentCode('#/noi/abc')).toBeNull();
});
