// Contact sheets: the random sample comes first, nothing that was not chosen is verified, nothing clean is left unseen.

import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, test } from '@playwright/test';
import {
  checked,
  desk,
  launch,
  lenientCampaign,
  open,
  pictures,
  type Sender,
  send,
  sender,
  waiting,
} from './desk.ts';

let server: TestServer;
let browser: Browser;
let people: TestPeople;
let head: Sender;

test.beforeAll(async () => {
  const flags = ['--campaign', lenientCampaign()];
  [server, browser] = await Promise.all([TestServer.start({ flags }), launch()]);
  people = await server.people();
  head = await sender(server.url, people);
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

test('a contact sheet is verified only after its random sample, and leaves what was not chosen', async () => {
  const drawn = await pictures(browser, 8);
  await checked(people, await waiting(server.url, people, head, drawn, 'banner.5'));
  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'bang-anh/02647/banner.5');
  const all = page.getByRole('button', { name: /Đạt tất cả/ });
  await expect(page.getByText('0/3')).toBeVisible();
  await expect(all).toBeDisabled();
  await page.getByRole('button', { name: 'Xem mẫu' }).click();
  for (let seen = 1; seen <= 3; seen++) {
    await page.locator('dialog').getByRole('button', { name: 'Đạt' }).click();
    await expect(page.getByText(`${seen}/3`)).toBeVisible();
  }
  await expect(page.locator('dialog')).toHaveCount(0);
  await page.locator('.sheet-photos input[type=checkbox]').first().uncheck();
  await expect(all).toHaveText('Đạt tất cả (4)');
  await all.click();
  await expect(page.getByText('Đã duyệt 4 minh chứng')).toBeVisible();
  const pending = (await people.submissions()).filter((each) => each.state === 'pending');
  expect(pending).toHaveLength(1);
  await page.context().close();
});

test('a clean record behind pages of others is on the sheet, and is looked at with all its pictures', async () => {
  // Pictures that nobody else has sent.
  const [one, two, three, ...own] = (await pictures(browser, 14)).slice(8);
  const place = await people.plan(head.id, { cell: 'banner.1', place: 'Trụ sở' });
  const far = { location: { lat: 22.4856, lon: 103.9707, accuracy_m: 900 } };
  const ids: string[] = [];
  for (const each of [one, two, three])
    ids.push(await send(server.url, head, place.id, each ?? Buffer.alloc(0), far));
  const [first = Buffer.alloc(0), ...more] = own;
  ids.push(await send(server.url, head, place.id, first, {}, more));
  await checked(people, ids);
  const page = await desk(browser, server.url, 'verifier');
  // Pages of two instead of two hundred; the answers are the server's own.
  await page.route('**/api/v1/submissions?*', (route) =>
    route.continue({ url: route.request().url().replace('limit=200', 'limit=2') }),
  );
  await open(page, server.url, 'bang-anh/02647/banner.1');
  await expect(page.getByText('0/1')).toBeVisible();
  await page.getByRole('button', { name: 'Xem mẫu' }).click();
  const dialog = page.locator('dialog');
  await expect(dialog.locator('.photo-stage img')).toBeVisible();
  await expect(dialog.locator('.pager')).toContainText('Ảnh 1/3');
  await dialog.getByRole('button', { name: 'Ảnh sau' }).click();
  await expect(dialog.locator('.pager')).toContainText('Ảnh 2/3');
  await dialog.getByRole('button', { name: 'Đạt' }).click();
  await expect(page.getByText('Không có minh chứng nào sạch')).toBeVisible();
  await page.context().close();
});

test('a record that somebody else decided on closes on the sheet with the reason', async () => {
  const ids = await waiting(server.url, people, head, (await pictures(browser, 17)).slice(14), 'banner.3');
  await checked(people, ids);
  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'bang-anh/02647/banner.3');
  await page.getByRole('button', { name: 'Mở ảnh lớn' }).first().click();
  await expect(page.locator('dialog .photo-stage img')).toBeVisible();
  for (const id of ids) await people.reject(await people.submission(id), 'unreadable', 'Mờ');
  await page.locator('dialog').getByRole('button', { name: 'Đạt' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.locator('dialog')).toHaveCount(0);
  await expect(page.getByText('Không có minh chứng nào đang chờ ở ô này.')).toBeVisible();
  await page.context().close();
});
