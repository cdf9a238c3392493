// What the office's tests have in common: a browser, people at desks, and evidence that was really sent.
// Refuses to reach into the console: it is used as people use it, by keyboard and by what is on the screen.

import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { components } from '@minhchung/web-shared/api/schema.gen.ts';
import { CHROMIUM_FLAGS, chromiumPath } from '@minhchung/web-shared/e2e/browser';
import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { binary, PASSWORD, type TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, type BrowserContext, chromium, expect, type Page } from '@playwright/test';

export type Schemas = components['schemas'];
export const OFFICE = '/van-phong/';
export const COMMUNE = '02647';

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_FLAGS });
}

/** A desk of its own, as another person's machine would be. */
export async function desk(
  browser: Browser,
  url: string,
  username: string,
  password = PASSWORD,
  size = { width: 1280, height: 800 },
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({
    viewport: size,
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page:', error.message));
  await page.goto(`${url}${OFFICE}`);
  await logIn(page, username, password);
  return page;
}

export async function logIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.locator('input[name=username]').fill(username);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Đăng nhập' }).click();
  await expect(page.locator('main#main')).toBeVisible();
}

/** Goes to a screen by its address. */
export async function open(page: Page, url: string, path: string): Promise<void> {
  await page.goto(`${url}${OFFICE}#/${path}`);
}

/** Real JPEGs, each another one, drawn by the browser. */
export async function pictures(browser: Browser, count: number): Promise<Buffer[]> {
  const page = await browser.newPage();
  const drawn = await page.evaluate(async (wanted) => {
    const canvas = new OffscreenCanvas(320, 240);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('no canvas');
    const all: string[] = [];
    for (let number = 0; number < wanted; number++) {
      context.fillStyle = `hsl(${(number * 47) % 360} 60% 40%)`;
      context.fillRect(0, 0, 320, 240);
      context.fillStyle = '#fff';
      context.font = '60px sans-serif';
      context.fillText(`${number}`, 20 + ((number * 13) % 150), 80 + ((number * 29) % 120));
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.8 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      all.push(btoa(String.fromCharCode(...bytes)));
    }
    return all;
  }, count);
  await page.close();
  return drawn.map((text) => Buffer.from(text, 'base64'));
}

/** A village head who can send: its id and token. */
export interface Sender {
  readonly id: string;
  readonly token: string;
}

export async function sender(url: string, people: TestPeople, commune = COMMUNE): Promise<Sender> {
  const head = await people.head('Trưởng thôn Thử', commune);
  const answer = await fetch(`${url}/api/v1/auth/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: head.code, device_name: 'Máy thử' }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return { id: head.id, token: ((await answer.json()) as Schemas['SessionAnswer']).access_token };
}

/** Sends a picture, and more of them, for an assignment in one request. */
export async function send(
  url: string,
  from: Sender,
  assignment: string,
  picture: Buffer,
  changes: Readonly<Record<string, unknown>> = {},
  more: readonly Buffer[] = [],
): Promise<string> {
  const id = randomUUID();
  const report = {
    assignment_id: assignment,
    captured_at: new Date(Date.now() - 60_000).toISOString(),
    location: { lat: 22.4856, lon: 103.9707, accuracy_m: 12 },
    photos: [picture, ...more].map((each) => ({
      sha256: createHash('sha256').update(each).digest('hex'),
      bytes: each.length,
    })),
    client: { app: 'test', version: '1' },
    ...changes,
  };
  const form = new FormData();
  form.set('report', new Blob([JSON.stringify(report)], { type: 'application/json' }));
  for (const each of [picture, ...more])
    form.append('photo', new Blob([new Uint8Array(each)], { type: 'image/jpeg' }), 'anh.jpg');
  const answer = await fetch(`${url}/api/v1/submissions/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${from.token}` },
    body: form,
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return id;
}

/** `count` places of one cell, and a whole submission for each. */
export async function waiting(
  url: string,
  people: TestPeople,
  from: Sender,
  drawn: readonly Buffer[],
  cell: Schemas['Cell'] = 'banner.2',
): Promise<string[]> {
  const ids: string[] = [];
  const rest = [...drawn.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [number, picture] = next;
      const place = await people.plan(from.id, { cell, place: `Cổng số ${number}`, due: '2099-06-30' });
      ids.push(await send(url, from, place.id, picture));
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return ids;
}

/**
 * The shipped campaign with thresholds that small drawn pictures pass, and without an end that a test would meet one
 * day, so that what was sent is clean once it has been checked.
 */
export function lenientCampaign(): string {
  const root = resolve(import.meta.dirname, '../..');
  const lenient = {
    similar_min_percent: 100,
    sharpness_min: 0,
    brightness_min: 0,
    brightness_max: 255,
    resolution_min_edge: 0,
    ends: '2099-12-31',
  };
  let text = readFileSync(join(root, 'campaigns/lao-cai-2026.toml'), 'utf8');
  for (const [name, value] of Object.entries(lenient))
    text = text.replace(new RegExp(`^${name} = .*$`, 'm'), `${name} = ${value}`);
  const path = join(mkdtempSync(join(tmpdir(), 'minhchung-campaign-')), 'lenient.toml');
  writeFileSync(path, text);
  return path;
}

/** Waits until the automatic checks of these have run. */
export async function checked(people: TestPeople, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await expect
      .poll(async () => (await people.submission(id)).checks.length, { timeout: 180_000 })
      .toBeGreaterThan(0);
}

/** What `minhchung doctor` says about a stopped server's directory; it throws when something is wrong. */
export function doctor(server: TestServer): string {
  return execFileSync(binary(), ['doctor', '--data-dir', server.dataDir], { encoding: 'utf8' });
}
