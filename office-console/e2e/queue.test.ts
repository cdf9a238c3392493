// The queue by keyboard alone, two verifiers at once, and what is left afterwards.

import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  desk,
  doctor,
  launch,
  lenientCampaign,
  open,
  pictures,
  type Schemas,
  type Sender,
  sender,
  waiting,
} from './desk.ts';

const COUNT = 200;
/** The end: nothing is left, or only what a colleague is at. */
const DONE = /Đã hết hàng đợi|đang được người khác xem/;
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

const shown = (page: Page) => page.locator('[data-submission]').getAttribute('data-submission');
const outbox = (page: Page) => page.locator('.outbox-count');

/** Whether the queue says that nothing is left, once it has read on. */
async function isThrough(page: Page): Promise<boolean> {
  await expect(page.locator('[data-submission]').or(page.getByText(DONE)).first()).toBeVisible();
  return (await page.getByText(DONE).count()) > 0;
}

/** Presses `keys` and waits until another record is on the screen, or none. */
async function decideBy(page: Page, keys: readonly string[]): Promise<void> {
  // The colleague may have come to the end before.
  if (await isThrough(page)) return;
  const before = await shown(page);
  const isGone = () =>
    page.waitForFunction(
      (old) => document.querySelector('[data-submission]')?.getAttribute('data-submission') !== old,
      before,
      { timeout: 20_000 },
    );
  for (const key of keys) await page.keyboard.press(key);
  try {
    await isGone();
  } catch (error) {
    // The colleague was faster at this very record: it is passed over, as a person would.
    if (!(await page.locator('.button.verify').isDisabled())) throw error;
    await page.keyboard.press('n');
    await isGone();
  }
}

test('two hundred are verified and rejected by keyboard alone while a second verifier meets conflicts and loses nothing', async () => {
  test.setTimeout(300_000);
  const sent = new Set(await waiting(server.url, people, head, await pictures(browser, COUNT)));
  const one = await desk(browser, server.url, 'verifier');
  await open(one, server.url, 'hang-doi');
  await expect(one.locator('[data-submission]')).toBeVisible();

  // The second verifier is led to another record than the first, and sees who is at the first.
  const other = await desk(browser, server.url, 'admin');
  await open(other, server.url, 'hang-doi');
  await expect.poll(async () => shown(other)).not.toBe(await shown(one));
  await expect(other.locator('.mark-claim')).toHaveText(['Thử verifier']);

  // Undo within the ten seconds: back on the screen, and nothing was sent.
  const first = await shown(one);
  await decideBy(one, ['v']);
  await one.keyboard.press('z');
  await expect.poll(() => shown(one)).toBe(first);
  await expect(outbox(one)).toHaveAttribute('data-held', '0');

  // Somebody decides elsewhere on what the first verifier has decided and not sent yet.
  await decideBy(one, ['v']);
  const taken = await people.submission(first ?? '');
  await people.reject(taken, 'wrong_text', 'Sai chữ');
  await expect(one.getByRole('alert')).toContainText('Không được tính', { timeout: 20_000 });

  for (let done = 1; done < COUNT - 20 && !(await isThrough(one)); done++) {
    // A handful goes to the colleague, at the same time.
    if (done % 10 === 0) await Promise.all([decideBy(one, ['r', '3']), decideBy(other, ['v'])]);
    else await decideBy(one, done % 4 === 0 ? ['r', String((done % 6) + 1)] : ['v']);
  }
  // The colleague goes home with nothing held back; the rest is one person's.
  await expect(outbox(other)).toHaveAttribute('data-held', '0', { timeout: 30_000 });
  const theirs = Number(await outbox(other).getAttribute('data-sent'));
  await open(other, server.url, 'bang');
  await expect(other.locator('.heat tbody tr').first()).toBeVisible();
  while (!(await isThrough(one))) await decideBy(one, ['v']);
  await expect(one.getByText('Đã hết hàng đợi.')).toBeVisible();
  await expect(outbox(one)).toHaveAttribute('data-held', '0', { timeout: 30_000 });

  const all = (await people.submissions()).filter((each) => sent.has(each.id));
  expect(all.map((each) => each.state).filter((state) => state === 'pending')).toEqual([]);
  const verified = all.filter((each) => each.state === 'verified').length;
  const rejected = all.filter((each) => each.state === 'rejected').length;
  expect(verified + rejected).toBe(COUNT);
  const own = Number(await outbox(one).getAttribute('data-sent'));
  // Every decision that was sent counted once; the one conflict is somebody else's.
  expect(own + theirs).toBe(COUNT - 1);

  const board = await people.call<Schemas['Completion']>('GET', '/completion');
  expect(board.totals['all']?.verified).toBe(verified);
  expect(board.totals['all']?.returned).toBe(rejected);
  await open(one, server.url, 'bang');
  await expect(one.locator('.total-verified dd')).toContainText(String(verified));
  await expect(one.locator('.total-returned dd')).toHaveText(String(rejected));
  await one.context().close();
  await other.context().close();
  await server.down();
  expect(doctor(server)).toBeTruthy();
  await server.up();
  people = await server.people();
});

test('a record shows its history, its audit entries and a receipt that checks out', async () => {
  const [record] = (await people.submissions()).filter((each) => each.state === 'verified');
  const page = await desk(browser, server.url, 'admin');
  await open(page, server.url, `minh-chung/${record?.id ?? ''}`);
  await expect(page.locator('.history li')).toHaveCount(record?.version === 1 ? 1 : 2);
  await expect(page.getByRole('cell', { name: 'thẩm định: đạt' })).toBeVisible();
  await page.getByRole('button', { name: 'Kiểm tra chữ ký' }).click();
  await expect(page.getByText('Chữ ký đúng, và biên nhận nói về đúng minh chứng này.')).toBeVisible();
  await page.context().close();
});
