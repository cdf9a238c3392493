// Sending without a page: the system wakes the service worker, which sends as the page would.

import { later } from '@minhchung/web-shared/e2e/later';
import type { Page } from '@playwright/test';
import { capture, enter, expect, type Phone, test, toList } from './phone.ts';
import { inStore, storedItems } from './stored.ts';

const PLACE = 'Cổng nhà văn hóa';
const HOUR = 1 / 24;

/** What the system does when the network is back: a `sync` event, also without a page of the app. */
async function wake(phone: Phone, page: Page): Promise<void> {
  const devtools = await phone.browser.newCDPSession(page);
  const registrationId = await new Promise<string>((found) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find((one) => one.scopeURL.startsWith(phone.origin));
      if (ours !== undefined) found(ours.registrationId);
    });
    void devtools.send('ServiceWorker.enable');
  });
  await devtools.send('ServiceWorker.dispatchSyncEvent', {
    origin: phone.origin,
    registrationId,
    tag: 'outbox',
    lastChance: false,
  });
  await devtools.detach();
}

test('with its page closed and its access token run out, the phone sends when the network is back', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await toList(page);
  await server.down();
  await page.goto('about:blank');
  await phone.offline(false);
  await server.up(later(HOUR));
  const people2 = await server.people();
  expect(await people2.submissions()).toHaveLength(0);
  await wake(phone, page);
  await expect.poll(async () => (await people2.submissions()).map((one) => one.state)).toEqual(['pending']);
  // A page of the same server that is not the app: it looks, and sends nothing.
  await page.goto(`${server.url}/api/docs`);
  await expect.poll(async () => (await storedItems(page)).map((item) => item.stage)).toEqual(['received']);
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toEqual([]);
});

test('woken without a page after its session was ended, the phone sends nothing and keeps everything', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await capture(page, PLACE);
  await toList(page);
  await page.goto('about:blank');
  await people.dropDevices(head.id);
  await phone.offline(false);
  await wake(phone, page);
  await page.goto(`${server.url}/api/docs`);
  await expect.poll(() => inStore(page, 'meta', 'get', ['session'])).toMatchObject({ over: true });
  expect((await storedItems(page)).map((item) => item.stage)).toEqual(['waiting']);
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toHaveLength(1);
  expect(await people.submissions()).toHaveLength(0);
});
