// What the screens show, read from the store after every change.
// Refuses to be changed by a screen: screens call the outbox, and the outbox announces.

import { computed, signal } from '@preact/signals';
import * as v from 'valibot';
import { Campaign } from '../api/answers.ts';
import { readSession, session } from '../api/session.ts';
import { onChange } from '../outbox/changes.ts';
import { meta, setMeta } from '../outbox/database.ts';
import {
  type Draft,
  type Evidence,
  FIRST_SETTINGS,
  type Item,
  type Place,
  type Settings,
} from '../outbox/records.ts';
import { allDrafts, allItems, allPlaces } from '../outbox/store.ts';

export const settings = signal<Settings>(FIRST_SETTINGS);
export const items = signal<readonly Item[]>([]);
export const places = signal<readonly Place[]>([]);
export const drafts = signal<readonly Draft[]>([]);
export const campaign = signal<Campaign | null>(null);
/** When the places were last heard of; null for never. */
export const syncedAt = signal<number | null>(null);
/** The clock of the screens, moved by a timer so that "5 minutes ago" stays true. */
export const now = signal(Date.now());

export const owner = computed(() => session.value?.user.id ?? null);
export const mine = computed(() => items.value.filter((item) => item.owner === owner.value));
export const evidence = computed(() =>
  mine.value.filter((item): item is Evidence => item.kind === 'evidence'),
);
/** Pictures that the server has given no receipt for. */
export const unsentPictures = computed(() => countUnsent(evidence.value));

/** An item without a receipt counts for at least one, even when every byte of it has arrived. */
export function countUnsent(all: readonly Evidence[]): number {
  return all
    .filter((item) => item.stage === 'waiting')
    .reduce((sum, item) => sum + Math.max(1, item.pictures.filter((picture) => !picture.stored).length), 0);
}

export async function readStore(): Promise<void> {
  const [allOfItems, allOfPlaces, allOfDrafts, synced] = await Promise.all([
    allItems(),
    allPlaces(),
    allDrafts(),
    meta('syncedAt'),
  ]);
  items.value = allOfItems.sort((one, other) => other.createdAt - one.createdAt);
  places.value = allOfPlaces.filter((place) => place.owner === owner.value);
  drafts.value = allOfDrafts.filter((draft) => draft.owner === owner.value);
  syncedAt.value = synced !== null && synced.owner === owner.value ? synced.at : null;
}

export async function readEverything(): Promise<void> {
  await readSession();
  const [kept, known] = await Promise.all([meta('settings'), meta('campaign')]);
  if (kept !== null) settings.value = { ...FIRST_SETTINGS, ...kept };
  const read = v.safeParse(Campaign, known);
  if (read.success) campaign.value = read.output;
  await readStore();
  onChange(async () => {
    await readSession();
    await readStore();
  });
}

export async function changeSettings(change: Partial<Settings>): Promise<void> {
  settings.value = { ...settings.value, ...change };
  await setMeta('settings', settings.value);
}
