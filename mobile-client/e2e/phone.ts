// A phone in a test: a profile that survives, a server behind it, and the steps a village head takes.
// Refuses shortcuts: everything goes through what is on the screen.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProfile, PHONE_VIEW } from '@minhchung/web-shared/e2e/browser';
import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { type ServerOptions, TestServer } from '@minhchung/web-shared/e2e/server';
import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Locator,
  type Page,
} from '@playwright/test';
import en from '../src/text/en.json' with { type: 'json' };
import vi from '../src/text/vi.json' with { type: 'json' };

const HERE = { latitude: 22.4855, longitude: 103.9706, accuracy: 12 };

export class Phone {
  private context: BrowserContext | null = null;
  readonly profile = mkdtempSync(join(tmpdir(), 'minhchung-phone-'));

  constructor(
    /** What the phone believes to be the server. */
    public origin: string,
    private readonly options: BrowserContextOptions & { args?: readonly string[] } = {},
  ) {}

  /** Switches it on. */
  async open(at = '/'): Promise<Page> {
    this.context = await openProfile(this.profile, { ...PHONE_VIEW, geolocation: HERE, ...this.options });
    this.context.setDefaultTimeout(15_000);
    await this.context.grantPermissions(['camera', 'geolocation'], { origin: this.origin });
    const page = this.context.pages()[0] ?? (await this.context.newPage());
    await page.goto(this.origin + at);
    return page;
  }

  get browser(): BrowserContext {
    if (this.context === null) throw new Error('the phone is off');
    return this.context;
  }

  /** Another tab of the same phone. */
  async tab(at = '/'): Promise<Page> {
    const page = await this.browser.newPage();
    await page.goto(this.origin + at);
    return page;
  }

  async offline(yes: boolean): Promise<void> {
    await this.browser.setOffline(yes);
  }

  /** Switches it off politely. */
  async close(): Promise<void> {
    await this.context?.close();
    this.context = null;
  }

  /** After it was killed. */
  async forgetBrowser(): Promise<void> {
    await this.context?.close().catch(() => undefined);
    this.context = null;
  }

  async throwAway(): Promise<void> {
    await this.close();
    // A child of the browser may still be writing.
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

export type Words = Readonly<Record<keyof typeof vi, string>>;
/** What the screens say, by key. */
export const WORDS: Readonly<Record<'vi' | 'en', Words>> = { vi, en };

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

/** Joins with a code, and waits until the list is there and the app would open without a network. */
export async function enter(page: Page, code: string, words: Words = vi): Promise<void> {
  await page.getByLabel(words['enter.code']).fill(code);
  await button(page, words['enter.go']).click();
  await expect(page.getByRole('heading', { name: words['places.title'] })).toBeVisible();
  await expect(page.getByText(words['ago.now'])).toBeVisible();
  await worksOffline(page);
}

/** The service worker has every file of the app. */
export async function worksOffline(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
}

/** From the list: take a picture of the place and hand it in. Three taps. */
export async function capture(page: Page, place: string, words: Words = vi): Promise<void> {
  const card = page.getByRole('listitem').filter({ hasText: place });
  await card.locator('.button-main').click();
  await shoot(page, words);
  await button(page, words['check.send']).click();
  const ends = page.getByRole('heading', { name: words['saved.title'], exact: true });
  await expect(
    ends.or(page.getByRole('heading', { name: words['saved.received'], exact: true })),
  ).toBeVisible();
}

/** In the camera: wait for the view, and take it. */
export async function shoot(page: Page, words: Words = vi): Promise<void> {
  const video = page.locator('video');
  await expect(video).toBeVisible();
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth))
    .toBeGreaterThan(0);
  await button(page, words['camera.shoot']).click();
  await expect(page.getByRole('heading', { name: words['check.title'] })).toBeVisible();
}

export async function toList(page: Page, words: Words = vi): Promise<void> {
  await button(page, words['saved.next']).click();
  await expect(page.getByRole('heading', { name: words['places.title'] })).toBeVisible();
}

/** The chip that is always in sight. */
export function chip(page: Page, text: string | RegExp): ReturnType<Page['getByRole']> {
  return page.getByRole('button', { name: text });
}

export interface Fixtures {
  server: TestServer;
  people: TestPeople;
  /** Phones that are thrown away after the test. */
  newPhone: (origin: string, options?: BrowserContextOptions & { args?: readonly string[] }) => Phone;
}

/** Each test has a server of its own: nothing of one test is there in another. */
export const test = base.extend<Fixtures & { serverOptions: ServerOptions }>({
  serverOptions: [{}, { option: true }],
  server: async ({ serverOptions }, use) => {
    const server = await TestServer.start(serverOptions);
    await use(server);
    await server.end();
  },
  people: async ({ server }, use) => {
    await use(await server.people());
  },
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads what a fixture needs from this pattern
  newPhone: async ({}, use) => {
    const phones: Phone[] = [];
    await use((origin, options = {}) => {
      const phone = new Phone(origin, options);
      phones.push(phone);
      return phone;
    });
    for (const phone of phones) await phone.throwAway();
  },
});

export { expect };
