// The size of the country: 3,321 communes × 9 cells and 100,000 waiting. Only what is seen is drawn, so the first
// screen of either takes at most three times what the board of 99 communes takes in the same run.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { COUNTRY, countryCampaign } from './country.ts';
import { desk, launch, OFFICE, open } from './desk.ts';

const WAITING = 100_000;
const TIMES = 3;
const PASSWORD = 'minhchung-demo';
const folder = mkdtempSync(join(tmpdir(), 'minhchung-scale-'));
const children: ChildProcess[] = [];
let browser: Browser | undefined;
let province = '';
let country = '';

/** A demo that is filled; its address. */
function demo(name: string, flags: readonly string[]): Promise<string> {
  const directory = join(folder, name);
  const filled = ['--assignments', '99', '--pictures', '1', '--data-dir', directory];
  const child = spawn(binary(), ['demo', ...filled, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return new Promise((found, failed) => {
    let printed = '';
    child.stdout.on('data', (bytes: Buffer) => {
      printed += bytes.toString();
      const address = /(http:\/\/\S+)\/van-phong\//.exec(printed)?.[1];
      if (address !== undefined) found(address);
    });
    child.on('exit', (code) => failed(new Error(`the demo ended with ${String(code)}`)));
  });
}

test.beforeAll(async () => {
  test.setTimeout(600_000);
  const flags = ['--campaign', countryCampaign(folder), '--waiting', String(WAITING)];
  browser = await launch();
  [province, country] = await Promise.all([demo('province', ['--waiting', '1500']), demo('country', flags)]);
});
test.afterAll(async () => {
  // Whatever was not started has nothing to end; what was is ended in any case.
  await browser?.close();
  for (const child of children) {
    child.removeAllListeners('exit');
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Milliseconds from the address to what is looked for, the median of five. */
async function firstScreen(page: Page, url: string, path: string, wanted: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    await page.goto('about:blank');
    const start = performance.now();
    await page.goto(`${url}${OFFICE}#/${path}`);
    await page.locator(wanted).first().waitFor();
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[2] ?? 0;
}

test('boards of the whole country and a queue of 100,000 show their first screen nearly as fast as the provinces board', async () => {
  test.setTimeout(600_000);
  if (browser === undefined) throw new Error('no browser');
  const small = await desk(browser, province, 'demo-viewer', PASSWORD);
  const large = await desk(browser, country, 'demo-verifier', PASSWORD);
  const cell = '.heat tbody .heat-link';
  const board = await firstScreen(small, province, 'bang', cell);
  const countryBoard = await firstScreen(large, country, 'bang', cell);
  const queue = await firstScreen(large, country, 'hang-doi', '.queue-row');
  console.log(
    `first screen, ms: board of 99 ${board.toFixed(0)}, of ${COUNTRY} ${countryBoard.toFixed(0)} (× ${(countryBoard / board).toFixed(2)}), queue of ${WAITING} ${queue.toFixed(0)} (× ${(queue / board).toFixed(2)})`,
  );
  expect(countryBoard / board).toBeLessThanOrEqual(TIMES);
  expect(queue / board).toBeLessThanOrEqual(TIMES);

  // Only what is seen is drawn, and the rest is there when it is scrolled to.
  await open(large, country, 'bang');
  await expect(large.locator('.heat')).toHaveAttribute('aria-rowcount', String(COUNTRY + 2));
  expect(await large.locator('.heat tbody tr').count()).toBeLessThan(80);
  // Whatever way printing is asked for, every row is there for it, and only then.
  const rows = large.locator('.heat tbody tr');
  await large.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBe(COUNTRY);
  await large.evaluate(() => dispatchEvent(new Event('afterprint')));
  await expect.poll(() => rows.count(), { timeout: 60_000 }).toBeLessThan(80);
  await large.locator('.heat-box').evaluate((box) => (box.scrollTop = box.scrollHeight));
  await expect(large.locator(`.heat tr[aria-rowindex="${COUNTRY + 2}"]`)).toBeVisible();
  await open(large, country, 'hang-doi');
  await expect(large.locator('.waiting')).toContainText('100.0');
  await expect(large.locator('.queue-row').first()).toBeVisible();
  await expect
    .poll(() =>
      large.locator('.queue-rows').evaluate((box) => {
        box.scrollTop = box.scrollHeight;
        return box.scrollHeight;
      }),
    )
    .toBeGreaterThan(4000);
  expect(await large.locator('.queue-row').count()).toBeLessThan(80);
});
