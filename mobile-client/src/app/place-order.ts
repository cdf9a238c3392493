// How a place stands for the person who has to do something about it, and what comes first.
// Refuses to call anything sent that the server has not got whole.

import { civilDay, daysBetween } from '@minhchung/web-shared/format/format.ts';
import type { Evidence, Place } from '../outbox/records.ts';

export type Standing =
  | 'overdue'
  | 'returned'
  | 'refused'
  | 'soon'
  | 'open'
  | 'proposed'
  | 'saved'
  | 'part'
  | 'sent'
  | 'verified'
  | 'cancelled';

/** What has to be done first comes first. */
const ORDER: readonly Standing[] = [
  'overdue',
  'returned',
  'refused',
  'soon',
  'open',
  'proposed',
  'part',
  'saved',
  'sent',
  'verified',
  'cancelled',
];
const SOON_DAYS = 7;

/** `items` are the phone's own for this place, newest first. */
export function standing(place: Place, items: readonly Evidence[], now: number): Standing {
  const newest = items[0];
  if (place.state === 'verified' || place.state === 'cancelled') return place.state;
  if (newest !== undefined) {
    if (newest.stage === 'waiting')
      return newest.reported && newest.pictures.some((picture) => picture.stored) ? 'part' : 'saved';
    if (newest.stage === 'ghost' || newest.stage === 'refused') return 'refused';
    // Received since the list was last heard of: what came back was an earlier one.
    if (newest.stage === 'received') return 'sent';
  }
  switch (place.state) {
    case 'pending':
      return 'sent';
    case 'arriving':
      return 'part';
    case 'returned':
      return place.overdue ? 'overdue' : 'returned';
    case 'proposed':
      return 'proposed';
    case 'open': {
      const left = daysBetween(civilDay(now), place.due);
      // The phone may have been offline when the day ended.
      return place.overdue || left < 0 ? 'overdue' : left <= SOON_DAYS ? 'soon' : 'open';
    }
  }
}

/** It came back, and nothing was taken since. */
export function isReturned(place: Place, how: Standing): boolean {
  return place.state === 'returned' && needsPicture(how);
}

export function needsPicture(how: Standing): boolean {
  return ORDER.indexOf(how) <= ORDER.indexOf('proposed');
}

export interface Listed {
  readonly place: Place;
  readonly how: Standing;
}

export function inOrder(places: readonly Place[], items: readonly Evidence[], now: number): Listed[] {
  const byPlace = new Map<string, Evidence[]>();
  for (const item of items) byPlace.set(item.assignment, [...(byPlace.get(item.assignment) ?? []), item]);
  return places
    .map((place) => ({ place, how: standing(place, byPlace.get(place.id) ?? [], now) }))
    .sort(
      (one, other) =>
        ORDER.indexOf(one.how) - ORDER.indexOf(other.how) ||
        one.place.due.localeCompare(other.place.due) ||
        one.place.title.place.localeCompare(other.place.title.place, 'vi'),
    );
}
