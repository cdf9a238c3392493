// What came by telephone, floods, figures; axe on every screen in both languages; pictures of the screens; the weight.

import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { violations } from '@minhchung/web-shared/e2e/axe';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { launch, pictures } from './desk.ts';
import { Informant } from './informant.ts';
import { withoutMarks } from './jpegs.ts';
import {
  bodiesOf,
  type DeskServer,
  giveKey,
  kept,
  knock,
  logIn,
  message,
  NOTHING_KEPT,
  openThread,
  PASSPHRASE,
  sitDown,
  startDesk,
  TIP_DESK,
} from './tip-officers.ts';

const root = resolve(import.meta.dirname, '../..');
const committed = join(root, 'docs/huong-dan/anh');
const isRenewed = process.env['MINHCHUNG_SCREENSHOTS'] === 'write';
const folder = isRenewed ? committed : join(root, 'target/guide-pictures');

let at: DeskServer;
let browser: Browser;
let url = '';

// Each message costs a puzzle of some seconds of processor time, more on a busy machine.
test.describe.configure({ mode: 'serial', timeout: 300_000 });
test.beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  [at, browser] = await Promise.all([startDesk(['lan', 'minh', 'hoa']), launch()]);
  url = at.server.url;
  await giveKey(url, 'lan');
  await giveKey(url, 'minh');
});
test.afterAll(async () => {
  await browser.close();
  await at.server.end();
});

const way = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Các màn hình' }).getByRole('button', { name });

test('what came by telephone is sealed here, its receipt read to the caller, and the caller hears the answer', async () => {
  const page = await sitDown(browser, url, 'lan');
  await way(page, 'Ghi tin nghe được').click();
  await page.getByLabel('Nội dung').fill('Người gọi nói: có kho ở nhà bỏ hoang.');
  await page.getByLabel('Loại việc').selectOption('storing');
  await page.getByLabel('Địa bàn').selectOption({ index: 3 });
  await bodiesOf(page);
  const sent = page.waitForRequest((request) => request.url().includes('/desk/tips?channel=hotline'));
  await page.getByRole('button', { name: 'Khóa và lưu' }).click();
  expect((await sent).postDataBuffer()).toHaveLength(16 + 32_768);
  await expect(page.getByRole('heading', { name: 'Mã biên nhận' })).toBeVisible();
  const groups = await page.locator('.receipt-digits li').allInnerTexts();
  expect(groups).toHaveLength(5);
  const receipt = groups.join('');
  expect(receipt).toMatch(/^\d{25}$/);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.receipt-digits')).toBeVisible();
  await expect(page.getByRole('button', { name: 'In', exact: true })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'Xong, xóa khỏi màn hình' }).click();
  await expect(page.getByLabel('Nội dung')).toHaveValue('');

  await page.getByLabel('Nội dung').fill('Người gọi lại: nay có thêm xe tải.');
  await page.getByLabel(/^Mã biên nhận của người báo/).fill('11111 11111 11111 11111 11112');
  await page.getByRole('button', { name: 'Khóa và lưu' }).click();
  await expect(page.getByRole('alert')).toContainText('Mã biên nhận không đúng.');
  await page.getByLabel(/^Mã biên nhận của người báo/).fill(groups.join(' '));
  await page.getByRole('button', { name: 'Khóa và lưu' }).click();
  await page.getByRole('button', { name: 'Xong, xóa khỏi màn hình' }).click();

  await openThread(page);
  await expect(page.locator('.message')).toHaveCount(2);
  await expect(message(page, 'nhà bỏ hoang')).toContainText('Đường dây nóng');
  await expect(message(page, 'xe tải')).toContainText('chữ ký');
  await page.getByLabel(/^Trả lời \(chỉ người/).fill('Đã kiểm tra, cảm ơn.');
  await page.getByRole('button', { name: 'Khóa và gửi trả lời' }).click();
  await expect(page.getByText(/^Đã gửi\./)).toBeVisible();
  const caller = await Informant.of(url, receipt);
  expect(await caller.answers()).toEqual(['Đã kiểm tra, cảm ơn.']);
  expect(await kept(page)).toEqual({ ...NOTHING_KEPT });
  await page.context().close();
});

test('an answer that is too long is said so in words, and a lost answer of the server makes no second one', async () => {
  const page = await sitDown(browser, url, 'lan');
  await openThread(page);
  const words = page.getByLabel(/^Trả lời \(chỉ người/);
  await words.fill('Đặng '.repeat(500));
  await expect(page.getByText(/^Quá dài: hãy bớt khoảng \d+ từ\.$/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Khóa và gửi trả lời' })).toBeDisabled();
  await words.fill('Gửi một lần thôi.');
  await page.route('**/desk/tips/*/replies?*', async (route) => {
    await route.fetch();
    await route.abort();
    await page.unroute('**/desk/tips/*/replies?*');
  });
  await page.getByRole('button', { name: 'Khóa và gửi trả lời' }).click();
  await expect(page.getByRole('alert')).toContainText('Máy chủ chưa trả lời');
  await page.getByRole('button', { name: 'Khóa và gửi trả lời' }).click();
  await expect(page.getByText(/^Đã gửi\./)).toBeVisible();
  await way(page, 'Tin tố giác').click();
  await expect(page.locator('.tip-table tbody tr .figure')).toHaveText('2');
  await page.context().close();
});

test('axe finds nothing on any screen in either language, and 360 px can be read', async () => {
  test.setTimeout(240_000);
  const [drawn] = await pictures(browser, 1);
  const person = await Informant.of(url);
  await person.say('Ở bãi xe sau bến, hai người hay đứng chờ lúc chập tối. Tôi gửi thêm khi thấy lại.', {
    category: 'selling',
    commune: '02671',
    pictures: [withoutMarks(drawn ?? Buffer.alloc(0))],
  });
  const page = await knock(browser, url, { width: 1280, height: 760 });
  await clean(page, 'door');
  await take(page, 'ban-tin-vao');
  await logIn(page, 'hoa');
  await expect(page.getByRole('heading', { name: 'Làm chìa khóa của bạn' })).toBeVisible();
  await page.getByRole('button', { name: 'Gợi ý một câu ngẫu nhiên' }).click();
  await page.getByLabel('Câu mật khẩu', { exact: true }).fill(PASSPHRASE);
  await page.getByLabel('Gõ lại câu mật khẩu').fill(PASSPHRASE);
  await clean(page, 'make');
  await take(page, 'ban-tin-lam-chia-khoa');
  await page.getByRole('button', { name: 'Làm chìa khóa', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Đã có chìa khóa' })).toBeVisible();
  await clean(page, 'made');
  await take(page, 'ban-tin-dau-van');
  await page.context().close();

  const lan = await sitDown(browser, url, 'lan', { width: 1280, height: 760 });
  for (const language of ['vi', 'en'] as const) {
    const names = NAMES[language];
    const nav = lan.getByRole('navigation');
    await expect(lan.locator('.tip-table tbody tr')).toHaveCount(2);
    await each(lan, language, 'danh-sach');
    for (const index of [0, 1]) {
      await lan.locator('.tip-table tbody tr').nth(index).getByRole('button').click();
      await expect(lan.locator('.message .loading')).toHaveCount(0);
      await expect(lan.locator('.words').first()).toBeVisible();
      const show = lan.getByRole('button', { name: /^(?:Xem ảnh|Show picture) 1/ });
      if ((await show.count()) > 0) await show.click();
      await each(lan, language, index === 0 ? 'mot-tin' : 'hoi-dap');
      await lan.getByRole('button', { name: names.shred }).click();
      await clean(lan, `shred ${language}`);
      await lan.keyboard.press('Escape');
      await lan.getByRole('button', { name: names.list, exact: true }).click();
    }
    for (const [name, file, wanted] of [
      [names.register, 'ghi-tin', 'textarea'],
      [names.counts, 'so-lieu', '.count-box'],
      [names.flood, 'doi-tin', '.facts-list'],
      [names.keys, 'chia-khoa', '.key-row'],
    ] as const) {
      await nav.getByRole('button', { name }).click();
      await expect(lan.locator(wanted).first()).toBeVisible();
      await each(lan, language, file);
    }
    await lan.getByRole('button', { name: names.lock }).click();
    await each(lan, language, 'khoa-ban');
    if (language === 'vi') await lan.getByRole('button', { name: 'English' }).click();
    await lan.getByLabel(/^(?:Câu mật khẩu|Passphrase)$/).fill(PASSPHRASE);
    await lan.getByRole('button', { name: /^(?:Mở khóa|Open)$/ }).click();
    await expect(lan.locator('.tip-table')).toBeVisible();
  }
  await expect(lan.locator('html')).toHaveAttribute('lang', 'en');
  await lan.context().close();
});

const NAMES = {
  vi: {
    list: '← Danh sách',
    shred: 'Hủy ngay…',
    register: 'Ghi tin nghe được',
    counts: 'Số liệu',
    flood: 'Khi bị dội tin',
    keys: 'Chìa khóa',
    lock: 'Khóa bàn',
  },
  en: {
    list: '← List',
    shred: 'Shred now…',
    register: 'Write down',
    counts: 'Figures',
    flood: 'Flood',
    keys: 'Keys',
    lock: 'Lock',
  },
} as const;

/** axe at both widths, nothing wider than the window, and in Vietnamese a picture for the guide. */
async function each(page: Page, language: 'vi' | 'en', name: string): Promise<void> {
  await clean(page, `${name} ${language}`);
  if (language === 'vi') await take(page, `ban-tin-${name}`);
  await page.setViewportSize({ width: 360, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360);
  if (language === 'vi') {
    await clean(page, `${name} 360`);
    await page.screenshot({ path: join(root, 'target/guide-pictures', `hep-${name}.png`) });
  }
  await page.setViewportSize({ width: 1280, height: 760 });
}

async function clean(page: Page, what: string): Promise<void> {
  expect(await violations(page), what).toEqual([]);
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 62, scale: 'css' });
  expect(existsSync(join(committed, `${name}.jpg`)), `${name}.jpg is not committed`).toBe(true);
}

test('a flood is thrown away by its day and state after a second yes, and the puzzle is made harder', async () => {
  for (const text of ['Tin rác một', 'Tin rác hai']) await (await Informant.of(url)).say(text);
  const page = await sitDown(browser, url, 'minh');
  const rows = page.locator('.tip-table tbody tr');
  await expect(rows).toHaveCount(4);
  await way(page, 'Khi bị dội tin').click();
  await page.getByLabel('Độ khó thấp nhất').selectOption('1');
  await expect(page.getByText('mức 1')).toBeVisible();
  const open = page.getByRole('button', { name: 'Hủy hàng loạt…' });
  await expect(open).toBeDisabled();
  await page.getByLabel('Trạng thái').selectOption('new');
  await page.getByLabel('Gồm').selectOption('text');
  await open.click();
  await expect(page.getByRole('dialog')).toContainText('trạng thái “Mới”, cỡ “Chữ”');
  await page.getByRole('button', { name: 'Hủy tất cả' }).click();
  await expect(page.getByText(/^Đã hủy \d+ gói\.$/)).toBeVisible();
  await way(page, 'Tin tố giác').click();
  await page.getByLabel('Trạng thái').selectOption('new');
  // The picture of the other thread is of another size.
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Có chỗ cho 1 ảnh');
  await page.context().close();
});

test('figures below five are hidden', async () => {
  const page = await sitDown(browser, url, 'minh');
  await way(page, 'Số liệu').click();
  const table = page.getByRole('region', { name: 'Theo đường đến' });
  await expect(table.locator('tbody tr')).not.toHaveCount(0);
  await expect(table).toContainText('ẩn');
  const cells = await table.locator('tbody td').allInnerTexts();
  for (const cell of cells) expect(cell).toMatch(/^(?:0|ẩn|[5-9]|\d{2,})$/);
  await page.context().close();
});

test('the desk is asked for news once, at the same length whatever there is', async () => {
  const page = await knock(browser, url);
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/desk/notice')) asked.push(request.url());
  });
  await logIn(page, 'lan');
  await expect(page.getByRole('heading', { name: 'Bàn đang khóa' })).toBeVisible();
  await expect.poll(() => asked.length).toBe(1);
  await page.context().close();
});

test('the page may run its own files only, and weighs at most 150 KB packed', async () => {
  const answer = await fetch(`${url}${TIP_DESK}`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(policy.replace("'wasm-unsafe-eval'", '')).not.toContain('unsafe');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (line) => complaints.push(line.text()));
  await page.goto(`${url}${TIP_DESK}`);
  await expect(page.getByRole('button', { name: 'Vào bàn tin' })).toBeVisible();
  // Neither a string nor another script becomes part of the page.
  const refused = await page.evaluate(() => {
    const tries = [
      () => {
        document.body.innerHTML = '<b>x</b>';
      },
      () => new Worker('/ban-tin/other.js'),
    ];
    return tries.map((attempt) => {
      try {
        attempt();
        return 'taken';
      } catch (error) {
        return error instanceof TypeError ? 'refused' : String(error);
      }
    });
  });
  expect(refused).toEqual(['refused', 'refused']);
  await page.close();
  const assets = (name: string) => readdirSync(resolve(import.meta.dirname, `../${name}/assets`));
  const packed = assets('dist-desk')
    .filter((name) => /\.(?:js|css)$/.test(name))
    .map((name) => readFileSync(resolve(import.meta.dirname, '../dist-desk/assets', name)))
    .map((bytes) => gzipSync(bytes, { level: 9 }).length);
  const weight = packed.reduce((sum, bytes) => sum + bytes, 0);
  console.log(`the tip desk weighs ${(weight / 1000).toFixed(1)} KB packed`);
  expect(weight).toBeLessThanOrEqual(150_000);
  for (const name of assets('dist').filter((each) => each.endsWith('.js'))) {
    const code = readFileSync(resolve(import.meta.dirname, '../dist/assets', name), 'utf8');
    expect(code.includes('/api/v1/desk'), name).toBe(false);
  }
});
