// What may happen to items, drafts and places: each function is one transaction.
// Refuses to free a picture without a receipt that names it, and to keep a record whose pictures are not there.

import type { IDBPTransaction } from 'idb';
import { announce } from './changes.ts';
import { PhoneFull, read, type Schema, write } from './database.ts';
import {
  type Draft,
  type Evidence,
  type Item,
  isFinished,
  KEPT_RECEIPTS,
  MOST_PICTURES,
  type Picture,
  type Place,
} from './records.ts';

/** Another tab changed the draft meanwhile: look at it again. Nothing was changed by this one. */
export class DraftChanged extends Error {
  override readonly name = 'DraftChanged';
}

export function allItems(): Promise<Item[]> {
  return read(['items'], (transaction) => transaction.objectStore('items').getAll());
}

export function allPlaces(): Promise<Place[]> {
  return read(['places'], (transaction) => transaction.objectStore('places').getAll());
}

export async function draftOf(assignment: string): Promise<Draft | null> {
  return (await read(['drafts'], (transaction) => transaction.objectStore('drafts').get(assignment))) ?? null;
}

export function allDrafts(): Promise<Draft[]> {
  return read(['drafts'], (transaction) => transaction.objectStore('drafts').getAll());
}

export async function thumb(key: string): Promise<Blob | null> {
  return (await read(['thumbs'], (transaction) => transaction.objectStore('thumbs').get(key))) ?? null;
}

/** The bytes of a picture, null when the phone has lost them. */
export async function pictureBytes(key: string): Promise<ArrayBuffer | null> {
  return (await read(['blobs'], (transaction) => transaction.objectStore('blobs').get(key))) ?? null;
}

export interface Kept {
  /** What the draft begins as when this is its first picture. */
  readonly fresh: Draft;
  readonly picture: Picture;
  readonly bytes: ArrayBuffer;
  readonly small: Blob;
  /** The place as the screen shows it, so that the draft has one even if the plan loses it at this moment. */
  readonly place: Place | null;
  /** The picture that this one was taken instead of; it goes now, and not before. */
  readonly instead: string | null;
}

/** Keeps a picture that was just taken, and the draft that names it. `change` is the rest of what the draft says now. */
export async function keepPicture(kept: Kept, change: (draft: Draft) => Draft): Promise<void> {
  const { fresh, picture, instead } = kept;
  await write(['drafts', 'blobs', 'thumbs', 'places'], async (transaction) => {
    const draft = (await transaction.objectStore('drafts').get(fresh.assignment)) ?? fresh;
    const replaced = draft.pictures.some((one) => one.key === instead);
    const pictures = replaced
      ? draft.pictures.map((one) => (one.key === instead ? picture : one))
      : [...draft.pictures, picture];
    if (pictures.length > MOST_PICTURES) throw new DraftChanged();
    if (replaced && instead !== null) {
      await transaction.objectStore('blobs').delete(instead);
      await transaction.objectStore('thumbs').delete(instead);
    }
    await transaction.objectStore('blobs').put(kept.bytes, picture.key);
    await transaction.objectStore('thumbs').put(kept.small, picture.key);
    await transaction.objectStore('drafts').put({ ...change(draft), pictures });
    const places = transaction.objectStore('places');
    if (kept.place !== null && (await places.getKey(kept.place.id)) === undefined)
      await places.put(kept.place);
  });
  await announce();
}

/** Changes what a person wrote beside the pictures; the pictures stay as they are stored. */
export async function changeDraft(
  assignment: string,
  words: Partial<Pick<Draft, 'note' | 'signedCount'>>,
): Promise<void> {
  await write(['drafts'], async (transaction) => {
    const drafts = transaction.objectStore('drafts');
    const draft = await drafts.get(assignment);
    if (draft !== undefined) await drafts.put({ ...draft, ...words });
  });
}

/** Takes a picture out of a draft that nobody has sent; the last one takes the draft along. */
export async function dropPicture(assignment: string, key: string): Promise<void> {
  await write(['drafts', 'blobs', 'thumbs'], async (transaction) => {
    const drafts = transaction.objectStore('drafts');
    const draft = await drafts.get(assignment);
    const pictures = draft?.pictures.filter((picture) => picture.key !== key) ?? [];
    if (draft !== undefined && pictures.length > 0) await drafts.put({ ...draft, pictures });
    else await drafts.delete(assignment);
    await transaction.objectStore('blobs').delete(key);
    await transaction.objectStore('thumbs').delete(key);
  });
  await announce();
}

/** The draft becomes an item of the outbox: record and pictures are there together, or nothing changes. */
export async function handIn(draft: Draft, item: Evidence): Promise<void> {
  await write(['drafts', 'items', 'blobs', 'thumbs'], async (transaction) => {
    // Handed in already, by a first tap or another tab; or another tab took one more picture.
    const now = await transaction.objectStore('drafts').get(draft.assignment);
    const keys = (one: Draft | undefined) => one?.pictures.map((picture) => picture.key).join();
    if (keys(now) !== keys(draft)) throw new DraftChanged();
    for (const picture of item.pictures) {
      const found = await transaction.objectStore('blobs').getKey(picture.key);
      if (found === undefined) throw new Error('a picture of the draft is not on the phone');
    }
    // The same picture twice goes once; nobody would ever free its second copy.
    const going = new Set(item.pictures.map((picture) => picture.key));
    for (const { key } of draft.pictures.filter((picture) => !going.has(picture.key))) {
      await transaction.objectStore('blobs').delete(key);
      await transaction.objectStore('thumbs').delete(key);
    }
    await transaction.objectStore('items').put(item);
    await transaction.objectStore('drafts').delete(draft.assignment);
  });
  await announce();
}

/** A proposed place, and the place itself as the phone shows it meanwhile. */
export async function propose(item: Item, place: Place): Promise<void> {
  await write(['items', 'places'], async (transaction) => {
    await transaction.objectStore('items').put(item);
    await transaction.objectStore('places').put(place);
  });
  await announce();
}

/** Changes an item as it stands now; null from `change` leaves it. */
export async function changeItem(id: string, change: (item: Item) => Item | null): Promise<void> {
  await write(['items'], async (transaction) => {
    const items = transaction.objectStore('items');
    const item = await items.get(id);
    const next = item === undefined ? null : change(item);
    if (next !== null) await items.put(next);
  });
  await announce();
}

export function changeEvidence(id: string, change: (item: Evidence) => Evidence): Promise<void> {
  return changeItem(id, (item) => (item.kind === 'evidence' ? change(item) : null));
}

/** The server's receipt is here: it is kept, and only now the pictures' bytes go. The small pictures stay. */
export async function settle(id: string, received: (item: Evidence) => Evidence): Promise<void> {
  try {
    await settleAtOnce(id, received);
  } catch (error) {
    if (!(error instanceof PhoneFull)) throw error;
    // Not even room for the receipt. The bytes go first: should the phone die now, the server gives the receipt again.
    await write(['items', 'blobs'], async (transaction) => {
      const item = await transaction.objectStore('items').get(id);
      if (item?.kind !== 'evidence') return;
      for (const picture of item.pictures) await transaction.objectStore('blobs').delete(picture.key);
    });
    await settleAtOnce(id, received);
  }
  await announce();
}

async function settleAtOnce(id: string, received: (item: Evidence) => Evidence): Promise<void> {
  await write(['items', 'blobs', 'thumbs'], async (transaction) => {
    const items = transaction.objectStore('items');
    const item = await items.get(id);
    if (item?.kind !== 'evidence') return;
    await items.put(received(item));
    for (const picture of item.pictures) await transaction.objectStore('blobs').delete(picture.key);
    const finished = (await items.getAll())
      .filter(isFinished)
      .sort((one, other) => other.createdAt - one.createdAt);
    for (const old of finished.slice(KEPT_RECEIPTS)) {
      await items.delete(old.id);
      if (old.kind !== 'evidence') continue;
      for (const picture of old.pictures) await transaction.objectStore('thumbs').delete(picture.key);
    }
  });
}

/** A person gave the item up, or a proposal was taken over by the server's list. */
export async function removeItem(id: string): Promise<void> {
  await write(['items', 'blobs', 'thumbs'], async (transaction) => {
    const item = await transaction.objectStore('items').get(id);
    await transaction.objectStore('items').delete(id);
    if (item?.kind !== 'evidence') return;
    for (const picture of item.pictures) {
      await transaction.objectStore('blobs').delete(picture.key);
      await transaction.objectStore('thumbs').delete(picture.key);
    }
  });
  await announce();
}

type Needing = IDBPTransaction<Schema, ('places' | 'items' | 'drafts' | 'meta')[], 'readwrite'>;

/** Places that something on the phone still belongs to: proposals the server has not heard of, and drafts. */
async function neededPlaces(transaction: Needing): Promise<Set<string>> {
  const items = await transaction.objectStore('items').getAll();
  const drafts = await transaction.objectStore('drafts').getAllKeys();
  return new Set([...items.filter((item) => item.kind === 'proposal').map((item) => item.id), ...drafts]);
}

/** The places as the server knows them; those that something on the phone belongs to stay. */
export async function replacePlaces(owner: string, places: readonly Place[], at: number): Promise<void> {
  await write(['places', 'items', 'drafts', 'meta'], async (transaction) => {
    const store = transaction.objectStore('places');
    const needed = await neededPlaces(transaction);
    const listed = new Set(places.map((place) => place.id));
    for (const old of await store.getAll()) {
      if (!listed.has(old.id) && !needed.has(old.id)) await store.delete(old.id);
    }
    for (const place of places) await store.put(place);
    await transaction.objectStore('meta').put({ owner, at }, 'syncedAt');
  });
  await announce();
}

/** Log-out: who one was and the list of places go; unsent evidence stays for its owner, with its place. */
export async function forgetPerson(): Promise<void> {
  await write(['places', 'items', 'drafts', 'meta'], async (transaction) => {
    const needed = await neededPlaces(transaction);
    const store = transaction.objectStore('places');
    for (const id of await store.getAllKeys()) if (!needed.has(id)) await store.delete(id);
    await transaction.objectStore('meta').delete('session');
    await transaction.objectStore('meta').delete('syncedAt');
  });
  await announce();
}
