// What a stranger can put into a box: script, turned letters, very much text, pictures that are none, altered boxes.

import { verifyKeyOf } from '@minhchung/web-shared/tip/signature.ts';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { launch, pictures } from './desk.ts';
import { Informant, type Saying } from './informant.ts';
import { jpeg, segment, withoutMarks, withSegment } from './jpegs.ts';
import {
  call,
  type DeskServer,
  giveKey,
  kept,
  message,
  NOTHING_KEPT,
  openThread,
  sitDown,
  startDesk,
} from './tip-officers.ts';

let at: DeskServer;
let browser: Browser;
let url = '';
let page: Page;

// Each message costs a puzzle of some seconds of processor time, more on a busy machine.
test.describe.configure({ mode: 'serial', timeout: 300_000 });
test.beforeAll(async () => {
  [at, browser] = await Promise.all([startDesk(['lan']), launch()]);
  url = at.server.url;
  await giveKey(url, 'lan');
  page = await sitDown(browser, url, 'lan');
});
test.afterAll(async () => {
  await browser.close();
  await at.server.end();
});

/** Tells it as somebody new, opens it at the desk, and throws everything away before the next. */
async function tell(text: string, how: Saying = {}): Promise<void> {
  const { items } = await call<{ items: { id: string }[] }>(url, 'lan', 'GET', '/desk/tips');
  for (const { id } of items) await call(url, 'lan', 'DELETE', `/desk/tips/${id}`);
  const person = await Informant.of(url);
  await person.say(text, how);
  await openThread(page);
}

test('scripts, turned letters and 12,000 letters are the text that they are', async () => {
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  const script = '<script>document.title="pwned"</script><img src=x onerror=alert(1)>';
  await tell(`${script}\n=cmd|"/C calc"!A0`);
  await expect(page.locator('.words')).toHaveText(`${script} =cmd|"/C calc"!A0`);
  await tell('ảnh \u202Egpj.exe và \u200Bkhoảng');
  await expect(page.locator('.unseen')).toHaveText(['U+202E', 'U+200B']);
  await expect(page.getByText('Trong tin có ký tự ẩn')).toBeVisible();
  await tell('Ж'.repeat(6_000));
  await expect(page.locator('.words')).toHaveText('Ж'.repeat(6_000));
  await tell('w'.repeat(10_000));
  await expect(page.locator('.words')).toHaveText('w'.repeat(10_000));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
  expect(dialogs).toBe(0);
  expect(await page.title()).toBe('Bàn tin');
});

test('a picture is shown when somebody asks, and leaves no address behind', async () => {
  const [drawn] = await pictures(browser, 1);
  const bare = withoutMarks(drawn ?? Buffer.alloc(0));
  await tell('Kèm một ảnh.', { pictures: [bare] });
  await expect(page.locator('.tip-pictures img')).toHaveCount(0);
  await page.getByRole('button', { name: /^Xem ảnh 1/ }).click();
  const picture = page.getByAltText('Ảnh 1 trong tin tố giác');
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(320);
  const address = await picture.getAttribute('src');
  expect(address).toMatch(/^blob:/);
  await page.getByRole('button', { name: '← Danh sách' }).click();
  await expect(page.locator('.tip-table')).toBeVisible();
  const isGone = await page.evaluate(
    (src) =>
      new Promise((tell) => {
        const probe = new Image();
        probe.onload = () => tell(false);
        probe.onerror = () => tell(true);
        probe.src = src ?? '';
      }),
    address,
  );
  expect(isGone).toBe(true);
});

test('an SVG, a page, a trailer, a segment too many, a giant and a broken file are refused with words', async () => {
  const giant = jpeg();
  giant.writeUInt16BE(50_000, giant.indexOf(Buffer.from([0xff, 0xc0])) + 5);
  const cases: readonly (readonly [string, Buffer])[] = [
    ['Đó không phải ảnh JPEG.', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
    ['Đó không phải ảnh JPEG.', Buffer.from('<!doctype html><script>alert(1)</script>')],
    ['Sau ảnh còn giấu thứ khác.', Buffer.concat([jpeg(), Buffer.from('PK\x03\x04 hidden')])],
    ['Tệp mang theo phần ngoài ảnh', withSegment(jpeg(), segment(0xe1, [...Buffer.from('Exif\0\0')]))],
    ['Ảnh quá lớn', giant],
    ['Tệp hỏng hoặc bị cắt.', jpeg().subarray(0, 120)],
  ];
  for (const three of [cases.slice(0, 3), cases.slice(3)]) {
    await tell('Ba ảnh lạ.', { pictures: three.map(([, bytes]) => bytes) });
    for (const [index, [words]] of three.entries()) {
      const item = page.locator('.tip-pictures li').nth(index);
      await expect(item).toContainText(`Ảnh ${index + 1} không được hiện. ${words}`);
      await expect(item.getByRole('button')).toHaveCount(0);
    }
  }
});

test('a picture whose segments are right and which no decoder takes says so', async () => {
  const wrong = jpeg();
  // Seven bits for each sample, which no decoder knows.
  wrong[wrong.indexOf(Buffer.from([0xff, 0xc0])) + 4] = 7;
  await tell('Ảnh lỗi bên trong.', { pictures: [wrong] });
  await page.getByRole('button', { name: /^Xem ảnh 1/ }).click();
  await expect(page.getByText('Ảnh 1 không giải được.')).toBeVisible();
});

test('altered boxes are refused with words: commitment, header, slots, payload', async () => {
  const flip = (offset: number) => (box: Uint8Array<ArrayBuffer>) => {
    box[offset] = (box[offset] ?? 0) ^ 1;
    return box;
  };
  for (const [offset, words] of [
    // In other words when midnight came between the key and the message.
    [40, 'đã bị sửa'],
    [20_000, 'gói tin hỏng hoặc đã bị sửa'],
    [10_000, 'gói tin hỏng hoặc đã bị sửa'],
  ] as const) {
    await tell('Sẽ không ai đọc được câu này.', { alter: flip(offset) });
    await expect(page.getByRole('alert'), String(offset)).toContainText(words);
    await expect(page.getByText('Sẽ không ai đọc')).toHaveCount(0);
    await expect(page.getByText('Chưa mở được tin nào ở đây')).toBeVisible();
  }
});

test('a box that the server shows in another thread is not shown', async () => {
  const one = await Informant.of(url);
  await tell('Đặt nhầm chỗ.');
  await page.route('**/api/v1/desk/tips?**', async (route) => {
    // Whatever thread is asked for, the server hands out the one that it has.
    const answer = await route.fetch({
      url: route
        .request()
        .url()
        .replace(/&thread=[^&]+/, ''),
    });
    const mailbox = Buffer.from(one.keys.mailbox).toString('base64url');
    const text = (await answer.text()).replaceAll(/"thread":"[\w-]+"/g, `"thread":"${mailbox}"`);
    await route.fulfill({ response: answer, body: text });
  });
  await openThread(page);
  await expect(page.getByRole('alert')).toContainText('được khóa cho một hộp thư khác');
  await expect(message(page, 'Đặt nhầm chỗ.')).toHaveCount(0);
  await page.unroute('**/api/v1/desk/tips?**');
});

test('a note that no officer signed is not taken for the desks', async () => {
  const stranger = await Informant.of(url);
  await tell('Giả làm ghi chú của bàn.', {
    signingSeed: stranger.keys.signingSeed,
    verifyKey: verifyKeyOf(stranger.keys.signingSeed),
  });
  await page.route('**/api/v1/desk/tips?**', async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replaceAll('"channel":"web"', '"channel":"desk_note"');
    await route.fulfill({ response: answer, body: text });
  });
  await openThread(page);
  await expect(message(page, 'Giả làm')).toContainText(
    'Đừng tin: ghi chú này không do cán bộ nào của bàn ký.',
  );
  await page.unroute('**/api/v1/desk/tips?**');
  expect(await kept(page)).toEqual({ ...NOTHING_KEPT, state: null });
});
