// What the phone has to fetch: the first screen at most 40 KB, the whole app at most 90 KB, gzip of scripts and styles.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { placeholders } from '@minhchung/web-shared/text/dictionary.ts';
import { expect, test } from '@playwright/test';
import en from '../src/text/en.json' with { type: 'json' };
import vi from '../src/text/vi.json' with { type: 'json' };
import tipEn from '../src/tip/text/en.json' with { type: 'json' };
import tipVi from '../src/tip/text/vi.json' with { type: 'json' };

const DIST = join(import.meta.dirname, '../dist');
const ASSETS = join(DIST, 'assets');
const TIP_ASSETS = join(import.meta.dirname, '../dist-to-giac/assets');
const FIRST_SCREEN_BYTES = 40_000;
const WHOLE_BYTES = 90_000;

const packed = (path: string) => gzipSync(readFileSync(path), { level: 9 }).length;

/** The page's own scripts and styles, and everything they import before anything is shown. */
function firstScreen(): string[] {
  const page = readFileSync(join(DIST, 'index.html'), 'utf8');
  const found = [...page.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map((match) => match[1] ?? '');
  for (const name of found.filter((one) => one.endsWith('.js'))) {
    const code = readFileSync(join(ASSETS, name), 'utf8');
    for (const match of code.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) {
      const next = match[1] ?? '';
      if (!found.includes(next)) found.push(next);
    }
  }
  return [...new Set(found)];
}

test('the first screen weighs at most 40 KB and the whole app at most 90 KB', () => {
  const first = firstScreen();
  expect(first.length).toBeGreaterThan(2);
  const weigh = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + packed(join(ASSETS, name)), 0);
  const all = readdirSync(ASSETS).filter((name) => /\.(?:js|css)$/.test(name));
  const whole = weigh(all) + packed(join(DIST, 'service-worker.js'));
  console.log(`first screen ${weigh(first)} bytes, whole app ${whole} bytes (gzip)`);
  expect(weigh(first)).toBeLessThanOrEqual(FIRST_SCREEN_BYTES);
  expect(whole).toBeLessThanOrEqual(WHOLE_BYTES);
});

test('nothing is fetched from elsewhere, and the service worker keeps every file by name', () => {
  const worker = readFileSync(join(DIST, 'service-worker.js'), 'utf8');
  for (const name of readdirSync(ASSETS).filter((one) => !/\.(?:br|gz)$/.test(one))) {
    expect(worker, name).toContain(`/assets/${name}`);
    if (!/\.(?:js|css)$/.test(name)) continue;
    const hosts = readFileSync(join(ASSETS, name), 'utf8').match(/https?:\/\/[\w.-]+/g) ?? [];
    // Names of markup languages, which nobody fetches.
    expect(
      hosts.filter((host) => !host.startsWith('http://www.w3.org')),
      name,
    ).toEqual([]);
  }
});

test('the citizen’s page weighs at most 30 KB before it is seen and 100 KB with its workers, and shares nothing', () => {
  const files = readdirSync(TIP_ASSETS).filter((name) => /\.(?:js|css)$/.test(name));
  const weigh = (names: readonly string[]) =>
    names.reduce((sum, name) => sum + packed(join(TIP_ASSETS, name)), 0);
  const first = files.filter((name) => name.startsWith('index-'));
  console.log(`citizen's page ${weigh(first)} bytes, with its workers ${weigh(files)} bytes (gzip)`);
  expect(first.length).toBe(2);
  expect(weigh(first)).toBeLessThanOrEqual(30_000);
  expect(weigh(files)).toBeLessThanOrEqual(100_000);
  const worker = readFileSync(join(DIST, 'service-worker.js'), 'utf8');
  expect(worker).not.toContain('to-giac');
  for (const name of files) {
    expect(worker).not.toContain(name);
    const hosts = readFileSync(join(TIP_ASSETS, name), 'utf8').match(/https?:\/\/[\w.-]+/g) ?? [];
    expect(hosts.filter((host) => !/^http:\/\/www\.w3\.org|github\.com/.test(host)), name).toEqual([]);
  }
});

test('both languages fill in the same names', () => {
  for (const [key, text] of Object.entries(tipVi)) {
    expect(placeholders(tipEn[key as keyof typeof tipEn]), key).toEqual(placeholders(text));
    expect(text, key).not.toMatch(/đồng bộ|tải lên|lỗi \d|server|upload|offline/i);
  }
  for (const [key, text] of Object.entries(vi)) {
    expect(placeholders(en[key as keyof typeof en]), key).toEqual(placeholders(text));
    // Words of engineers have no place here.
    expect(text, key).not.toMatch(/đồng bộ|tải lên|lỗi \d|server|upload|offline/i);
  }
});
