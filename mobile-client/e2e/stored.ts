// Looks into and changes what a phone keeps, as a full memory, a cleaner app or a long winter would.
// Refuses to be used for what a person can do on the screen, except to fill an outbox with many pictures quickly.

import type { Page } from '@playwright/test';
import type { Item } from '../src/outbox/records.ts';

/** Puts `count` submissions with `pictures` random JPEGs each into the outbox. Returns the sum of the pictures' bytes. */
export function fillOutbox(
  page: Page,
  assignments: readonly string[],
  pictures: number,
  edge: number,
): Promise<number> {
  return page.evaluate(
    async ({ assignments, pictures, edge }) => {
      const open = indexedDB.open('minhchung');
      const database = await new Promise<IDBDatabase>((done, failed) => {
        open.onsuccess = () => done(open.result);
        open.onerror = () => failed(new Error(String(open.error)));
      });
      const get = <T>(request: IDBRequest<T>) =>
        new Promise<T>((done, failed) => {
          request.onsuccess = () => done(request.result);
          request.onerror = () => failed(new Error(String(request.error)));
        });
      const session = (await get(database.transaction('meta').objectStore('meta').get('session'))) as {
        user: { id: string };
      };
      const hex = (bytes: ArrayBuffer) =>
        [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      const noise = async () => {
        const canvas = new OffscreenCanvas(edge, edge);
        const context = canvas.getContext('2d');
        const image = new ImageData(edge, edge);
        for (let at = 0; at < image.data.length; at += 65_536)
          crypto.getRandomValues(image.data.subarray(at, at + 65_536));
        for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
        context?.putImageData(image, 0, 0);
        return (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 })).arrayBuffer();
      };
      let total = 0;
      let created = Date.now() - assignments.length * 1000;
      for (const assignment of assignments) {
        const taken = [];
        for (let index = 0; index < pictures; index += 1) {
          const bytes = await noise();
          total += bytes.byteLength;
          const sha256 = hex(await crypto.subtle.digest('SHA-256', bytes));
          taken.push({
            bytes,
            picture: {
              key: crypto.randomUUID(),
              sha256,
              bytes: bytes.byteLength,
              type: 'image/jpeg',
              width: edge,
              height: edge,
            },
          });
        }
        created += 1000;
        const id = crypto.randomUUID();
        const transaction = database.transaction(['items', 'blobs'], 'readwrite');
        for (const { bytes, picture } of taken) transaction.objectStore('blobs').put(bytes, picture.key);
        transaction.objectStore('items').put({
          kind: 'evidence',
          id: `${id.slice(0, 14)}7${id.slice(15)}`,
          owner: session.user.id,
          title: { place: assignment, village: 'Thôn Thử', cell: 'banner.2' },
          assignment,
          createdAt: created,
          capturedAt: new Date(created).toISOString(),
          fix: null,
          note: null,
          signedCount: null,
          pictures: taken.map(({ picture }) => ({ ...picture, stored: false, uploadUrl: null, lost: false })),
          stage: 'waiting',
          attempts: 0,
          nextAt: 0,
          asked: false,
          refusal: null,
          reported: false,
          receipt: null,
          receivedAt: null,
          verdict: null,
        });
        await new Promise<void>((done) => {
          transaction.oncomplete = () => done();
        });
      }
      database.close();
      new BroadcastChannel('outbox').postMessage('changed');
      return total;
    },
    { assignments, pictures, edge },
  );
}

/** Every item as it lies in the store. */
export function storedItems(page: Page): Promise<Item[]> {
  return inStore(page, 'items', 'getAll', []) as Promise<Item[]>;
}

/** One call on one store: `get`, `getAll`, `getAllKeys`, `put`, `delete`. */
export function inStore(
  page: Page,
  store: string,
  call: string,
  given: readonly unknown[],
): Promise<unknown> {
  return page.evaluate(
    async ({ store, call, given }) => {
      const open = indexedDB.open('minhchung');
      const database = await new Promise<IDBDatabase>((done) => {
        open.onsuccess = () => done(open.result);
      });
      const transaction = database.transaction([store], 'readwrite');
      const target = transaction.objectStore(store) as unknown as Record<
        string,
        (...given: unknown[]) => IDBRequest<unknown>
      >;
      const request = target[call]?.(...given);
      await new Promise<void>((done, failed) => {
        transaction.oncomplete = () => done();
        transaction.onerror = () => failed(new Error(String(transaction.error)));
      });
      database.close();
      new BroadcastChannel('outbox').postMessage('changed');
      return request?.result;
    },
    { store, call, given },
  );
}

/** Replaces the bytes of a stored picture. */
export function replaceBytes(page: Page, key: string, bytes: Uint8Array): Promise<void> {
  return page.evaluate(
    async ({ key, text }) => {
      const open = indexedDB.open('minhchung');
      const database = await new Promise<IDBDatabase>((done) => {
        open.onsuccess = () => done(open.result);
      });
      const transaction = database.transaction(['blobs'], 'readwrite');
      transaction
        .objectStore('blobs')
        .put(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer, key);
      await new Promise<void>((done) => {
        transaction.oncomplete = () => done();
      });
      database.close();
    },
    { key, text: Buffer.from(bytes).toString('base64') },
  );
}

/** The network is there again, says the system. */
export function sayOnline(page: Page): Promise<boolean> {
  return page.evaluate(() => window.dispatchEvent(new Event('online')));
}
