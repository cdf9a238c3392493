// The plan: a large table with errors in it, a change where it stands, a change that somebody else was faster with.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, test } from '@playwright/test';
import { desk, launch, open, type Schemas } from './desk.ts';
import { workbook } from './workbook.ts';

const ROWS = 5000;
const HEAD = ['commune', 'village', 'place', 'cell', 'due'];
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
let server: TestServer;
let browser: Browser;
let people: TestPeople;

test.beforeAll(async () => {
  [server, browser] = await Promise.all([TestServer.start(), launch()]);
  people = await server.people();
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

function table(wrongLines: readonly number[]): Buffer {
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const line = index + 2;
    const due = wrongLines.includes(line) ? '31/02/2026' : '2026-06-30';
    return ['02647', `Thôn ${index % 40}`, `Điểm ${index}`, 'banner.2', due];
  });
  return workbook([HEAD, ...rows]);
}

async function planned(): Promise<number> {
  const board = await people.call<Schemas['Completion']>('GET', '/completion');
  return board.totals['all']?.planned ?? 0;
}

test('of a table of 5,000 rows every wrong one is named and none is written, and corrected all are', async () => {
  test.setTimeout(240_000);
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'ke-hoach');
  await page.getByRole('button', { name: 'Nhập từ tệp' }).click();
  const wrong = [2, 77, 1234, 4999, 5001];
  const file = page.locator('dialog input[type=file]');
  await file.setInputFiles({ name: 'ke-hoach.xlsx', mimeType: XLSX, buffer: table(wrong) });
  await expect(page.locator('.import-errors tbody tr')).toHaveCount(wrong.length, { timeout: 90_000 });
  const lines = await page.locator('.import-errors tbody tr td:first-child').allTextContents();
  expect(lines.map(Number)).toEqual(wrong);
  await expect(page.getByRole('button', { name: 'Ghi vào kế hoạch' })).toBeDisabled();
  expect(await planned()).toBe(0);

  await file.setInputFiles({ name: 'ke-hoach.xlsx', mimeType: XLSX, buffer: table([]) });
  await expect(page.getByText('Tệp không có lỗi')).toBeVisible({ timeout: 90_000 });
  expect(await planned()).toBe(0);
  await page.getByRole('button', { name: 'Ghi vào kế hoạch' }).click();
  await expect(page.getByText('Đã ghi vào kế hoạch.')).toBeVisible({ timeout: 90_000 });
  await expect(page.locator('dialog [data-count=created]')).toHaveText('5.000');
  expect(await planned()).toBe(ROWS);
  await page.context().close();
});

test('a table that is dropped on the screen is read, and what was read is what is written', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'ke-hoach');
  await expect(page.getByRole('button', { name: 'Nhập từ tệp' })).toBeVisible();
  const rows = 'commune,village,place,cell,due\n02683,Thôn Thả,Cổng thả,banner.2,2026-06-30\n';
  // The screen listens a moment after it is seen.
  await expect(async () => {
    await page.evaluate((content) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], 'Kế hoạch.csv', { type: 'text/csv' }));
      for (const kind of ['dragover', 'drop'])
        document.body.dispatchEvent(
          new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }),
        );
    }, rows);
    await expect(page.locator('dialog')).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await expect(page.getByText('Tệp không có lỗi')).toBeVisible();
  await page.getByRole('button', { name: 'Ghi vào kế hoạch' }).click();
  await expect(page.locator('dialog [data-count=created]')).toHaveText('1');
  await page.context().close();
});

test('a file that is saved anew after the report is not written unread', async () => {
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'ke-hoach');
  const path = join(mkdtempSync(join(tmpdir(), 'minhchung-plan-')), 'ke-hoach.csv');
  const table = (place: string) =>
    `commune,village,place,cell,due\n02686,Thôn Lưu,${place},banner.2,2026-06-30\n`;
  writeFileSync(path, table('Cổng đã đọc'));
  await page.getByRole('button', { name: 'Nhập từ tệp' }).click();
  await page.locator('dialog input[type=file]').setInputFiles(path);
  await expect(page.getByText('Tệp không có lỗi')).toBeVisible();
  writeFileSync(path, table('Cổng chưa đọc, dài hơn'));
  await page.getByRole('button', { name: 'Ghi vào kế hoạch' }).click();
  await expect(page.getByText('Đã ghi vào kế hoạch.')).toBeVisible();
  const { items } = await people.call<{ items: Schemas['Assignment'][] }>(
    'GET',
    '/assignments?commune=02686',
  );
  expect(items.map((each) => each.place)).toEqual(['Cổng đã đọc']);
  await page.context().close();
});

test('a value is changed where it stands, and a stale change is refused and shown', async () => {
  const place = await people.call<Schemas['Assignment']>('POST', '/assignments', {
    commune: '02671',
    village: 'Thôn Một',
    place: 'Cổng chợ',
    cell: 'banner.6',
    due: '2026-06-30',
  });
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'ke-hoach?commune=02671');
  await page.getByRole('button', { name: 'Địa điểm: Cổng chợ' }).click();
  await page.keyboard.type('Cổng chợ mới');
  await page.getByRole('textbox', { name: /Địa điểm/ }).fill('Cổng chợ mới');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Địa điểm: Cổng chợ mới' })).toBeVisible();
  expect((await people.assignment(place.id)).place).toBe('Cổng chợ mới');

  // Somebody else changes it meanwhile.
  await people.call('PATCH', `/assignments/${place.id}`, { village: 'Thôn Hai' }, { 'if-match': '"2"' });
  await page.getByRole('button', { name: 'Địa điểm: Cổng chợ mới' }).click();
  await page.getByRole('textbox', { name: /Địa điểm/ }).fill('Cổng khác');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('Phiên bản hiện tại là 3');
  await expect(page.getByRole('button', { name: 'Thôn, tổ: Thôn Hai' })).toBeVisible();
  expect((await people.assignment(place.id)).place).toBe('Cổng chợ mới');
  await page.context().close();
});

test('a proposal is accepted, and a groups day goes to all its places', async () => {
  const head = await people.head('Trưởng thôn Đề Xuất', '02680');
  const enrolled = await fetch(`${server.url}/api/v1/auth/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: head.code, device_name: 'Máy thử' }),
  });
  const { access_token } = (await enrolled.json()) as Schemas['SessionAnswer'];
  const body = { village: 'Thôn Ba', place: 'Ngã ba mới', cell: 'banner.6' };
  const proposal = await people.call<Schemas['Assignment']>('POST', '/assignments', body, {}, access_token);
  expect(proposal.state).toBe('proposed');
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, 'ke-hoach?commune=02680');
  await page.getByRole('button', { name: 'Đề xuất chờ duyệt' }).click();
  await page.getByRole('button', { name: 'Duyệt', exact: true }).click();
  await expect.poll(async () => (await people.assignment(proposal.id)).state).toBe('open');

  await page.getByRole('button', { name: 'Đặt hạn cho cả nhóm' }).click();
  const dialog = page.locator('dialog');
  await dialog.getByLabel('Nhóm').selectOption('banner.6');
  await dialog.getByLabel('Hạn').fill('2026-09-15');
  await dialog.getByRole('button', { name: 'Đặt hạn', exact: true }).click();
  await expect(dialog.getByText('Đã đổi 2 nơi')).toBeVisible();
  expect((await people.assignment(proposal.id)).due).toBe('2026-09-15');
  await page.context().close();
});
