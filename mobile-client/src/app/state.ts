// What the screens show, read from the store after every change.
// Refuses to be changed by a screen: screens call the outbox, and the outbox announces.

import { computed, signal } from '@preact/signals';
import * as v from 'valibot';
import { Campaign } from '../api/answers.ts';
import { readSession, session } from '../api/session.ts';
import { announce, onChange } from '../outbox/changes.ts';
import { changeMeta, meta } from '../outbox/database.ts';
import {
  type Draft,
  type Evidence,
  FIRST_SETTINGS,
  type Item,
  type Place,
  type Settings,
} from '../outbox/records.ts';
import { allDrafts, allItems, allPlaces } from '../outbox/store.ts';
import { dictionary } from '../text/dictionary.ts';

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
/** Items that a person has to decide about: refused, or lost. */
export const stuck = computed(
  () => mine.value.filter((item) => item.stage === 'refused' || item.stage === 'ghost').length,
);
/** Pictures that the server has given no receipt for. */
export const unsentPictures = computed(() => countUnsent(evidence.value));

/** Pictures that were taken and wait for a person to hand them in. */
export const draftPictures = computed(() =>
  drafts.value.reduce((sum, draft) => sum + draft.pictures.length, 0),
);

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
  await readSettings();
  const known = await meta('campaign');
  const read = v.safeParse(Campaign, known);
  if (read.success) campaign.value = read.output;
  await readStore();
  onChange(async () => {
    await readSession();
    await readSettings();
    await readStore();
  });
}

async function readSettings(): Promise<void> {
  const kept = await meta('settings');
  if (kept === null) return;
  settings.value = { ...FIRST_SETTINGS, ...kept };
  const { language } = settings.value;
  if (language === dictionary.language.value) return;
  // Without its file, which a cleaner app may have taken, Vietnamese is better than no screen.
  await dictionary.change(language).catch((error: unknown) => console.error(error));
}

/** Shown once it is on the disk: a lock that a restart forgets is none. */
export async function changeSettings(change: Partial<Settings>): Promise<void> {
  settings.value = await changeMeta('settings', (kept) => ({ ...FIRST_SETTINGS, ...kept, ...change }));
  await announce();
}
