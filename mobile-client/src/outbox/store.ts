// What may happen to items, drafts and places: each function is one transaction.
// Refuses to free a picture without a receipt that names it, and to keep a record whose pictures are not there.

import { announce } from './changes.ts';
import { read, write } from './database.ts';
import {
  type Draft,
  type Evidence,
  type Item,
  isFinished,
  KEPT_RECEIPTS,
  type Picture,
  type Place,
} from './records.ts';

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

/** Keeps a picture that was just taken, and the draft that names it. */
export async function keepPicture(
  draft: Draft,
  picture: Picture,
  bytes: ArrayBuffer,
  small: Blob,
): Promise<Draft> {
  const next: Draft = { ...draft, pictures: [...draft.pictures, picture] };
  await write(['drafts', 'blobs', 'thumbs'], async (transaction) => {
    await transaction.objectStore('blobs').put(bytes, picture.key);
    await transaction.objectStore('thumbs').put(small, picture.key);
    await transaction.objectStore('drafts').put(next);
  });
  await announce();
  return next;
}

export async function changeDraft(draft: Draft): Promise<void> {
  await write(['drafts'], async (transaction) => {
    await transaction.objectStore('drafts').put(draft);
  });
}

/** Takes a picture out of a draft that nobody has sent. */
export async function dropPicture(draft: Draft, key: string): Promise<Draft> {
  const next: Draft = { ...draft, pictures: draft.pictures.filter((picture) => picture.key !== key) };
  await write(['drafts', 'blobs', 'thumbs'], async (transaction) => {
    await transaction.objectStore('blobs').delete(key);
    await transaction.objectStore('thumbs').delete(key);
    await (next.pictures.length === 0
      ? transaction.objectStore('drafts').delete(draft.assignment)
      : transaction.objectStore('drafts').put(next));
  });
  await announce();
  return next;
}

/** The draft becomes an item of the outbox: record and pictures are there together, or nothing changes. */
export async function handIn(draft: Draft, item: Evidence): Promise<void> {
  await write(['drafts', 'items', 'blobs'], async (transaction) => {
    // Handed in already, by a first tap whose answer took too long.
    if ((await transaction.objectStore('drafts').getKey(draft.assignment)) === undefined)
      throw new Error('no draft');
    for (const picture of item.pictures) {
      const found = await transaction.objectStore('blobs').getKey(picture.key);
      if (found === undefined) throw new Error('a picture of the draft is not on the phone');
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
  await announce();
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

/** The places as the server knows them; proposals that it has not heard of stay. */
export async function replacePlaces(owner: string, places: readonly Place[], at: number): Promise<void> {
  await write(['places', 'items', 'meta'], async (transaction) => {
    const store = transaction.objectStore('places');
    const items = await transaction.objectStore('items').getAll();
    const unheard = new Set(items.filter((item) => item.kind === 'proposal').map((item) => item.id));
    const listed = new Set(places.map((place) => place.id));
    for (const old of await store.getAll()) {
      if (!listed.has(old.id) && !unheard.has(old.id)) await store.delete(old.id);
    }
    for (const place of places) await store.put(place);
    await transaction.objectStore('meta').put({ owner, at }, 'syncedAt');
  });
  await announce();
}

/** Log-out: who one was and the list of places go; unsent evidence stays for its owner. */
export async function forgetPerson(): Promise<void> {
  await write(['places', 'meta'], async (transaction) => {
    await transaction.objectStore('places').clear();
    await transaction.objectStore('meta').delete('session');
    await transaction.objectStore('meta').delete('syncedAt');
  });
  await announce();
}
