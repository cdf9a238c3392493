// Two people and one queue: what one leaves the other finds, what did not count is said and can be decided again, and
// nobody decides in another person's name.

import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import {
  checked,
  desk,
  launch,
  lenientCampaign,
  logIn,
  open,
  pictures,
  type Schemas,
  type Sender,
  sender,
  waiting,
} from './desk.ts';

let server: TestServer;
let browser: Browser;
let people: TestPeople;
let head: Sender;
let drawn: Buffer[];

test.beforeAll(async () => {
  const flags = ['--campaign', lenientCampaign()];
  [server, browser] = await Promise.all([TestServer.start({ flags }), launch()]);
  people = await server.people();
  head = await sender(server.url, people);
  drawn = await pictures(browser, 20);
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

const shown = (page: Page, id: string) => page.locator(`[data-submission="${id}"]`);
const outbox = (page: Page) => page.locator('.outbox-count');

/** As many waiting records of a cell, the first that came first. */
async function waitingIn(cell: Schemas['Cell'], count: number): Promise<readonly string[]> {
  await checked(people, await waiting(server.url, people, head, drawn.splice(0, count), cell));
  const { items } = await people.call<{ items: Schemas['Submission'][] }>(
    'GET',
    `/submissions?state=pending&cell=${cell}`,
  );
  return items.map((each) => each.id);
}

test('the end of the queue says that a colleague is at the last record, and opens it once it is left', async () => {
  const [first = '', last = ''] = await waitingIn('banner.1', 2);
  const one = await desk(browser, server.url, 'verifier');
  await open(one, server.url, 'hang-doi?cell=banner.1');
  await expect(shown(one, first)).toBeVisible();
  await expect(one.locator('.waiting')).toHaveText('2 đang chờ');
  const other = await desk(browser, server.url, 'admin');
  await open(other, server.url, 'hang-doi?cell=banner.1');
  await expect(shown(other, last)).toBeVisible();
  await expect(one.locator('.mark-claim')).toBeVisible();
  await one.keyboard.press('v');
  await expect(one.getByText('Còn 1 minh chứng đang được người khác xem')).toBeVisible();
  await one.getByRole('button', { name: 'Gửi ngay' }).click();
  // The number of those that wait follows what happens.
  await expect(one.locator('.waiting')).toHaveText('1 đang chờ');
  await open(other, server.url, 'bang');
  await expect(shown(one, last)).toBeVisible();
  await one.keyboard.press('v');
  await expect(one.getByText('Đã hết hàng đợi.')).toBeVisible();
  await one.getByRole('button', { name: 'Gửi ngay' }).click();
  await expect(outbox(one)).toHaveAttribute('data-sent', '2');

  // What was reopened waits again, for the one who had decided on it too.
  const before = await people.submission(last);
  await people.call('POST', `/submissions/${last}/reviews`, { decision: 'reopen', version: before.version });
  await expect(shown(one, last)).toBeVisible();
  await expect(one.getByRole('button', { name: /^Đạt/ })).toBeEnabled();
  await one.context().close();
  await other.context().close();
});

test('a key that lies pressed decides on one record', async () => {
  const [first = '', second = ''] = await waitingIn('banner.3', 3);
  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'hang-doi?cell=banner.3');
  await expect(shown(page, first)).toBeVisible();
  await page.keyboard.down('v');
  await expect(shown(page, second)).toBeVisible();
  for (let repeated = 0; repeated < 5; repeated++) await page.keyboard.down('v');
  await page.keyboard.up('v');
  await expect(shown(page, second)).toBeVisible();
  await expect(outbox(page)).toHaveAttribute('data-held', '1');
  await page.context().close();
});

test('a decision that did not count leaves the record to be decided at the version that stands', async () => {
  const [only = ''] = await waitingIn('banner.4', 1);
  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'hang-doi?cell=banner.4');
  await expect(shown(page, only)).toBeVisible();
  await page.keyboard.press('v');
  // Somebody rejects and reopens it meanwhile: it waits, in another version.
  await people.reject(await people.submission(only), 'wrong_text', 'Sai chữ');
  const rejected = await people.submission(only);
  await people.call('POST', `/submissions/${only}/reviews`, {
    decision: 'reopen',
    version: rejected.version,
  });
  await page.getByRole('button', { name: 'Gửi ngay' }).click();
  await expect(page.getByRole('alert')).toContainText('Không được tính');
  await page.getByRole('button', { name: 'Đã rõ' }).click();
  await expect(shown(page, only)).toBeVisible();
  await page.keyboard.press('v');
  await page.getByRole('button', { name: 'Gửi ngay' }).click();
  await expect(outbox(page)).toHaveAttribute('data-sent', '1');
  expect((await people.submission(only)).state).toBe('verified');
  await page.context().close();
});

test('what somebody could not send is never sent in the name of the next person, and goes when they are back', async () => {
  const [only = ''] = await waitingIn('banner.6', 1);
  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'hang-doi?cell=banner.6');
  await expect(shown(page, only)).toBeVisible();
  await page.route('**/api/v1/reviews', (route) => route.abort());
  await page.keyboard.press('v');
  await page.getByRole('button', { name: 'Gửi ngay' }).click();
  await expect(outbox(page)).toContainText('máy chủ chưa trả lời');
  // Whoever logs out is told, and stays when they want to.
  let asked = '';
  page.once('dialog', (dialog) => {
    asked = dialog.message();
    void dialog.dismiss();
  });
  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect.poll(() => asked).toContain('Còn 1 quyết định chưa gửi được');
  await expect(outbox(page)).toHaveAttribute('data-held', '1');

  // The session ends in another window, and somebody else takes the chair.
  const second = await page.context().newPage();
  await open(second, server.url, 'bang');
  await second.getByRole('button', { name: 'Đăng xuất' }).click();
  await expect(second.locator('input[name=username]')).toBeVisible();
  await second.close();
  await page.unroute('**/api/v1/reviews');
  let reviews = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/v1/reviews')) reviews++;
  });
  await logIn(page, 'admin');
  await expect(outbox(page)).toHaveAttribute('data-held', '0');
  await expect(page.getByText('Còn 1 minh chứng đang được người khác xem')).toBeVisible();
  expect(reviews).toBe(0);
  await page.getByRole('button', { name: 'Đăng xuất' }).click();
  await logIn(page, 'verifier');
  await expect.poll(async () => (await people.submission(only)).state, { timeout: 40_000 }).toBe('verified');
  const history = await people.call<{ items: { by: { name: string } | null }[] }>(
    'GET',
    `/submissions/${only}/history`,
  );
  expect(history.items.at(-1)?.by?.name).toBe('Thử verifier');
  await page.context().close();
});
