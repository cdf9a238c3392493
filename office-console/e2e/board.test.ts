// The board: what it says on hover and focus, how it is ordered and found, and that it stays true without jumping.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { desk, launch, open, pictures, type Sender, send, sender, waiting } from './desk.ts';

let server: TestServer;
let browser: Browser;
let people: TestPeople;
let head: Sender;

/** Two squares for two communes, in degrees. */
function layer(): string {
  const square = (code: string, west: number) => ({
    type: 'Feature',
    properties: { code },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [west, 22.4],
          [west + 0.1, 22.4],
          [west + 0.1, 22.5],
          [west, 22.5],
          [west, 22.4],
        ],
      ],
    },
  });
  const file = join(mkdtempSync(join(tmpdir(), 'minhchung-layer-')), 'layer.geojson');
  const features = [square('02647', 103.9), square('02671', 104.0)];
  writeFileSync(file, JSON.stringify({ type: 'FeatureCollection', features }));
  return file;
}

test.beforeAll(async () => {
  [server, browser] = await Promise.all([TestServer.start({ flags: ['--boundaries', layer()] }), launch()]);
  people = await server.people();
  head = await sender(server.url, people);
  await waiting(server.url, people, head, await pictures(browser, 4), 'banner.2');
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

const names = (page: Page) => page.locator('.heat tbody .heat-name a').allTextContents();

test('a group says its whole name on focus, and communes are found without accents and ordered as asked', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'bang');
  await expect(page.locator('.heat tbody tr')).toHaveCount(99);
  await page.getByRole('button', { name: /Nhóm 3: trường học/ }).focus();
  await expect(page.locator('.tip:visible')).toContainText('trường học, cơ sở giáo dục');
  await page.getByPlaceholder('Tìm xã, phường').fill('LAO cai');
  await expect.poll(() => names(page)).toEqual(['Lào Cai']);
  expect(page.url()).toContain('q=LAO');
  await page.getByPlaceholder('Tìm xã, phường').fill('');
  await page.getByLabel('Xếp theo').selectOption('name');
  const byName = await names(page);
  expect(byName).toEqual([...byName].sort(new Intl.Collator('vi').compare));
  await page.getByLabel('Xếp theo').selectOption('lag');
  expect((await names(page))[0]).toBe('Lào Cai');
  await page.context().close();
});

test('arrow keys move between cells with one stop for Tab, and a cell opens its places and their pictures', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'bang');
  await expect(page.locator('.heat a[tabindex="0"]')).toHaveCount(1);
  await page.locator('.heat a[tabindex="0"]').focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.heat a:focus')).toHaveAttribute('title', /Nhóm 2: đạt 0 trên 4/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Lào Cai – Nhóm 2');
  await page.getByRole('link', { name: 'Cổng số 0' }).click();
  await expect(page.locator('.photo-card img')).toHaveCount(1);
  await page.locator('.photo-card').click();
  await expect(page.locator('.photo-stage img')).toBeVisible();
  await page.context().close();
});

test('an open board takes over what happens, without moving a row or the place that is read', async () => {
  const page = await desk(browser, server.url, 'viewer', undefined).catch(async () => {
    const viewer = await people.officer('viewer', null);
    return desk(browser, server.url, viewer);
  });
  await open(page, server.url, 'bang');
  await expect(page.locator('.live-on')).toBeVisible();
  await expect(page.locator('.heat tbody tr').first()).toBeVisible();
  const before = await names(page);
  await page.locator('.heat-box').evaluate((box) => (box.scrollTop = 400));
  const [first] = (await people.submissions()).filter((each) => each.state === 'pending');
  if (first === undefined) throw new Error('nothing is pending');
  await people.verify(first);
  const cell = page.locator('.heat a[title^="Lào Cai, Nhóm 2"]');
  await expect(cell).toHaveAttribute('title', /đạt 1 trên 4/);
  await expect(page.locator('.total-verified dd')).toContainText('1');
  expect(await names(page)).toEqual(before);
  expect(await page.locator('.heat-box').evaluate((box) => box.scrollTop)).toBe(400);
  await page.context().close();
});

test('the map draws the installed areas, each as large as it is, and opens a commune', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'bang?view=map');
  const areas = page.locator('.map-area');
  await expect(areas).toHaveCount(2);
  // A ring the wrong way round would fill the globe, and so the whole map.
  const box = await areas.first().boundingBox();
  const map = await page.locator('.map').boundingBox();
  expect((box?.width ?? 0) / (map?.width ?? 1)).toBeLessThan(0.6);
  await areas.first().click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Lào Cai');
  await page.context().close();
});

test('the board can be read on a phone and printed whole', async () => {
  const page = await desk(browser, server.url, 'admin', undefined, { width: 360, height: 640 });
  await open(page, server.url, 'bang');
  await expect(page.locator('.heat tbody tr')).toHaveCount(99);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.top')).toBeHidden();
  const box = await page.locator('.heat-box').evaluate((each) => [each.scrollHeight, each.clientHeight]);
  expect(box[0]).toBe(box[1]);
  await page.context().close();
});

test('the board lies across A4 with the groups named in the heads of every page, and the cards stand upright', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'bang');
  await expect(page.locator('.heat tbody tr')).toHaveCount(99);
  const paper = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  const pages = [...paper.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.length).toBeLessThanOrEqual(5);
  for (const [, width, height] of pages) expect(Number(width)).toBeGreaterThan(Number(height));
  await page.emulateMedia({ media: 'print' });
  // Chromium leaves buttons out of repeated heads.
  await expect(page.locator('.heat thead button').first()).toBeHidden();
  await expect(page.locator('.heat thead tr').first()).toContainText('N3');
  await expect(page.locator('.heat thead .print-only').first()).toBeVisible();
  await expect(page.getByText('Nhóm 3: trường học, cơ sở giáo dục').last()).toBeVisible();
  await page.context().close();
});

test('the places of an open cell follow what happens, where they stand', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'o/02647/banner.2');
  const [next] = (await people.submissions()).filter((each) => each.state === 'pending');
  if (next === undefined) throw new Error('nothing is pending');
  const { place } = await people.assignment(next.assignment_id);
  const rows = page.locator('.cell-screen tbody tr');
  const row = rows.filter({ hasText: place });
  await expect(row).toContainText('Chờ thẩm định');
  const before = await rows.locator('th').allTextContents();
  await people.reject(next, 'wrong_text', 'Sai chữ');
  await expect(row).toContainText('Trả lại');
  expect(await rows.locator('th').allTextContents()).toEqual(before);
  await page.context().close();
});

test('what was taken before dawn after the due day is late, although that is still the due day in Greenwich', async () => {
  const place = await people.plan(head.id, { place: 'Cổng sớm', cell: 'banner.5', due: '2026-03-31' });
  const [drawn = Buffer.alloc(0)] = await pictures(browser, 1);
  const id = await send(server.url, head, place.id, drawn, { captured_at: '2026-04-01T05:30:00+07:00' });
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, `minh-chung/${id}`);
  await expect(page.locator('.facts .late-word')).toBeVisible();
  await page.context().close();
});
