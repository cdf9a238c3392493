// Who sees what, also by address; what hostile texts become; axe on every screen in both languages; the policy; weight.

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { violations } from '@minhchung/web-shared/e2e/axe';
import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  checked,
  desk,
  launch,
  lenientCampaign,
  OFFICE,
  open,
  pictures,
  type Schemas,
  type Sender,
  send,
  sender,
} from './desk.ts';

const HOSTILE = [
  '<script>document.title="pwned"</script><img src=x onerror=alert(1)>',
  '=cmd|"/C calc"!A0',
  '\u202Egnod gnàl\u202C \u200F\u2067abc',
  '👩‍👩‍👧‍👦🔥 Thôn Nậm',
] as const;
const LONG = 'Đ'.repeat(10_000);

let server: TestServer;
let browser: Browser;
let people: TestPeople;
let own: Sender;
let record = '';
let foreign = '';
let foreignPlace: Schemas['Assignment'];

test.beforeAll(async () => {
  const flags = ['--campaign', lenientCampaign()];
  [server, browser] = await Promise.all([TestServer.start({ flags }), launch()]);
  people = await server.people();
  own = await sender(server.url, people);
  const stranger = await sender(server.url, people, '02671');
  const drawn = await pictures(browser, 6);
  for (const [index, name] of HOSTILE.entries()) {
    const place = await people.plan(own.id, {
      place: name.slice(0, 200),
      village: name.slice(0, 200),
      note: name,
    });
    const note = index === 0 ? `${name}\n${LONG.slice(0, 9_900)}` : name;
    record = await send(server.url, own, place.id, drawn[index] ?? Buffer.alloc(0), { note });
  }
  foreignPlace = await people.plan(stranger.id, { commune: '02671', place: 'Cổng chợ xa' });
  foreign = await send(server.url, stranger, foreignPlace.id, drawn[5] ?? Buffer.alloc(0));
  await checked(people, [record, foreign]);
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

test('a commune officer sees the own commune only, also by address', async () => {
  const officer = await people.officer('commune_officer');
  const page = await desk(browser, server.url, officer);
  await expect(page.locator('.heat tbody tr')).toHaveCount(1);
  await expect(page.getByRole('navigation', { name: 'Các màn hình' }).getByText('Thẩm định')).toHaveCount(0);
  for (const path of [
    `minh-chung/${foreign}`,
    `nhiem-vu/${foreignPlace.id}`,
    'o/02671',
    'o/02671/banner.2',
  ]) {
    await open(page, server.url, path);
    await expect(page.getByRole('alert').first()).toContainText('Không tìm thấy');
    await expect(page.locator('body')).not.toContainText('Cổng chợ xa');
  }
  await open(page, server.url, 'ke-hoach?commune=02671');
  await expect(page.locator('.plan-table tbody tr')).toHaveCount(HOSTILE.length);
  for (const path of ['hang-doi', 'bang-anh/02647/banner.2']) {
    await open(page, server.url, path);
    await expect(page.getByText('Tài khoản này không dùng màn hình đó.')).toBeVisible();
  }
  await open(page, server.url, 'nguoi-dung');
  await expect(page.locator('tbody tr').first()).toBeVisible();
  await expect(page.locator('.people')).not.toContainText('verifier');
  await page.context().close();
});

test('a leader sees everything and can change nothing', async () => {
  const viewer = await people.officer('viewer', null);
  const page = await desk(browser, server.url, viewer);
  await expect(page.locator('.heat tbody tr')).toHaveCount(99);
  await open(page, server.url, `minh-chung/${record}`);
  await expect(page.locator('.photo-stage img')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Đạt' })).toHaveCount(0);
  await open(page, server.url, 'ke-hoach');
  await expect(page.locator('.plan-table tbody tr').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Nhập từ tệp' })).toHaveCount(0);
  await expect(page.locator('.editable')).toHaveCount(0);
  await open(page, server.url, 'nguoi-dung');
  await expect(page.getByText('Tài khoản này không dùng màn hình đó.')).toBeVisible();
  await page.context().close();
});

test('scripts, formulas, right-to-left marks, emoji and 10,000 letters are shown as the text they are', async () => {
  const page = await desk(browser, server.url, 'admin');
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs++;
    void dialog.dismiss();
  });
  await open(page, server.url, 'ke-hoach');
  await expect(page.locator('.plan-table tbody tr')).toHaveCount(HOSTILE.length + 1);
  for (const name of HOSTILE) {
    await expect(page.locator('.plan-table bdi').filter({ hasText: name.trim() }).first()).toBeAttached();
  }
  const submissions = (await people.submissions()).filter((each) => each.note !== null);
  for (const each of submissions) {
    await open(page, server.url, `minh-chung/${each.id}`);
    await expect(page.locator('.facts .note')).toHaveText((each.note ?? '').replace(/\s+/g, ' ').trim());
  }
  await open(page, server.url, 'hang-doi');
  await expect(page.locator('.facts')).toBeVisible();
  // Nothing pushed the page wider than the window.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
  expect(await page.title()).not.toContain('pwned');
  expect(dialogs).toBe(0);
  await page.context().close();
});

async function clean(page: Page, what: string): Promise<void> {
  expect(await violations(page), what).toEqual([]);
}

test('axe finds nothing on any screen, in Vietnamese and in English', async () => {
  test.setTimeout(240_000);
  const page = await desk(browser, server.url, 'admin');
  const place = (await people.submission(record)).assignment_id;
  const screens: readonly (readonly [string, string])[] = [
    ['bang', '.heat tbody tr'],
    ['bang?view=map', '.tile'],
    ['o/02647', '.cell-card'],
    ['o/02647/banner.2', 'tbody tr'],
    [`nhiem-vu/${place}`, '.photo-card'],
    [`minh-chung/${record}`, '.history li'],
    ['hang-doi', '.photo-stage img'],
    ['bang-anh/02647/banner.2', '.sheet-photo img'],
    ['ke-hoach', '.plan-table tbody tr'],
    ['nguoi-dung', 'tbody tr'],
    ['tai-khoan', '.codes-card'],
  ];
  for (const language of ['vi', 'en']) {
    for (const [path, wanted] of screens) {
      await open(page, server.url, path);
      await expect(page.locator(wanted).first()).toBeVisible();
      await clean(page, `${path} ${language}`);
    }
    await open(page, server.url, 'hang-doi');
    await expect(page.locator('[data-submission]')).toBeVisible();
    await page.keyboard.press('r');
    await expect(page.locator('.reasons')).toBeVisible();
    await clean(page, `reject ${language}`);
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await expect(page.locator('dialog .keys')).toBeVisible();
    await clean(page, `help ${language}`);
    await page.keyboard.press('Escape');
    if (language === 'vi') await page.getByRole('button', { name: 'English' }).click();
  }
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.context().close();
  const fresh = await browser.newPage();
  await fresh.goto(`${server.url}${OFFICE}`);
  await expect(fresh.locator('input[name=username]')).toBeVisible();
  await clean(fresh, 'door');
  await fresh.close();
});

test('cards are printed for village heads, and a phone is thrown out', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'nguoi-dung?role=village_head');
  await page.getByRole('button', { name: /^Chọn 2 trưởng thôn/ }).click();
  await page.getByRole('button', { name: 'Thẻ kích hoạt (2)' }).click();
  await page.getByRole('button', { name: 'Lập 2 mã' }).click();
  await expect(page.locator('.qr-card')).toHaveCount(2);
  await expect(page.locator('.qr-card-code').first()).toHaveText(/^\d{4} \d{4} \d{4}$/);
  await clean(page, 'cards');
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.top')).toBeHidden();
  await expect(page.locator('.qr-card .qr').first()).toBeVisible();
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'Quay lại' }).click();
  await page.getByRole('button', { name: 'Trưởng thôn Thử' }).first().click();
  await expect(page.locator('.devices li')).toHaveCount(1);
  await page.getByRole('button', { name: 'Đưa ra ngay' }).click();
  await expect(page.locator('.devices li')).toHaveCount(0);
  await page.context().close();
});

test('the page runs this servers own files only, and weighs at most 200 KB packed', async () => {
  const answer = await fetch(`${server.url}${OFFICE}`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  const page = await browser.newPage();
  const foreignRequests: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith('blob:'))
      foreignRequests.push(request.url());
  });
  await page.goto(`${server.url}${OFFICE}`);
  await expect(page.locator('input[name=username]')).toBeVisible();
  expect(foreignRequests).toEqual([]);
  await page.close();
  const assets = resolve(import.meta.dirname, '../dist/assets');
  const packed = readdirSync(assets)
    .filter((name) => /\.(?:js|css)$/.test(name))
    .map((name) => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length);
  const weight = packed.reduce((sum, bytes) => sum + bytes, 0);
  console.log(`the console weighs ${(weight / 1000).toFixed(1)} KB packed`);
  expect(weight).toBeLessThanOrEqual(200_000);
});
