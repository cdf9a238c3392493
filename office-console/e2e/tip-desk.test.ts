// The tip desk as an officer uses it: a key made in the browser, a tip opened, answered, sorted and shredded, and nothing
// left behind; who may not enter; what locks by itself.

import { violations } from '@minhchung/web-shared/e2e/axe';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { desk, launch } from './desk.ts';
import { Informant } from './informant.ts';
import {
  bodiesOf,
  codeOf,
  type DeskServer,
  kept,
  knock,
  logIn,
  message,
  NOTHING_KEPT,
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
  [at, browser] = await Promise.all([startDesk(['lan'], ['thu']), launch()]);
  url = at.server.url;
});
test.afterAll(async () => {
  await browser.close();
  await at.server.end();
});

const strength = (page: Page) => page.locator('.strength');
const make = (page: Page) => page.getByRole('button', { name: 'Làm chìa khóa', exact: true });

test('an officer makes a key, reads, answers and shreds, and the browser has kept nothing', async () => {
  const page = await knock(browser, url);
  await logIn(page, 'lan');
  await expect(page.getByRole('heading', { name: 'Làm chìa khóa của bạn' })).toBeVisible();
  const [first, again] = [
    page.getByLabel('Câu mật khẩu', { exact: true }),
    page.getByLabel('Gõ lại câu mật khẩu'),
  ];
  await first.fill('ngắn quá');
  await expect(strength(page)).toContainText('Quá ngắn');
  await first.fill('matkhau123456 Cán bộ lan');
  await expect(strength(page)).toContainText('Yếu');
  await again.fill('matkhau123456 Cán bộ lan');
  await expect(make(page)).toBeDisabled();
  await first.fill(PASSPHRASE);
  await expect(strength(page)).toContainText('Mạnh');
  await expect(page.getByText('Hai lần gõ chưa giống nhau.')).toBeVisible();
  await again.fill(PASSPHRASE);

  // What the server hears of the key is wrapped, and the passphrase is nowhere in it.
  await bodiesOf(page);
  const asked = page.waitForRequest(
    (request) => request.url().endsWith('/desk/keys') && request.method() === 'POST',
  );
  await make(page).click();
  const body = (await asked).postDataJSON() as Record<string, string>;
  expect(Object.keys(body).sort()).toEqual(['seal_key', 'signature', 'verify_key', 'wrapped']);
  expect(Buffer.from(body['wrapped'] ?? '', 'base64url')).toHaveLength(108);
  await expect(page.getByRole('heading', { name: 'Đã có chìa khóa' })).toBeVisible();
  await expect(page.locator('.fingerprint')).toHaveText(/^(?:[\da-f]{4} ){7}[\da-f]{4}$/);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.fingerprint')).toBeVisible();
  await expect(page.locator('.top')).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'Vào làm việc' }).click();
  await expect(page.getByText('Không có tin nào.')).toBeVisible();

  const person = await Informant.of(url);
  const stranger = await Informant.of(url);
  await person.say('Có người bán ở chợ Cốc Lếu, quầy thứ ba.', { category: 'selling', commune: '02671' });
  await openThread(page);
  const told = message(page, 'quầy thứ ba');
  await expect(told).toContainText('Đúng người cầm mã biên nhận của hộp thư này; chữ ký đúng.');
  await expect(told).toContainText('Người gửi chọn: Mua bán');
  await expect(told).toContainText('Địa bàn: phường');

  await page.getByLabel(/^Trả lời \(chỉ người/).fill('Cảm ơn. Vào lúc mấy giờ?');
  await expect(page.getByText(/^Còn chỗ cho khoảng 40\d từ\.|Còn chỗ cho khoảng 400 từ\./)).toBeVisible();
  await page.getByRole('button', { name: 'Khóa và gửi trả lời' }).click();
  await expect(page.getByText('Đã gửi. Một bản sao đã khóa cho bàn tin.')).toBeVisible();
  expect(await person.answers()).toEqual(['Cảm ơn. Vào lúc mấy giờ?']);
  expect(await stranger.answers()).toEqual([]);
  await expect(message(page, 'Vào lúc mấy giờ?')).toContainText('Cán bộ lan ghi.');

  await person.say('Khoảng 17 giờ, mỗi ngày.');
  await person.say('Tôi là người gửi đây, tin tôi đi.', {
    signingSeed: stranger.keys.signingSeed,
    verifyKey: person.keys.verifyKey,
  });
  await openThread(page);
  await expect(message(page, 'Khoảng 17 giờ')).toContainText('chữ ký');
  await expect(message(page, 'tin tôi đi')).toContainText('Đừng tin: không phải người cầm mã biên nhận');

  await page.getByRole('button', { name: 'Cần hỏi thêm' }).click();
  await expect(page.getByRole('button', { name: 'Cần hỏi thêm' })).toHaveAttribute('aria-pressed', 'true');
  const kind = page.getByLabel('Loại việc (cán bộ xếp)');
  await kind.selectOption('transport');
  // It is disabled until the server has it.
  await expect(kind).toBeEnabled();
  await expect(kind).toHaveValue('transport');
  await page.getByRole('button', { name: '← Danh sách' }).click();
  const row = page.locator('.tip-table tbody tr');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('Cần hỏi thêm');
  await expect(row).toContainText('Vận chuyển');
  await expect(row).toContainText('4 gói trong một hộp thư');
  await page.getByLabel('Trạng thái').selectOption('new');
  await expect(page.getByText('Không có tin nào.')).toBeVisible();
  await page.getByLabel('Trạng thái').selectOption('need_more');
  await expect(row).toHaveCount(1);

  expect(await kept(page)).toEqual(NOTHING_KEPT);
  await openThread(page);
  await page.getByRole('button', { name: 'Hủy ngay…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('button', { name: 'Hủy', exact: true })).toBeDisabled();
  await dialog.getByLabel('Tôi hiểu là không lấy lại được').check();
  await dialog.getByRole('button', { name: 'Hủy', exact: true }).click();
  await expect(page.getByText('Không có tin nào.')).toBeVisible();
  expect(await person.answers()).toEqual([]);
  expect(await kept(page)).toEqual(NOTHING_KEPT);
  await page.context().close();
});

test('a wrong passphrase opens nothing; the lock, the back button and a reload leave nothing open', async () => {
  const person = await Informant.of(url);
  await person.say('Một điều bí mật để khóa lại.');
  const page = await knock(browser, url);
  await logIn(page, 'lan');
  await unlock(page, 'bưởi chuồn gạch lặng thuyềnn');
  await expect(page.getByRole('alert')).toContainText('Câu mật khẩu không đúng.');
  await expect(page.locator('.tip-table')).toHaveCount(0);
  await unlock(page);
  await openThread(page);
  await expect(message(page, 'bí mật')).toBeVisible();
  await page.goBack();
  await expect(page.locator('.tip-table')).toBeVisible();
  await expect(page.getByText('bí mật')).toHaveCount(0);
  await openThread(page);
  await page.getByRole('button', { name: 'Khóa bàn' }).click();
  await expect(page.getByRole('heading', { name: 'Bàn đang khóa' })).toBeVisible();
  await expect(page.getByText('bí mật')).toHaveCount(0);
  await unlock(page);
  await expect(page.locator('.tip-table')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Vào bàn tin' })).toBeVisible();
  expect(await kept(page)).toEqual(NOTHING_KEPT);
  await page.context().close();
});

test('an idle desk says that it will lock, locks after five minutes, and lets the session go after an hour', async () => {
  const page = await knock(browser, url);
  await page.clock.install();
  await page.reload();
  await logIn(page, 'lan');
  await unlock(page);
  await openThread(page);
  await page.getByLabel(/^Trả lời \(chỉ người/).fill('Bản nháp dở dang');
  await page.clock.runFor(4 * 60_000 + 10_000);
  await expect(page.getByText(/bàn sẽ tự khóa trong vòng một phút/)).toBeVisible();
  await page.keyboard.press('Shift');
  await expect(page.getByText(/bàn sẽ tự khóa/)).toHaveCount(0);
  await page.clock.runFor(5 * 60_000 + 10_000);
  await expect(page.getByRole('heading', { name: 'Bàn đang khóa' })).toBeVisible();
  await expect(page.getByText('bí mật')).toHaveCount(0);
  await expect(page.getByText('Bản nháp dở dang')).toHaveCount(0);
  await page.clock.runFor(60 * 60_000);
  await expect(page.getByRole('button', { name: 'Vào bàn tin' })).toBeVisible();
  await page.context().close();
});

test('what no person does keeps no desk open, and a machine that slept is locked before it is touched', async () => {
  const page = await knock(browser, url);
  await page.clock.install();
  await page.reload();
  await logIn(page, 'lan');
  await unlock(page);
  const isLocked = page.getByRole('heading', { name: 'Bàn đang khóa' });
  // A pointer that rests is told to move when the page under it does; a key that is held down repeats itself.
  for (let minute = 0; minute < 5; minute += 1) {
    await page.clock.runFor(60_000);
    await page.evaluate(() => {
      dispatchEvent(new PointerEvent('pointermove', { screenX: 300, screenY: 300 }));
      dispatchEvent(new KeyboardEvent('keydown', { key: 'a', repeat: true }));
    });
  }
  await page.clock.runFor(10_000);
  await expect(isLocked).toBeVisible();
  // What was typed at the lock and left there goes the same way.
  const passphrase = page.locator('input[name=passphrase]');
  await passphrase.pressSequentially('mot cum tu go do');
  await page.clock.runFor(5 * 60_000 + 10_000);
  await expect(passphrase).toHaveValue('');
  await unlock(page);
  await page.mouse.move(10, 10);
  await page.clock.setSystemTime(Date.now() + 3 * 60 * 60_000);
  await page.mouse.move(200, 200);
  await expect(page.getByRole('button', { name: 'Vào bàn tin' })).toBeVisible();
  await page.context().close();
});

test('nobody but a tip officer enters, with the one-time code where there is one', async () => {
  for (const username of ['admin', 'verifier']) {
    const page = await knock(browser, url);
    const paths: string[] = [];
    page.on('request', (request) => paths.push(new URL(request.url()).pathname));
    await logIn(page, username);
    if (username === 'admin') {
      // An operator's administrator without codes gets as far as the role.
      await expect(page.getByRole('alert')).toBeVisible();
    }
    await expect(page.getByRole('alert')).toContainText('không vào được bàn tin');
    await expect(page.locator('.top')).toHaveCount(0);
    expect(paths.filter((path) => path.startsWith('/api/v1/desk'))).toEqual([]);
    await page.context().close();
  }
  const page = await knock(browser, url);
  await logIn(page, 'thu');
  const code = page.locator('input[name=totp]');
  await expect(code).toBeVisible();
  await expect(page.locator('.top')).toHaveCount(0);
  await code.fill('000000');
  await page.getByRole('button', { name: 'Vào bàn tin' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await code.fill(codeOf(at.codes.get('thu') ?? ''));
  await page.getByRole('button', { name: 'Vào bàn tin' }).click();
  await expect(page.getByRole('heading', { name: 'Làm chìa khóa của bạn' })).toBeVisible();
  await page.context().close();
});

test('the console tells a tip officer where to go, and loads nothing of the desk', async () => {
  const context = await browser.newContext({ locale: 'vi-VN' });
  const page = await context.newPage();
  const paths: string[] = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  await page.goto(`${url}/van-phong/`);
  await page.locator('input[name=username]').fill('lan');
  await page.locator('input[name=password]').fill('mot-mat-khau-that-dai');
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  const way = page.getByRole('link', { name: 'Đến bàn tin tố giác' });
  await expect(way).toHaveAttribute('href', '/ban-tin/');
  expect(await violations(page)).toEqual([]);
  expect(paths.filter((path) => path.startsWith('/ban-tin'))).toEqual([]);
  await way.click();
  await expect(page.getByRole('button', { name: 'Vào bàn tin' })).toBeVisible();
  await context.close();
  const admin = await desk(browser, url, 'admin');
  await expect(admin.locator('.heat')).toBeVisible();
  await admin.context().close();
});

test('the work goes by the keyboard alone', async () => {
  const page = await sitDown(browser, url, 'lan');
  await expect(page.locator('.tip-table tbody tr')).toHaveCount(1);
  const press = async (name: string) => {
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => document.activeElement?.textContent ?? '');
      if (here.trim() === name) break;
    }
    await page.keyboard.press('Enter');
  };
  await press('Mở');
  await expect(message(page, 'bí mật')).toBeVisible();
  await press('Đang xử lý');
  await expect(page.getByRole('button', { name: 'Đang xử lý' })).toHaveAttribute('aria-pressed', 'true');
  await press('Hủy ngay…');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.context().close();
});
