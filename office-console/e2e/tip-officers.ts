// The tip desk of a test: a server with officers, their keys, and the page as they use it.
// Refuses to reach into the page: it is used by what is on the screen.

import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { binary, PASSWORD, TestServer } from '@minhchung/web-shared/e2e/server';
import { toBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import { deskKeyProof, deskPublic, newDeskSeeds, wrapDeskSeeds } from '@minhchung/web-shared/tip/desk-key.ts';
import { type Browser, expect, type Page } from '@playwright/test';

export const TIP_DESK = '/ban-tin/';
export const PASSPHRASE = 'bưởi chuồn gạch lặng thuyền';

export interface DeskServer {
  readonly server: TestServer;
  /** The recovery key's seed, as it is printed. */
  readonly recovery: string;
  /** Secrets of one-time codes, base32, by user name. */
  readonly codes: ReadonlyMap<string, string>;
}

/** A server with these officers; those in `withCodes` need one-time codes. */
export async function startDesk(
  officers: readonly string[],
  withCodes: readonly string[] = [],
): Promise<DeskServer> {
  const server = await TestServer.start();
  await server.down();
  const codes = new Map<string, string>();
  for (const username of [...officers, ...withCodes]) {
    const flags = ['--username', username, '--role', 'tip_officer', '--name', `Cán bộ ${username}`];
    if (withCodes.includes(username)) flags.push('--totp');
    const printed = run(server, ['user', 'add', ...flags], PASSWORD);
    const secret = /secret=([A-Z2-7]+)/.exec(printed)?.[1];
    if (secret !== undefined) codes.set(username, secret);
  }
  const printed = run(server, ['desk', 'recovery-key']);
  const recovery = /(?:[\da-f]{4} ?){16}/i.exec(printed)?.[0];
  if (recovery === undefined) throw new Error(`no recovery key in:\n${printed}`);
  await server.up();
  return { server, recovery, codes };
}

function run(server: TestServer, words: readonly string[], input = ''): string {
  const flags = [...words, '--data-dir', server.dataDir];
  return execFileSync(binary(), flags, { input, stdio: ['pipe', 'pipe', 'pipe'], encoding: 'utf8' });
}

/** The six digits of this moment (RFC 6238). */
export function codeOf(secret: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret, (letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The door of the desk, in a browser of its own. */
export async function knock(
  browser: Browser,
  url: string,
  size = { width: 1280, height: 800 },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: size,
    locale: 'vi-VN',
    timezoneId: 'Asia/Ho_Chi_Minh',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error('page:', error.message));
  await page.goto(`${url}${TIP_DESK}`);
  return page;
}

export async function logIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.locator('input[name=username]').fill(username);
  await page.locator('input[name=password]').fill(password);
  await page.getByRole('button', { name: 'Vào bàn tin' }).click();
}

export async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
  await page.getByLabel('Câu mật khẩu').fill(passphrase);
  await page.getByRole('button', { name: 'Mở khóa' }).click();
}

/** Logged in, with an open key. */
export async function sitDown(
  browser: Browser,
  url: string,
  username: string,
  size?: { width: number; height: number },
): Promise<Page> {
  const page = await knock(browser, url, size);
  await logIn(page, username);
  await unlock(page);
  await expect(page.getByRole('heading', { name: 'Tin tố giác' })).toBeVisible();
  return page;
}

/** A key for an officer, made as the page makes one. */
export async function giveKey(url: string, username: string): Promise<void> {
  const seeds = newDeskSeeds();
  const { sealKey, verifyKey } = await deskPublic(seeds);
  await call(url, username, 'POST', '/desk/keys', {
    seal_key: toBase64(sealKey),
    verify_key: toBase64(verifyKey),
    wrapped: toBase64(await wrapDeskSeeds(seeds, PASSPHRASE)),
    signature: toBase64(deskKeyProof(seeds, sealKey)),
  });
}

/** One session for each officer: an account has room for so many, and the page's is one of them. */
const tokens = new Map<string, string>();

async function tokenOf(url: string, username: string): Promise<string> {
  const known = tokens.get(`${url} ${username}`);
  if (known !== undefined) return known;
  const answer = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`log-in of ${username}: ${answer.status} ${await answer.text()}`);
  const { access_token } = (await answer.json()) as { access_token: string };
  tokens.set(`${url} ${username}`, access_token);
  return access_token;
}

/** The API as an officer. */
export async function call<T>(
  url: string,
  username: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const token = await tokenOf(url, username);
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = JSON.stringify(body);
  const answer = await fetch(`${url}/api/v1${path}`, init);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Reads the list again and opens its thread number `index`. */
export async function openThread(page: Page, index = 0): Promise<void> {
  await page.getByRole('button', { name: 'Tin tố giác' }).click();
  await page.getByRole('button', { name: 'Tải lại' }).click();
  await page.locator('.tip-table tbody tr').nth(index).getByRole('button').click();
  await expect(page.getByRole('heading', { name: 'Nội dung trao đổi' })).toBeVisible();
  await expect(page.locator('.message').first()).toBeVisible();
  await expect(page.locator('.message .loading')).toHaveCount(0);
}

/** The message with these words. */
export function message(page: Page, words: string) {
  return page.locator('.message').filter({ hasText: words });
}

/** Lets a test see what goes to the desk: bodies are handed over only for requests that pass through a route. */
export async function bodiesOf(page: Page): Promise<void> {
  await page.route('**/api/v1/desk/**', (route) => route.continue());
}

/** Everything that a browser could have kept. */
export async function kept(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    cookies: document.cookie,
    databases: (await indexedDB.databases()).map((each) => each.name),
    caches: 'caches' in globalThis ? await caches.keys() : [],
    workers: 'serviceWorker' in navigator ? (await navigator.serviceWorker.getRegistrations()).length : 0,
    state: history.state as unknown,
    address: location.pathname + location.search + location.hash,
    title: document.title,
  }));
}

export const NOTHING_KEPT = {
  local: [],
  session: [],
  cookies: '',
  databases: [],
  caches: [],
  workers: 0,
  state: null,
  address: TIP_DESK,
  title: 'Bàn tin',
};
