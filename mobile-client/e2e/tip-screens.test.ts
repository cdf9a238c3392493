// The citizen's page as it looks and feels: every screen in both languages, the keyboard alone, no script, no touch for
// five minutes, no desk, a browser that marks pictures. Pictures lie under target/phone-screens; MINHCHUNG_GUIDE=1 renews
// those of the guide.

import { join } from 'node:path';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import vi from '../src/tip/text/vi.json' with { type: 'json' };
import {
  addPictures,
  citizen,
  comeBack,
  confirmReceipt,
  hasArrived,
  openBrowser,
  openPage,
  press,
  sees,
  send,
  TIP_WORDS,
  type TipWords,
  write,
} from './citizen.ts';
import { GUIDE, look } from './look.ts';
import { TestDesk } from './tip-desk.ts';
import { corpusPicture, tellsTooMuch } from './tip-pictures.ts';

// Each message costs a puzzle of some seconds of processor time, more on a busy machine.
test.describe.configure({ timeout: 180_000 });

let server: TestServer;
let desk: TestDesk;
let browser: Browser;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  server = await TestServer.start({ roles: ['tip_officer'] });
  desk = await TestDesk.open(server);
  browser = await openBrowser();
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

const tower = () => ({ ...corpusPicture('jpeg-decoder-0.3.2/tower.jpg'), mimeType: 'image/jpeg' });
const newPage = async () => (await citizen(browser)).newPage();
const ready = (page: Page, words: TipWords = vi) =>
  expect(page.getByText(words['write.ready'])).toBeVisible({ timeout: 90_000 });

for (const language of ['vi', 'en'] as const) {
  test(`every screen can be read, tapped and enlarged: ${language}`, async () => {
    const words = TIP_WORDS[language];
    const page = await newPage();
    let number = 0;
    const see = (name: string) => {
      number += 1;
      const place = String(number).padStart(2, '0');
      return look(page, `${language}-${place}-to-giac-${name}`, language, join(GUIDE, '../to-giac'));
    };
    await page.goto(`${server.url}/to-giac/`);
    if (language === 'en') await press(page, 'language');
    await sees(page, 'start.title', words);
    await see('mo-trang');
    await press(page, 'start.write', words);
    await page.getByLabel(words['write.text']).fill('Nhà hoang sau chợ, tối nào cũng có người lạ.');
    await page.getByLabel(words['write.add-picture']).setInputFiles([tower()]);
    await expect(page.locator('.pictures li')).toHaveCount(1);
    await ready(page, words);
    await page.evaluate(() => window.scrollTo(0, 0));
    await see('viet-tin');
    await page.getByRole('button', { name: words['picture.cover'] }).click();
    await press(page, 'cover.add', words);
    await see('che-anh');
    await press(page, 'cover.done', words);
    await expect(page.getByText(words['write.preparing'])).toHaveCount(0);
    await press(page, 'write.send', words);
    await hasArrived(page, words);
    await see('bien-nhan');
    const receipt = await page.locator('.groups').innerText();
    const digits = receipt.replaceAll(/\D*\d?:/g, '').replaceAll(/\D/g, '');
    expect(digits).toHaveLength(25);
    await press(page, 'receipt.noted', words);
    await see('kiem-tra');
    await press(page, 'confirm.check', words);
    await expect(page.getByText(words['confirm.wrong'])).toBeVisible();
    for (const field of await page.locator('main input').all()) {
      const label = await field.evaluate((input: HTMLInputElement) => input.labels?.[0]?.textContent ?? '');
      const group = Number(/\d/.exec(label)?.[0]) - 1;
      await field.fill(digits.slice(group * 5, group * 5 + 5));
    }
    await press(page, 'confirm.check', words);
    await see('xong');
    const tip = (await desk.tips())[0];
    if (tip === undefined) throw new Error('nothing arrived');
    for (const one of await desk.tips()) {
      await desk.answer(one, 'Cảm ơn bà con. Xin cho biết thêm: thường vào khoảng mấy giờ?');
    }
    await page.reload();
    if (language === 'en') await press(page, 'language');
    await press(page, 'start.return', words);
    await page
      .getByLabel(words['enter.label'])
      .fill(`${digits.slice(0, 24)}${(Number(digits[24]) + 1) % 10}`);
    await press(page, 'enter.open', words);
    await expect(page.getByText(words['enter.wrong'])).toBeVisible();
    await page.getByLabel(words['enter.label']).fill(digits);
    await see('go-ma');
    await press(page, 'enter.open', words);
    await expect(page.getByText(words['enter.opening'])).toHaveCount(0, { timeout: 90_000 });
    await sees(page, 'mailbox.title', words);
    await see('thu-tra-loi');
    await press(page, 'mailbox.delete', words);
    await see('xoa');
    await page.context().close();
  });
}

test('the keyboard alone writes, sends, copies the receipt and leaves', async () => {
  const context = await citizen(browser, { viewport: { width: 1024, height: 700 } });
  const page = await context.newPage();
  await openPage(page, server.url);
  await reach(page, vi['start.write']);
  await page.keyboard.press('Enter');
  await hasFocus(page, vi['write.title']);
  // The focus is on the new screen's heading; the text is the next stop.
  await page.keyboard.press('Tab');
  await page.keyboard.type('Chỉ có bàn phím.');
  await reach(page, vi['write.send']);
  await page.keyboard.press('Enter');
  await hasArrived(page);
  const receipt = (await page.locator('.groups').innerText())
    .replaceAll(/\D*\d?:/g, '')
    .replaceAll(/\D/g, '');
  await reach(page, vi['receipt.noted']);
  await page.keyboard.press('Enter');
  await hasFocus(page, vi['confirm.title']);
  for (let field = 0; field < 2; field += 1) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate(
      () => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent ?? '',
    );
    const group = Number(/\d/.exec(label)?.[0]) - 1;
    await page.keyboard.type(receipt.slice(group * 5, group * 5 + 5));
  }
  await reach(page, vi['confirm.check']);
  await page.keyboard.press('Enter');
  await sees(page, 'done.title');
  await reach(page, vi['done.leave']);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('about:blank');
  await context.close();
});

/** A new screen takes the focus to its heading. */
const hasFocus = (page: Page, heading: string) =>
  expect(page.getByRole('heading', { level: 1, name: heading, exact: true })).toBeFocused();

/** Tabs until the button has the focus; visible focus is axe's and the style sheet's part. */
async function reach(page: Page, name: string): Promise<void> {
  for (let stop = 0; stop < 40; stop += 1) {
    await page.keyboard.press('Tab');
    const words = await page.evaluate(() => document.activeElement?.textContent ?? '');
    if (words.trim() === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

test('what comes late moves no button away under a finger', async () => {
  const page = await newPage();
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  await page.route(/\/api\/v1\/(communes|tips\/desk)$/, async (route) => {
    await released;
    await route.continue();
  });
  await openPage(page, server.url);
  await write(page, 'Từ từ rồi gửi');
  await expect(page.getByText(vi['write.desk-unknown'])).toBeVisible();
  const button = page.getByRole('button', { name: vi['write.send'], exact: true });
  // In every frame from here on: where the button is, and the shapes of pictures as they are when they come.
  const seen = await button.evaluateHandle((element) => {
    const record = { tops: new Set<number>(), shapes: [] as number[], isOver: false };
    const frame = () => {
      record.tops.add(Math.round(element.getBoundingClientRect().top + scrollY));
      if (!record.isOver) requestAnimationFrame(frame);
    };
    frame();
    new MutationObserver((changes) => {
      for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        if (!(node instanceof Element)) continue;
        for (const canvas of node.querySelectorAll('canvas')) record.shapes.push(canvas.height);
      }
    }).observe(document.body, { childList: true, subtree: true });
    return record;
  });
  release();
  await ready(page);
  await expect(page.getByLabel(vi['write.commune']).locator('option')).toHaveCount(100);
  const tops = await seen.evaluate((record) => {
    record.isOver = true;
    return [...record.tops];
  });
  expect(tops).toHaveLength(1);
  await addPictures(page, [tower()]);
  const drawn = await page.locator('.pictures canvas').evaluate((canvas: HTMLCanvasElement) => canvas.height);
  expect(await seen.evaluate((record) => record.shapes)).toEqual([drawn]);
  await page.context().close();
});

test('without script the page shows whom to call and why it cannot send', async () => {
  const context = await citizen(browser, { javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${server.url}/to-giac/`);
  await sees(page, 'start.title');
  await expect(page.getByText('nên cần JavaScript')).toBeVisible();
  for (const [name, address] of [
    ['0692.509.489', 'tel:0692509489'],
    ['0692.506.112', 'tel:0692506112'],
    ['pcmt@laocai.gov.vn', 'mailto:pcmt@laocai.gov.vn'],
    ['113', 'tel:113'],
  ] as const) {
    await expect(page.getByRole('link', { name, exact: true })).toHaveAttribute('href', address);
  }
  await context.close();
});

test('after five minutes without a touch everything is wiped, with a warning a minute before', async () => {
  const page = await newPage();
  await page.clock.install();
  await openPage(page, server.url);
  await write(page, 'Chưa viết xong');
  await page.clock.runFor(4 * 60_000 + 2000);
  await expect(page.getByText(/trang sẽ tự xóa hết/)).toBeVisible();
  await press(page, 'idle.stay');
  await expect(page.getByText(/trang sẽ tự xóa hết/)).toHaveCount(0);
  await expect(page.getByLabel(vi['write.text'])).toHaveValue('Chưa viết xong');
  // What the warning pushed down stays where it is while a finger is on it, or the tap would be nobody's.
  const button = page.getByRole('button', { name: vi['write.send'], exact: true });
  await button.scrollIntoViewIfNeeded();
  await page.clock.runFor(4 * 60_000 + 2000);
  await expect(page.getByText(/trang sẽ tự xóa hết/)).toBeVisible();
  await button.hover();
  const place = await button.boundingBox();
  await page.mouse.down();
  await page.clock.runFor(400);
  expect(await button.boundingBox()).toEqual(place);
  await page.mouse.move(0, 0);
  await page.mouse.up();
  await page.clock.runFor(2000);
  await expect(page.getByText(/trang sẽ tự xóa hết/)).toHaveCount(0);
  // The warning makes a page that is not at its top scroll; that is nobody's touch.
  await page.clock.runFor(4 * 60_000 + 2000);
  await expect(page.getByText(/trang sẽ tự xóa hết/)).toBeVisible();
  await page.clock.runFor(60_000);
  await expect(page.getByText(vi['note.idle'])).toBeVisible();
  expect(await page.content()).not.toContain('Chưa viết xong');
  await press(page, 'start.write');
  await expect(page.getByLabel(vi['write.text'])).toHaveValue('');
  await page.context().close();
});

test('a phone that slept wipes before whoever wakes it can read, and a frozen tab at once', async () => {
  const page = await newPage();
  await page.clock.install();
  await openPage(page, server.url);
  await write(page, 'Viết rồi để máy ngủ');
  // The page's own clock stood still meanwhile, and the first thing to happen is a touch.
  await page.clock.setSystemTime(Date.now() + 10 * 60_000);
  await page.keyboard.press('Shift');
  await expect(page.getByText(vi['note.idle'])).toBeVisible();
  expect(await page.content()).not.toContain('Viết rồi để máy ngủ');
  await write(page, 'Viết rồi bỏ đó');
  await page.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await expect(page.getByText(vi['note.idle'])).toBeVisible();
  await press(page, 'start.write');
  await expect(page.getByLabel(vi['write.text'])).toHaveValue('');
  await page.context().close();
});

test('a picture that the phone brings after everything was wiped is nobody’s', async () => {
  const page = await newPage();
  await page.clock.install();
  await openPage(page, server.url);
  await write(page, 'Chọn ảnh lâu quá');
  const input = await page.getByLabel(vi['write.add-picture']).elementHandle();
  await page.clock.runFor(5 * 60_000 + 2000);
  await expect(page.getByText(vi['note.idle'])).toBeVisible();
  // The chooser answers to an element that is on no page any more.
  await input.evaluate((element, base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], 'anh.jpg', { type: 'image/jpeg' }));
    (element as HTMLInputElement).files = files.files;
    element.dispatchEvent(new Event('change', { bubbles: true }));
  }, tower().buffer.toString('base64'));
  await write(page, 'Người sau');
  await addPictures(page, [tower()]);
  await expect(page.locator('.pictures li')).toHaveCount(1);
  await page.context().close();
});

test('whoever puts the phone aside after sending finds words about what happened, and nothing else', async () => {
  const page = await newPage();
  await page.clock.install();
  await page.route('**/api/v1/tips', (route) => route.abort());
  await openPage(page, server.url);
  await write(page, 'Đang gửi thì có người gọi');
  await ready(page);
  await press(page, 'write.send');
  await expect(page.getByText(/Tự thử lại sau/)).toBeVisible();
  await page.clock.runFor(5 * 60_000 + 2000);
  await expect(page.getByText(vi['note.idle_sending'])).toBeVisible();
  expect(await page.content()).not.toContain('Đang gửi thì');
  await press(page, 'start.write');
  await expect(page.getByLabel(vi['write.text'])).toHaveValue('');

  // Arrived, but the receipt was never copied.
  await page.unroute('**/api/v1/tips');
  await page.getByLabel(vi['write.text']).fill('Tới rồi mà chưa chép mã');
  await ready(page);
  const receipt = await send(page);
  await page.clock.runFor(5 * 60_000 + 2000);
  await expect(page.getByText(vi['note.idle_receipt'])).toBeVisible();
  expect(await page.content()).not.toContain(receipt.slice(0, 5));
  await page.context().close();
});

test('the quick exit is in sight on a long page, and there is no way back to what stood there', async () => {
  const page = await newPage();
  await page.goto(`${server.url}/gioi-thieu`);
  await page.getByRole('link', { name: /Tố giác/ }).click();
  await sees(page, 'start.title');
  await write(page, 'Có người đến sau lưng');
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(page.getByRole('button', { name: vi.exit })).toBeInViewport();
  await page.getByRole('button', { name: vi.exit }).click();
  await expect(page).toHaveURL('about:blank');
  await page.goBack();
  expect(new URL(page.url()).pathname).toBe('/gioi-thieu');
  await page.goForward();
  expect(page.url()).toBe('about:blank');
  // Another visit begins empty.
  await openPage(page, server.url);
  await press(page, 'start.write');
  await expect(page.getByLabel(vi['write.text'])).toHaveValue('');
  // Leaving by any other way wipes too, also when the browser brings the page back.
  await page.getByLabel(vi['write.text']).fill('Còn dấu không');
  await page.goto(`${server.url}/gioi-thieu`);
  await page.goBack();
  await sees(page, 'start.title');
  expect(await page.content()).not.toContain('Còn dấu không');
  await page.context().close();
});

test('without a network it says so, keeps nothing, and sends when the network is back', async () => {
  const page = await newPage();
  await openPage(page, server.url);
  await write(page, 'Sóng yếu');
  await ready(page);
  await page.context().setOffline(true);
  await expect(page.getByText(vi.offline)).toBeVisible();
  await press(page, 'write.send');
  await expect(page.getByText(/Tự thử lại sau/)).toBeVisible();
  await page.context().setOffline(false);
  await hasArrived(page);
  await page.context().close();
});

test('workers that a bad network did not bring are asked for again, and the message goes', async () => {
  const page = await newPage();
  await openPage(page, server.url);
  let lost = 0;
  await page.route(/\/to-giac\/assets\/(?:vault|puzzle)-.*\.js/, (route) => {
    lost += 1;
    return route.abort();
  });
  await write(page, 'Mạng chập chờn');
  await press(page, 'write.send');
  await expect(page.getByText(/Tự thử lại sau/)).toBeVisible();
  expect(lost).toBeGreaterThan(1);
  await page.unroute(/\/to-giac\/assets\/(?:vault|puzzle)-.*\.js/);
  await press(page, 'sending.again');
  await hasArrived(page);
  await page.context().close();
});

test('a browser that marks pictures sends only what can be cleaned without drawing it anew', async () => {
  const page = await newPage();
  await page.addInitScript(() => {
    // Every value comes back one off, as noise against recognition does it.
    const proto = CanvasRenderingContext2D.prototype as unknown as Record<string, unknown>;
    const honest = proto['getImageData'] as (...area: number[]) => ImageData;
    proto['getImageData'] = function (this: CanvasRenderingContext2D, ...area: number[]) {
      const found = honest.apply(this, area);
      found.data[0] = (found.data[0] ?? 0) ^ 1;
      return found;
    };
  });
  await openPage(page, server.url);
  await write(page, 'Ảnh không vẽ lại');
  await expect(page.getByText(vi['write.pictures-plain'])).toBeVisible();
  await addPictures(page, [{ ...corpusPicture('exif-0.6.0/lens_info.jpg'), mimeType: 'image/jpeg' }]);
  await expect(page.getByRole('button', { name: vi['picture.cover'] })).toHaveCount(0);
  await page
    .getByLabel(vi['write.add-picture'])
    .setInputFiles([
      { name: 'a.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1') },
    ]);
  await expect(page.getByText(vi['picture.unreadable'])).toBeVisible();
  await send(page);
  const [arrived] = (await desk.readAll()).filter((one) => one.message.text === 'Ảnh không vẽ lại');
  expect(arrived?.message.pictures).toHaveLength(1);
  for (const picture of arrived?.message.pictures ?? []) expect(tellsTooMuch(picture)).toEqual([]);
  await page.context().close();
});

test('no string becomes script on the page, and nothing is loaded from elsewhere', async () => {
  const page = await newPage();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(server.url)) foreign.push(request.url());
  });
  await openPage(page, server.url);
  await write(page, '<img src=x onerror=alert(1)>');
  await ready(page);
  const tried = await page.evaluate(() => {
    const attempt = (what: () => unknown) => {
      try {
        what();
        return 'done';
      } catch (error) {
        return (error as Error).name;
      }
    };
    return [
      attempt(() => {
        document.body.insertAdjacentHTML('beforeend', '<b>x</b>');
      }),
      attempt(() => new Worker('/service-worker.js')),
    ];
  });
  expect(tried).toEqual(['TypeError', 'TypeError']);
  expect(foreign).toEqual([]);
  await page.context().close();
});

test('while the desk has no key the page says so and names the numbers, and nothing can be sent', async () => {
  const empty = await TestServer.start();
  const page = await newPage();
  await openPage(page, empty.url);
  await write(page, 'Có ai không?');
  await expect(page.getByText(vi['write.desk-closed'])).toBeVisible();
  await expect(page.getByRole('button', { name: vi['write.send'], exact: true })).toBeDisabled();
  await expect(page.getByRole('link', { name: '0692.509.489' })).toBeVisible();
  await page.context().close();
  await empty.end();
});

test('the phone’s service worker keeps nothing of the page', async () => {
  const page = await newPage();
  await page.goto(server.url);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await openPage(page, server.url);
  await write(page, 'Máy của trưởng thôn');
  const receipt = await send(page);
  await confirmReceipt(page, receipt);
  const keptPaths = await page.evaluate(async () => {
    const found: string[] = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) found.push(request.url);
    }
    return found;
  });
  expect(keptPaths.length).toBeGreaterThan(3);
  expect(keptPaths.filter((url) => /to-giac|tips/.test(url))).toEqual([]);
  await openPage(page, server.url);
  await comeBack(page, receipt);
  await page.context().close();
});
