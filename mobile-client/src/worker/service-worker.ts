// Keeps exactly the files of one build, so that the app opens without a network and never mixes two versions.
// Refuses to touch the API, and to take over while the page has not said that the outbox is quiet.

import { sendWithoutPage } from './without-page.ts';

declare const self: ServiceWorkerGlobalScope;

const VERSION = '__VERSION__' as string;
const FILES = '__FILES__' as unknown as readonly string[];
const CACHE = `phone-${VERSION}`;

self.addEventListener('install', (event) => {
  // Past the HTTP cache: last month's page must not get into this month's build.
  const fresh = FILES.map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(
        names
          .filter((name) => name.startsWith('phone-') && name !== CACHE)
          .map((name) => caches.delete(name)),
      );
      await self.clients.claim();
    })(),
  );
});

self.addEventListener('message', (event) => {
  if (event.data === 'take-over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin || !FILES.includes(url.pathname))
    return;
  event.respondWith(
    caches.match(url.pathname, { cacheName: CACHE }).then((kept) => kept ?? fetch(event.request)),
  );
});

// A sign from the system that the network is back. An open page hurries; sending needs none. Rejected, the system
// comes again later.
self.addEventListener('sync', (event) => {
  (event as ExtendableEvent).waitUntil(
    (async () => {
      for (const page of await self.clients.matchAll({ type: 'window' })) page.postMessage('send-now');
      await sendWithoutPage();
    })(),
  );
});
