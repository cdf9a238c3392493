// Several officers: what a new one can and cannot open, the recovery key, a retired key, and a key nobody knows.

import { opener } from '@minhchung/web-shared/tip/hpke.ts';
import { type Browser, expect, test } from '@playwright/test';
import { launch } from './desk.ts';
import { Informant } from './informant.ts';
import {
  call,
  type DeskServer,
  giveKey,
  knock,
  logIn,
  message,
  openThread,
  PASSPHRASE,
  sitDown,
  startDesk,
  unlock,
} from './tip-officers.ts';

let at: DeskServer;
let browser: Browser;
let url = '';

// Each message costs a puzzle of some seconds of processor time, more on a busy machine.
test.describe.configure({ mode: 'serial', timeout: 300_000 });
test.beforeAll(async () => {
  [at, browser] = await Promise.all([startDesk(['lan', 'minh']), launch()]);
  url = at.server.url;
  await giveKey(url, 'lan');
});
test.afterAll(async () => {
  await browser.close();
  await at.server.end();
});

let before: Informant;

test('a second officer opens what comes after the key was made, and not what came before', async () => {
  before = await Informant.of(url);
  await before.say('Chuyện cũ ở bến xe.');
  const page = await knock(browser, url);
  await logIn(page, 'minh');
  await page.getByLabel('Câu mật khẩu', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Gõ lại câu mật khẩu').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Làm chìa khóa', exact: true }).click();
  await page.getByRole('button', { name: 'Vào làm việc' }).click();
  await openThread(page);
  await expect(page.getByRole('alert')).toContainText('có thể tin gửi trước khi bạn có chìa khóa');
  await expect(page.getByText('Chưa mở được tin nào ở đây nên không trả lời được.')).toBeVisible();
  await expect(page.getByText('Chuyện cũ')).toHaveCount(0);

  const after = await Informant.of(url);
  await after.say('Chuyện mới ở bến xe.');
  await page.getByRole('button', { name: 'Tin tố giác' }).click();
  await page.getByRole('button', { name: 'Tải lại' }).click();
  await expect(page.locator('.tip-table tbody tr')).toHaveCount(2);
  const readable = await firstReadable(page, 'Chuyện mới');
  expect(readable).toBe(true);
  await page.getByLabel(/^Trả lời \(chỉ người/).fill('Cán bộ mới trả lời.');
  await page.getByRole('button', { name: 'Khóa và gửi trả lời' }).click();
  await expect(page.getByText(/^Đã gửi\./)).toBeVisible();
  expect(await after.answers()).toEqual(['Cán bộ mới trả lời.']);
  await page.context().close();
});

/** The ids of everything that the desk has. */
async function listed(): Promise<Set<string>> {
  const { items } = await call<{ items: { id: string }[] }>(url, 'lan', 'GET', '/desk/tips?limit=200');
  return new Set(items.map((tip) => tip.id));
}

/** Rows of one day have no order, so each is tried. */
async function firstReadable(page: Awaited<ReturnType<typeof knock>>, words: string): Promise<boolean> {
  await page.getByRole('button', { name: 'Tin tố giác' }).click();
  await expect(page.locator('.tip-table tbody tr')).not.toHaveCount(0);
  const rows = await page.locator('.tip-table tbody tr').count();
  for (let index = 0; index < rows; index += 1) {
    await openThread(page, index);
    if ((await message(page, words).count()) > 0) return true;
  }
  return false;
}

test('the recovery key opens what nobody else can, and says why that cannot be answered', async () => {
  const page = await sitDown(browser, url, 'minh');
  await page.getByRole('button', { name: 'Chìa khóa' }).click();
  const field = page.getByLabel('64 ký tự của chìa khóa dự phòng');
  await field.fill('0123 4567'.repeat(8));
  await page.getByRole('button', { name: 'Mở bằng chìa khóa dự phòng' }).click();
  await expect(page.getByRole('alert')).toContainText('Không phải chìa khóa dự phòng');
  await field.fill(at.recovery.toUpperCase());
  await page.getByRole('button', { name: 'Mở bằng chìa khóa dự phòng' }).click();
  await expect(page.getByText('Chìa khóa dự phòng đang mở ở máy này')).toBeVisible();
  expect(await firstReadable(page, 'Chuyện cũ')).toBe(true);
  await expect(message(page, 'Chuyện cũ')).toContainText('Mở bằng chìa khóa dự phòng.');
  await expect(page.getByText(/máy người gửi chỉ tin chìa khóa cán bộ/)).toBeVisible();
  await page.getByRole('button', { name: 'Khóa bàn' }).click();
  await unlock(page);
  await page.getByRole('button', { name: 'Chìa khóa' }).click();
  await expect(field).toBeVisible();
  await page.context().close();
});

test('what somebody with other keys puts into a mailbox is shown as not the informants, and the answer is not theirs to read', async () => {
  // An operator who knows the mailbox, and dates what he wrote before everything else in it.
  const stranger = await Informant.of(url);
  const honest = await listed();
  await before.say('Chuyện kẻ khác bịa ra.', {
    signingSeed: stranger.keys.signingSeed,
    replyKey: stranger.keys.replyKey,
  });
  // The informant's own address with another signature, and the other way round, is no better.
  await before.say('Thư lạ thứ hai.', { signingSeed: stranger.keys.signingSeed });
  await before.say('Thư lạ thứ ba.', { replyKey: stranger.keys.replyKey });
  const page = await sitDown(browser, url, 'lan');
  await page.route('**/api/v1/desk/tips?**', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    const answer = await route.fetch();
    const body = (await answer.json()) as { items: { id: string; received_on: string }[] };
    for (const tip of body.items) if (!honest.has(tip.id)) tip.received_on = '2020-01-01';
    await route.fulfill({ json: body });
  });
  expect(await firstReadable(page, 'Chuyện kẻ khác')).toBe(true);
  await expect(page.locator('.message')).toHaveCount(4);
  for (const words of ['Chuyện kẻ khác', 'Thư lạ thứ hai', 'Thư lạ thứ ba'])
    await expect(message(page, words)).toContainText('Đừng tin: không phải người cầm mã biên nhận');
  await expect(message(page, 'Chuyện cũ')).toContainText('Đúng người cầm mã biên nhận');
  await page.getByLabel(/^Trả lời \(chỉ người/).fill('Chỉ người thật đọc được.');
  await page.getByRole('button', { name: 'Khóa và gửi trả lời' }).click();
  await expect(page.getByText(/^Đã gửi\./)).toBeVisible();
  expect(await before.answers()).toContain('Chỉ người thật đọc được.');
  const his = await opener(stranger.keys.replySeed);
  for (const item of await before.mailbox())
    expect(await his.open('minhchung tip 1 reply', before.keys.mailbox, item)).toBeNull();
  await page.unrouteAll({ behavior: 'wait' });
  await page.context().close();

  // A mailbox in which only he wrote is never answered.
  const alone = await Informant.of(url);
  await alone.say('Chỉ có kẻ giả ở đây.', {
    signingSeed: stranger.keys.signingSeed,
    replyKey: stranger.keys.replyKey,
  });
  const other = await sitDown(browser, url, 'lan');
  expect(await firstReadable(other, 'Chỉ có kẻ giả')).toBe(true);
  await expect(other.getByText(/Không trả lời được: trong hộp thư này chưa có tin nào đúng/)).toBeVisible();
  await expect(other.getByRole('button', { name: 'Khóa và lưu ghi chú' })).toBeVisible();
  await other.context().close();
});

test('a retired key opens what came before and nothing after; its owner makes another', async () => {
  const lan = await sitDown(browser, url, 'lan');
  await lan.getByRole('button', { name: 'Chìa khóa' }).click();
  const row = lan.locator('.key-row').filter({ hasText: 'Cán bộ minh' });
  await row.getByRole('button', { name: 'Cho nghỉ' }).click();
  await lan.getByRole('dialog').getByRole('button', { name: 'Cho nghỉ' }).click();
  await expect(row).toContainText('nghỉ từ');
  await lan.context().close();
  const late = await Informant.of(url);
  await late.say('Chuyện sau cùng ở bến xe.');

  const page = await knock(browser, url);
  await logIn(page, 'minh');
  await expect(page.getByText('Chìa khóa của bạn đã nghỉ.')).toBeVisible();
  await unlock(page);
  await expect(page.locator('.tip-table tbody tr')).toHaveCount(4);
  expect(await firstReadable(page, 'Chuyện mới ở bến xe.')).toBe(true);
  expect(await firstReadable(page, 'Chuyện sau cùng')).toBe(false);
  await page.getByRole('button', { name: 'Chìa khóa' }).click();
  await page.getByRole('button', { name: 'Làm chìa khóa mới' }).click();
  await page.getByLabel('Câu mật khẩu', { exact: true }).fill('quả mận xanh trên nương thảo quả');
  await page.getByLabel('Gõ lại câu mật khẩu').fill('quả mận xanh trên nương thảo quả');
  await page.getByRole('button', { name: 'Làm chìa khóa', exact: true }).click();
  await page.getByRole('button', { name: 'Vào làm việc' }).click();
  // Both keys, each under its own passphrase.
  await page.getByRole('button', { name: 'Khóa bàn' }).click();
  await unlock(page, 'quả mận xanh trên nương thảo quả');
  await expect(page.locator('.tip-table')).toBeVisible();
  expect(await firstReadable(page, 'Chuyện mới ở bến xe.')).toBe(false);
  await page.getByRole('button', { name: 'Chìa khóa' }).click();
  await page.getByLabel('Câu mật khẩu').fill(PASSPHRASE);
  await page.getByRole('button', { name: 'Mở thêm' }).click();
  await expect(page.getByRole('heading', { name: 'Chìa khóa cũ của bạn' })).toHaveCount(0);
  expect(await firstReadable(page, 'Chuyện mới ở bến xe.')).toBe(true);
  await page.context().close();
});

test('every key is listed with the fingerprint that is worked out here, and what the server says is not believed', async () => {
  const { items } = await call<{ items: { fingerprint: string }[] }>(url, 'lan', 'GET', '/desk/keys');
  const page = await sitDown(browser, url, 'lan');
  await page.getByRole('button', { name: 'Chìa khóa' }).click();
  await expect(page.locator('.key-row')).toHaveCount(items.length);
  const shown = await page.locator('.key-row .fingerprint').allInnerTexts();
  expect(shown.sort()).toEqual(items.map((key) => key.fingerprint).sort());
  await expect(page.getByText('Cán bộ mới mở được gì?')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.paper .fingerprint').first()).toBeVisible();
  await expect(page.locator('.key-list')).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await page.route('**/api/v1/desk/keys', async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replaceAll(/"fingerprint":"[\da-f]{4}/g, '"fingerprint":"ffff');
    await route.fulfill({ response: answer, body: text });
  });
  await page.getByRole('button', { name: 'Khóa bàn' }).click();
  await unlock(page);
  await page.getByRole('button', { name: 'Chìa khóa' }).click();
  await expect(page.getByText('Máy chủ nói một dấu vân khác').first()).toBeVisible();
  await page.context().close();
});
