// A whole session of the real page, from the first look to the deletion, against a server at its loudest: nothing of it is
// in the log, in the metrics, in an answer's headers, or in a file of the data directory.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { groupsOf } from '@minhchung/web-shared/tip/receipt.ts';
import { expect, test } from '@playwright/test';
import vi from '../src/tip/text/vi.json' with { type: 'json' };
import {
  addPictures,
  citizen,
  comeBack,
  confirmReceipt,
  openBrowser,
  openPage,
  press,
  send,
  write,
} from './citizen.ts';
import { TestDesk } from './tip-desk.ts';
import { corpusPicture } from './tip-pictures.ts';

const CANARY = 'Chim-sẻ-im-lặng-4417';
const ANSWER_CANARY = 'Cán-bộ-im-lặng-9021';

test.describe.configure({ timeout: 300_000 });

test('a whole session of the real page leaves no line, no figure and no id', async () => {
  const server = await TestServer.start({
    roles: ['tip_officer'],
    environment: { MINHCHUNG_LOG_FILTER: 'trace' },
  });
  const desk = await TestDesk.open(server);
  const browser = await openBrowser();
  const context = await citizen(browser);
  const page = await context.newPage();
  const ids: string[] = [];
  const paths = new Set<string>();
  page.on('response', (response) => {
    paths.add(new URL(response.url()).pathname);
    if (response.headers()['x-request-id'] !== undefined) ids.push(response.url());
  });
  const figures = await metrics(server.url);
  const logged = server.log.length;

  await openPage(page, server.url);
  await write(page, CANARY);
  await addPictures(page, [{ ...corpusPicture('jpeg-decoder-0.3.2/tower.jpg'), mimeType: 'image/jpeg' }]);
  const receipt = await send(page);
  await confirmReceipt(page, receipt);
  await press(page, 'done.leave');
  await openPage(page, server.url);
  await comeBack(page, receipt);
  await press(page, 'mailbox.more');
  await page.getByLabel(vi['write.text']).fill(`${CANARY} nữa`);
  await press(page, 'write.send');
  await expect(page.getByText(vi['note.sent_more'])).toBeVisible({ timeout: 90_000 });

  expect(ids).toEqual([]);
  expect([...paths].filter((path) => path.startsWith('/api/')).sort()).toEqual([
    '/api/v1/communes',
    '/api/v1/tips',
    '/api/v1/tips/challenges',
    '/api/v1/tips/desk',
    '/api/v1/tips/mailbox',
  ]);
  // A request of anybody else is in the log and in the figures: the server is loud, and it was read in time.
  const other = await fetch(`${server.url}/api/v1/campaign`);
  const id = other.headers.get('x-request-id') ?? 'none';
  await expect.poll(() => server.log.includes(id)).toBe(true);
  const ofSession = server.log.slice(logged, server.log.indexOf(id));
  for (const line of ofSession.split('\n'))
    expect(line).not.toMatch(/tips|to-giac|communes|octet-stream|tip-/i);
  expect(await metrics(server.url)).toEqual(figures);

  // An answer, read and deleted with everything else.
  const tips = await desk.tips();
  const [tip] = tips;
  if (tip === undefined) throw new Error('nothing arrived');
  const answer = await desk.answer(tip, ANSWER_CANARY);
  const sealed = await Promise.all(tips.map((one) => desk.box(one.id)));
  await press(page, 'mailbox.reload');
  await expect(page.getByText(ANSWER_CANARY)).toBeVisible();
  const needles = [
    CANARY,
    ANSWER_CANARY,
    receipt,
    groupsOf(receipt).join(' '),
    tip.thread,
    Buffer.from(tip.thread, 'base64url').toString('hex'),
  ].map((text) => Buffer.from(text));
  needles.push(Buffer.from(tip.thread, 'base64url'), Buffer.from(answer.subarray(2000, 2032)));
  for (const box of sealed) needles.push(Buffer.from(box.subarray(20_000, 20_032)));
  expect(holding(server.dataDir, needles)).toEqual([]);
  for (const needle of needles.slice(0, 6)) expect(ofSession.includes(needle.toString())).toBe(false);
  await press(page, 'mailbox.delete');
  await press(page, 'mailbox.delete-yes');
  await expect(page.getByText(vi['note.deleted'])).toBeVisible();
  expect(await desk.tips()).toEqual([]);
  await server.down();
  expect(holding(server.dataDir, needles)).toEqual([]);
  // The desk's part is in this log too: it opened the tip, answered, and saw it go.
  for (const needle of needles.slice(0, 6)) expect(server.log.includes(needle.toString())).toBe(false);
  await browser.close();
  await server.end();
});

/**
 * The figures of requests, of the store and of memory for them; not the gauges that move by themselves, nor the connections,
 * which are those of this reader.
 */
async function metrics(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const counted = text.split('\n').filter((line) => /^minhchung_(?:http|store|requests)\w*/.test(line));
  expect(counted.length).toBeGreaterThan(3);
  return counted.filter((line) => !/disk|free|\/metrics|campaign|connections_open/.test(line)).sort();
}

function holding(folder: string, needles: readonly Buffer[]): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  const found = files.filter((path) => {
    if (!statSync(path).isFile()) return false;
    const bytes = readFileSync(path);
    return needles.some((needle) => bytes.includes(needle));
  });
  expect(files.length).toBeGreaterThan(3);
  return found;
}
