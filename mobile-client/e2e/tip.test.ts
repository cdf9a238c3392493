// The tip line from the citizen's side, against the real server: a message goes, an answer comes, nothing stays.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProfile, PHONE_VIEW } from '@minhchung/web-shared/e2e/browser';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { newDeskSeeds } from '@minhchung/web-shared/tip/desk-key.ts';
import { groupsOf } from '@minhchung/web-shared/tip/receipt.ts';
import { type Browser, expect, type Page, test } from '@playwright/test';
import vi from '../src/tip/text/vi.json' with { type: 'json' };
import {
  addPictures,
  citizen,
  comeBack,
  confirmReceipt,
  digest,
  hasArrived,
  openBrowser,
  openPage,
  press,
  send,
  write,
} from './citizen.ts';
import { TestDesk } from './tip-desk.ts';
import {
  corpusPicture,
  exifCorpus,
  PICTURE_CANARY,
  talkativePictures,
  tellsTooMuch,
} from './tip-pictures.ts';

const CANARY = 'Chim-hoàng-yến hót ở Ngòi Thia';
const ANSWER_CANARY = 'Cán bộ đã nghe chim-hót';

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
test.afterEach(() => {
  const { status, expectedStatus } = test.info();
  if (status !== expectedStatus) console.error(`the server's log:\n${server.log}`);
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

async function newPage(): Promise<Page> {
  const context = await citizen(browser);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

const jpeg = (picture: { name: string; buffer: Buffer }) => ({ ...picture, mimeType: 'image/jpeg' });

/** Everything the browser could keep for the page, as one text. */
function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches_ = await caches.keys();
    const workers = await navigator.serviceWorker.getRegistrations();
    return JSON.stringify({
      local: Object.entries(localStorage),
      session: Object.entries(sessionStorage),
      databases,
      caches_,
      workers: workers.length,
      cookies: document.cookie,
      state: history.state as unknown,
    });
  });
}
const NOTHING_KEPT = JSON.stringify({
  local: [],
  session: [],
  databases: [],
  caches_: [],
  workers: 0,
  cookies: '',
  state: null,
});

/** Files below `folder` that have one of the words in them, in either of the encodings browsers write. */
function filesWith(folder: string, words: readonly string[]): string[] {
  const needles = words.flatMap((word) => [Buffer.from(word, 'utf8'), Buffer.from(word, 'utf16le')]);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path) && statSync(path).isFile())
    .filter((path) => {
      const bytes = readFileSync(path);
      return needles.some((needle) => bytes.includes(needle));
    });
}

test('a message goes, the answer comes back with the receipt, and the browser keeps nothing of it', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'minhchung-citizen-'));
  const context = await openProfile(profile, { ...PHONE_VIEW });
  context.setDefaultTimeout(20_000);
  const page = context.pages()[0] ?? (await context.newPage());
  await openPage(page, server.url);
  const title = await page.title();
  const entries = await page.evaluate(() => history.length);
  await write(page, CANARY);
  await page.getByLabel(vi['write.category']).selectOption('transport');
  await page.getByLabel(vi['write.commune']).selectOption({ index: 3 });
  const receipt = await send(page);
  expect(await page.locator('body').innerText()).not.toContain(CANARY);
  await confirmReceipt(page, receipt);
  expect(await page.content()).not.toContain(receipt.slice(0, 5));

  const tip = (await desk.tips())[0];
  if (tip === undefined) throw new Error('nothing arrived');
  const { message } = await desk.read(tip.id);
  expect(message.text).toBe(CANARY);
  expect(message.category).toBe('transport');
  expect(message.commune).toMatch(/^\d{5}$/);
  await desk.answer(tip, ANSWER_CANARY);

  expect(await kept(page)).toBe(NOTHING_KEPT);
  await press(page, 'done.leave');
  await expect(page).toHaveURL('about:blank');
  await openPage(page, server.url);
  await comeBack(page, receipt);
  await expect(page.getByText(ANSWER_CANARY)).toBeVisible();

  // The same person writes more: one thread, signed by the same key.
  await press(page, 'mailbox.more');
  await page.getByLabel(vi['write.text']).fill(`${CANARY} nữa`);
  await press(page, 'write.send');
  await expect(page.getByText(vi['note.sent_more'])).toBeVisible({ timeout: 90_000 });
  const thread = (await desk.tips()).filter((one) => one.thread === tip.thread);
  expect(thread).toHaveLength(2);
  for (const one of thread) {
    expect((await desk.read(one.id)).isSignedBy(message.verifyKey)).toBe(true);
  }

  // After going away nothing is left to see, to go back to, or to find on the disk.
  expect(await kept(page)).toBe(NOTHING_KEPT);
  expect(await page.title()).toBe(title);
  expect(new URL(page.url()).pathname + new URL(page.url()).hash).toBe('/to-giac/');
  await press(page, 'mailbox.leave');
  const after = await page.content();
  for (const word of [CANARY, ANSWER_CANARY, receipt.slice(0, 5)]) expect(after).not.toContain(word);
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(entries + 1);
  expect(await context.cookies()).toEqual([]);
  await context.close();
  expect(filesWith(profile, [CANARY, ANSWER_CANARY, receipt, groupsOf(receipt).join(' ')])).toEqual([]);
  rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

test('an answer that was altered, or signed by another key, or meant for another is not shown', async () => {
  const page = await newPage();
  await openPage(page, server.url);
  await write(page, 'Ai trả lời tôi?');
  const receipt = await send(page);
  const tip = await newest('Ai trả lời tôi?');
  const honest = await desk.answer(tip, 'Tôi là cán bộ thật.');
  const altered = honest.slice();
  altered[3000] = (altered[3000] ?? 0) ^ 1;
  await desk.hangUp(tip, altered);
  await desk.answer(tip, 'Tôi là kẻ giả danh.', { signingSeed: newDeskSeeds().signingSeed });
  await page.reload();
  await comeBack(page, receipt);
  await expect(page.getByText('Tôi là cán bộ thật.')).toBeVisible();
  await expect(page.locator('.answer')).toHaveCount(1);

  // Another receipt sees none of it.
  const other = await newPage();
  await openPage(other, server.url);
  await write(other, 'Người khác');
  const theirs = await send(other);
  await desk.hangUp(await newest('Người khác'), honest);
  await other.reload();
  await comeBack(other, theirs);
  await expect(other.getByText(vi['mailbox.none'])).toBeVisible();
  await expect(other.locator('.answer')).toHaveCount(0);

  // Deleted by its writer, it is gone for the desk too.
  await press(other, 'mailbox.delete');
  await press(other, 'mailbox.delete-yes');
  await expect(other.getByText(vi['note.deleted'])).toBeVisible();
  const left = await desk.readAll();
  expect(left.some((one) => one.message.text === 'Người khác')).toBe(false);
  await page.context().close();
  await other.context().close();
});

test('an answer that the server repeats is shown once, and one that it holds back is missed', async () => {
  const page = await newPage();
  await openPage(page, server.url);
  await write(page, 'Thư nào thiếu?');
  const receipt = await send(page);
  const tip = await newest('Thư nào thiếu?');
  for (const words of ['Thư thứ nhất.', 'Thư thứ hai.', 'Thư thứ ba.']) await desk.answer(tip, words);
  const real = await fetch(`${server.url}/api/v1/tips/mailbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mailbox: tip.thread }),
  });
  const { items } = (await real.json()) as { items: string[] };
  expect(items).toHaveLength(4);
  const [pin = '', one = '', two = '', three = ''] = items;
  let shown = [three, pin, one, two, one, three, three, one];
  await page.route('**/api/v1/tips/mailbox', (route) => route.fulfill({ json: { items: shown } }));
  await page.reload();
  await comeBack(page, receipt);
  await expect(page.locator('.answer p')).toHaveText(['Thư thứ nhất.', 'Thư thứ hai.', 'Thư thứ ba.']);
  await expect(page.locator('.notice')).toHaveCount(0);

  shown = [three, pin, one, three];
  await press(page, 'mailbox.reload');
  await expect(page.locator('.answer p')).toHaveText(['Thư thứ nhất.', 'Thư thứ ba.']);
  await expect(page.locator('.notice')).toHaveText([vi['mailbox.missing'].replace('{numbers}', '2')]);

  // Another one under a number that was there already: an officer's hand, but not what the server let pass.
  shown = [pin, one, three];
  const second = await desk.answer(tip, 'Thư thứ ba, khác.', { number: 3 });
  shown.push(Buffer.from(second).toString('base64url'), two);
  await press(page, 'mailbox.reload');
  await expect(page.locator('.answer')).toHaveCount(4);
  await expect(page.locator('.notice')).toHaveText([vi['mailbox.twice'].replace('{numbers}', '3')]);
  await page.context().close();
});

async function newest(text: string) {
  for (const tip of await desk.tips()) {
    if ((await desk.read(tip.id)).message.text === text) return tip;
  }
  throw new Error(`no tip says ${text}`);
}

test('pictures arrive without a word about place, time or device, and messages of a class are equally long', async () => {
  const page = await newPage();
  const lengths = new Map<string, Set<string>>();
  const note = (size: string, length: string | undefined) => {
    lengths.set(size, (lengths.get(size) ?? new Set()).add(length ?? 'none'));
  };
  let size = '';
  page.on('request', (request) => {
    if (new URL(request.url()).pathname !== '/api/v1/tips') return;
    void request.sizes().then((sizes) => note(size, String(sizes.requestBodySize)));
    void request.allHeaders().then((headers) => note(`${size} headers`, JSON.stringify(headers)));
  });
  const telling = [
    ...talkativePictures(),
    ...['exif-0.6.0/test1.jpg', 'exif-0.6.0/sony-alpha-6000.jpg', 'piexif-1.1.3/r_canon.jpg'].map(
      corpusPicture,
    ),
    corpusPicture('exif-0.6.0/right.jpg'),
  ];
  const batches = [telling.slice(0, 1), telling.slice(1, 2)];
  for (let at = 2; at < telling.length; at += 3) batches.push(telling.slice(at, at + 3));
  for (const [index, batch] of [[], [], ...batches].entries()) {
    size = batch.length === 0 ? 'text' : batch.length === 1 ? 'one' : 'three';
    await openPage(page, server.url);
    await write(page, `Ảnh ${index}${' và thêm'.repeat(index * 20)}`);
    if (batch.length > 0) await addPictures(page, batch.map(jpeg));
    await send(page);
  }
  expect([...lengths.keys()].filter((key) => !key.endsWith('headers')).sort()).toEqual([
    'one',
    'text',
    'three',
  ]);
  for (const [key, seen] of lengths) expect([...seen], key).toHaveLength(1);
  expect([...(lengths.get('text') ?? [])]).toEqual([String(112 + 32_768)]);
  expect([...(lengths.get('three') ?? [])]).toEqual([String(112 + 1_605_632)]);

  const arrived = (await desk.readAll()).filter((one) => one.message.text.startsWith('Ảnh '));
  const pictures = arrived.flatMap((one) => one.message.pictures);
  expect(pictures).toHaveLength(telling.length);
  for (const picture of pictures) expect(tellsTooMuch(picture)).toEqual([]);
  expect(filesWith(server.dataDir, [PICTURE_CANARY])).toEqual([]);
  await page.context().close();
});

test('every picture of the EXIF corpus arrives clean, or is refused in words and does not arrive', async () => {
  const page = await newPage();
  const refused: string[] = [];
  let attached = 0;
  let arriving = 0;
  const sendThem = async () => {
    await send(page);
    arriving += attached;
    attached = 0;
  };
  for (const picture of exifCorpus()) {
    if (attached === 0) {
      await openPage(page, server.url);
      await write(page, 'Từ bộ ảnh mẫu');
    }
    await page.getByLabel(vi['write.add-picture']).setInputFiles([jpeg(picture)]);
    const kept = page.locator('.pictures li').nth(attached);
    const told = page.getByText(vi['picture.unreadable']);
    await expect(kept.or(told)).toBeVisible();
    await expect(page.getByText(vi['write.preparing'])).toHaveCount(0);
    // What is said of one picture stands there until the next: that one begins on a new page.
    const isRefused = await told.isVisible();
    if (isRefused) refused.push(picture.name);
    else attached += 1;
    if (attached === 3 || (isRefused && attached > 0)) await sendThem();
  }
  if (attached > 0) await sendThem();
  expect(refused).toEqual(['piexif-1.1.3-notjpeg.jpg']);
  const arrived = (await desk.readAll()).filter((one) => one.message.text === 'Từ bộ ảnh mẫu');
  const pictures = arrived.flatMap((one) => one.message.pictures);
  expect(pictures).toHaveLength(arriving);
  for (const picture of pictures) expect(tellsTooMuch(picture)).toEqual([]);
  await page.context().close();
});

/** Cleaning takes as long as the test wants; what it does stays the browser's own. */
async function holdable(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let released = Promise.resolve();
    addEventListener('hold', () => {
      released = new Promise<void>((release) => addEventListener('release', () => release()));
    });
    const decode = window.createImageBitmap.bind(window);
    const decodeLate = async (source: ImageBitmapSource, options?: ImageBitmapOptions) => {
      await released;
      return decode(source, options);
    };
    window.createImageBitmap = decodeLate;
  });
}

test('while a picture is being cleaned nothing is sent or covered, and the page says so', async () => {
  const page = await newPage();
  await holdable(page);
  await openPage(page, server.url);
  await write(page, 'Ảnh còn đang làm sạch');
  const tower = jpeg(corpusPicture('jpeg-decoder-0.3.2/tower.jpg'));
  await addPictures(page, [tower]);
  const whileHeld = async (name: string, look?: () => Promise<void>) => {
    await page.evaluate(() => dispatchEvent(new Event('hold')));
    await page.getByLabel(vi['write.add-picture']).setInputFiles([jpeg(corpusPicture(name))]);
    await press(page, 'write.send');
    await expect(page.getByText(vi['write.wait'])).toBeVisible();
    await look?.();
    await page.evaluate(() => dispatchEvent(new Event('release')));
  };
  await whileHeld('jpeg-decoder-0.3.2/tower.jpg', async () => {
    for (const key of ['picture.cover', 'picture.remove'] as const) {
      await expect(page.getByRole('button', { name: vi[key] })).toBeDisabled();
    }
  });
  await expect(page.getByText(vi['write.waited'])).toBeVisible();
  await whileHeld('piexif-1.1.3/notjpeg.jpg');
  await expect(page.getByText(vi['picture.unreadable'])).toBeVisible();
  await expect(page.getByText(vi['write.waited'])).toHaveCount(0);
  await send(page);
  const arrived = await desk.read((await newest('Ảnh còn đang làm sạch')).id);
  expect(arrived.message.pictures).toHaveLength(2);
  await page.context().close();
});

test('a picture that is still being cleaned when its message is given up is in no later one', async () => {
  const page = await newPage();
  await holdable(page);
  await openPage(page, server.url);
  await write(page, 'Tin đầu');
  const receipt = await send(page);
  await confirmReceipt(page, receipt);
  await openPage(page, server.url);
  await comeBack(page, receipt);
  await press(page, 'mailbox.more');
  await page.evaluate(() => dispatchEvent(new Event('hold')));
  const tower = jpeg(corpusPicture('jpeg-decoder-0.3.2/tower.jpg'));
  await page.getByLabel(vi['write.add-picture']).setInputFiles([tower, tower]);
  await expect(page.getByText(vi['write.preparing'])).toBeVisible();
  await press(page, 'write.drop');
  await press(page, 'mailbox.more');
  await page.evaluate(() => dispatchEvent(new Event('release')));
  // A picture of its own, which is cleaned after the other was, shows that the other had its time.
  await addPictures(page, [tower]);
  await page.getByLabel(vi['write.text']).fill('Tin sau, một ảnh');
  await press(page, 'write.send');
  await expect(page.getByText(vi['note.sent_more'])).toBeVisible({ timeout: 90_000 });
  const arrived = await desk.read((await newest('Tin sau, một ảnh')).id);
  expect(arrived.message.pictures).toHaveLength(1);
  await page.context().close();
});

test('what a black box covers is gone from the pixels that arrive', async () => {
  const page = await newPage();
  await openPage(page, server.url);
  await write(page, 'Ảnh bị che');
  await addPictures(page, [jpeg(corpusPicture('jpeg-decoder-0.3.2/tower.jpg'))]);
  await page.getByRole('button', { name: vi['picture.cover'] }).click();
  // By touch: a box over the upper left quarter.
  const stage = page.locator('.stage canvas');
  // It has its size when the picture is on it.
  await expect(stage).toHaveAttribute('width', '1280');
  const area = await stage.boundingBox();
  if (area === null) throw new Error('no picture');
  await page.mouse.move(area.x + 1, area.y + 1);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2, { steps: 4 });
  await page.mouse.up();
  // By keyboard: another one, moved to the lower right corner.
  await press(page, 'cover.add');
  await expect(page.locator('.black').nth(1)).toBeFocused();
  for (let step = 0; step < 25; step += 1) {
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
  }
  await press(page, 'cover.done');
  await expect(page.getByText(vi['write.preparing'])).toHaveCount(0);
  await send(page);
  const [picture] = (await desk.read((await newest('Ảnh bị che')).id)).message.pictures;
  const colours = await page.evaluate(
    async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(bytes)]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const at = (x: number, y: number) =>
        [...(context?.getImageData(x * bitmap.width, y * bitmap.height, 1, 1).data ?? [])].slice(0, 3);
      return { covered: [at(0.1, 0.1), at(0.4, 0.4), at(0.9, 0.9)], open: at(0.25, 0.75) };
    },
    [...(picture ?? [])],
  );
  for (const colour of colours.covered) expect(Math.max(...colour)).toBeLessThan(12);
  expect(Math.max(...colours.open)).toBeGreaterThan(12);
  await page.context().close();
});

test('after a lost answer the very same bytes go again, and there is one message', async () => {
  const page = await newPage();
  const sent: string[] = [];
  await page.route('**/api/v1/tips', async (route) => {
    sent.push(digest(route.request().postDataBuffer() ?? Buffer.alloc(0)));
    // The server has it; the answer never comes.
    if (sent.length <= 2) {
      await route.fetch();
      await route.abort('connectionreset');
    } else await route.continue();
  });
  await openPage(page, server.url);
  await write(page, 'Một lần thôi');
  await press(page, 'write.send');
  await expect(page.getByText(/Tự thử lại sau \d+ giây/)).toBeVisible({ timeout: 90_000 });
  await press(page, 'sending.again');
  await hasArrived(page);
  expect(sent.length).toBeGreaterThanOrEqual(3);
  expect(new Set(sent).size).toBe(1);
  const same = (await desk.readAll()).filter((one) => one.message.text === 'Một lần thôi');
  expect(same).toHaveLength(1);
  await page.context().close();
});

test('a puzzle that is refused is solved anew without the person, and what cannot go is said in words', async () => {
  const page = await newPage();
  const boxes: string[] = [];
  let troubles: ('puzzle' | 'busy' | 'full')[] = ['puzzle', 'busy'];
  await page.route('**/api/v1/tips', async (route) => {
    const body = route.request().postDataBuffer() ?? Buffer.alloc(0);
    boxes.push(digest(body.subarray(96)));
    const trouble = troubles.shift();
    const problem = (status: number, code: string, headers = {}) =>
      route.fulfill({
        status,
        headers: { 'content-type': 'application/problem+json', ...headers },
        body: JSON.stringify({ code, status, title: code }),
      });
    if (trouble === 'puzzle') {
      const wrong = Buffer.from(body);
      wrong.fill(0xff, 64, 96);
      await route.continue({ postData: wrong });
    } else if (trouble === 'busy') await problem(503, 'overloaded', { 'retry-after': '1' });
    else if (trouble === 'full') await problem(507, 'tip-store-full');
    else await route.continue();
  });
  await openPage(page, server.url);
  await write(page, 'Câu đố');
  await send(page);
  expect(boxes).toHaveLength(3);
  expect(new Set(boxes).size).toBe(1);

  troubles = ['full'];
  await openPage(page, server.url);
  await write(page, 'Hết chỗ');
  await press(page, 'write.send');
  await expect(page.getByText(vi['failed.full'])).toBeVisible({ timeout: 90_000 });
  await press(page, 'failed.back');
  // What was written is still there to be sent or read out on the telephone.
  await expect(page.getByLabel(vi['write.text'])).toHaveValue('Hết chỗ');
  await page.context().close();
});
