// The phone's store: numbered upgrades, strict durability, blobs apart from what describes them.
// Refuses to say "saved" before the disk has it, and to swallow a full phone.

import { signal } from '@preact/signals';
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb';
import type { Draft, Item, Place, ReceiptKey, Session, Settings } from './records.ts';

export interface Meta {
  session: Session;
  settings: Settings;
  /** When the places were last heard of, by account; milliseconds. */
  syncedAt: { owner: string; at: number };
  /** The campaign as it was last heard. */
  campaign: unknown;
  /** Every key of receipts that the server ever named; none is forgotten or replaced. */
  receiptKeys: readonly ReceiptKey[];
  /** Made once per phone: the same code sent twice is the same phone. */
  device: string;
}

export interface Schema extends DBSchema {
  items: { key: string; value: Item; indexes: { assignment: string } };
  blobs: { key: string; value: ArrayBuffer };
  thumbs: { key: string; value: Blob };
  drafts: { key: string; value: Draft };
  places: { key: string; value: Place };
  meta: { key: string; value: unknown };
}

type Store = StoreNames<Schema>;
type Database = IDBPDatabase<Schema>;

/** Each brings the store from its number to the next; none is ever changed once it was released. */
const UPGRADES: readonly ((database: Database) => void)[] = [
  (database) => {
    database.createObjectStore('items', { keyPath: 'id' }).createIndex('assignment', 'assignment');
    database.createObjectStore('blobs');
    database.createObjectStore('thumbs');
    database.createObjectStore('drafts', { keyPath: 'assignment' });
    database.createObjectStore('places', { keyPath: 'id' });
    database.createObjectStore('meta');
  },
];

const NAME = 'minhchung';
let opened: Promise<Database> | null = null;

/** A full disk can make the browser wait without ever answering. */
const LONGEST_WRITE_MS = 30_000;

/** The disk said nothing for so long that nobody should believe it has anything. */
export class StoreSilent extends Error {
  override readonly name = 'StoreSilent';
}

/** No room is left on the phone. Nothing of the transaction was kept. */
export class PhoneFull extends Error {
  override readonly name = 'PhoneFull';
}

/** The last write found no room. */
export const isFull = signal(false);

function database(): Promise<Database> {
  opened ??= open().catch((error: unknown) => {
    // What hindered it may pass; the next who needs the store tries again.
    opened = null;
    throw error;
  });
  return opened;
}

function open(): Promise<Database> {
  return openDB<Schema>(NAME, UPGRADES.length, {
    upgrade(database, from) {
      for (const upgrade of UPGRADES.slice(from)) upgrade(database);
    },
    // A newer page in another tab wants to upgrade; this one opens again when it next needs it.
    blocking(_from, _to, event) {
      (event.target as IDBDatabase).close();
      opened = null;
    },
    terminated() {
      opened = null;
    },
  });
}

export async function read<T, Names extends Store[]>(
  stores: Names,
  work: (transaction: IDBPTransaction<Schema, Names>) => Promise<T>,
): Promise<T> {
  const transaction = (await database()).transaction(stores, 'readonly');
  const [result] = await Promise.all([work(transaction), transaction.done]);
  return result;
}

/** Runs `work` in one transaction. Resolves when the disk has all of it; rejects when none of it was kept. */
export async function write<T, Names extends Store[]>(
  stores: Names,
  work: (transaction: IDBPTransaction<Schema, Names, 'readwrite'>) => Promise<T>,
): Promise<T> {
  const transaction = (await database()).transaction(stores, 'readwrite', { durability: 'strict' });
  const working = work(transaction).catch((error: unknown) => {
    try {
      transaction.abort();
    } catch {
      // It was aborted already, by the error itself.
    }
    throw error;
  });
  try {
    const [result] = await beforeDeadline(Promise.all([working, transaction.done]));
    isFull.value = false;
    return result;
  } catch (error) {
    if (error instanceof StoreSilent) throw error;
    await Promise.allSettled([working, transaction.done]);
    const cause = transaction.error ?? error;
    if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
      isFull.value = true;
      throw new PhoneFull();
    }
    throw error;
  }
}

function beforeDeadline<T>(work: Promise<T>): Promise<T> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new StoreSilent()), LONGEST_WRITE_MS);
    work.then(done, failed).finally(() => clearTimeout(timer));
  });
}

export async function meta<K extends keyof Meta>(key: K): Promise<Meta[K] | null> {
  const found = await (await database()).get('meta', key);
  return (found as Meta[K] | undefined) ?? null;
}

/** Changes what is kept under `key` as it stands now, so that two tabs do not undo each other. */
export function changeMeta<K extends keyof Meta>(
  key: K,
  change: (before: Meta[K] | null) => Meta[K],
): Promise<Meta[K]> {
  return write(['meta'], async (transaction) => {
    const store = transaction.objectStore('meta');
    const next = change(((await store.get(key)) as Meta[K] | undefined) ?? null);
    await store.put(next, key);
    return next;
  });
}

export function setMeta<K extends keyof Meta>(key: K, value: Meta[K]): Promise<void> {
  return write(['meta'], async (transaction) => {
    await transaction.objectStore('meta').put(value, key);
  });
}
