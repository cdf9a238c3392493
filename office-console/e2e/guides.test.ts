// The pictures of the Vietnamese guides, taken from a demo as a reader would see it.
// Refuses to touch the committed ones by itself: `MINHCHUNG_SCREENSHOTS=write` does, otherwise they go to target/.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { binary } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { desk, launch, open } from './desk.ts';

const PASSWORD = 'minhchung-demo';
const root = resolve(import.meta.dirname, '../..');
const committed = join(root, 'docs/huong-dan/anh');
const folder =
  process.env['MINHCHUNG_SCREENSHOTS'] === 'write' ? committed : join(root, 'target/guide-pictures');
const data = mkdtempSync(join(tmpdir(), 'minhchung-guides-'));
let child: ChildProcess;
let browser: Browser;
let url = '';

test.beforeAll(async () => {
  test.setTimeout(240_000);
  mkdirSync(folder, { recursive: true });
  browser = await launch();
  const flags = ['demo', '--assignments', '400', '--pictures', '40', '--data-dir', data];
  child = spawn(binary(), flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  url = await new Promise<string>((found, failed) => {
    let printed = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      printed += bytes.toString();
      const address = /(http:\/\/\S+)\/van-phong\//.exec(printed)?.[1];
      if (address !== undefined) found(address);
    });
    child.on('exit', (code) => failed(new Error(`the demo ended with ${String(code)}`)));
  });
});
test.afterAll(async () => {
  await browser.close();
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
});

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 62, scale: 'css' });
  expect(existsSync(join(committed, `${name}.jpg`)), `${name}.jpg is not committed`).toBe(true);
}

test('the guides show the screens as they are', async () => {
  test.setTimeout(180_000);
  const size = { width: 1280, height: 760 };
  const office = await desk(browser, url, 'demo-admin', PASSWORD, size);
  const shown: readonly (readonly [string, string, string])[] = [
    ['tien-do', 'bang', '.heat tbody tr'],
    ['ban-do', 'bang?view=map', '.tile'],
    ['tham-dinh', 'hang-doi', '.photo-stage img'],
    ['ke-hoach', 'ke-hoach', '.plan-table tbody tr'],
    ['nguoi-dung', 'nguoi-dung', 'tbody tr'],
  ];
  for (const [name, path, wanted] of shown) {
    await open(office, url, path);
    await expect(office.locator(wanted).first()).toBeVisible();
    await expect(office.locator('.live-on')).toBeVisible();
    await take(office, name);
  }
  await open(office, url, 'hang-doi');
  await expect(office.locator('.photo-stage img')).toBeVisible();
  await office.keyboard.press('r');
  await expect(office.locator('.reasons')).toBeVisible();
  await take(office, 'tra-lai');
  await office.context().close();

  const officer = await desk(browser, url, 'demo-officer-02647', PASSWORD, size);
  await open(officer, url, 'o/02647');
  await expect(officer.locator('.cell-card').first()).toBeVisible();
  await take(officer, 'xa-phuong');
  await open(officer, url, 'nguoi-dung?role=village_head');
  await officer.getByRole('button', { name: /trưởng thôn đang hiện/ }).click();
  await officer.getByRole('button', { name: /Thẻ kích hoạt/ }).click();
  await officer.getByRole('button', { name: /^Lập/ }).click();
  await expect(officer.locator('.qr-card').first()).toBeVisible();
  await expect(officer.getByRole('button', { name: 'In', exact: true })).toBeEnabled();
  await take(officer, 'the-kich-hoat');
  await officer.context().close();
});
