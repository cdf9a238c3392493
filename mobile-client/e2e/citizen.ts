// A citizen's browser in a test, and a desk that answers with the shared cryptography through the API.
// Refuses shortcuts on the citizen's side: everything goes through what is on the screen.

import { createHash } from 'node:crypto';
import { CHROMIUM_FLAGS, chromiumPath, PHONE_VIEW } from '@minhchung/web-shared/e2e/browser';
import { type Browser, type BrowserContext, chromium, expect, type Page } from '@playwright/test';
import en from '../src/tip/text/en.json' with { type: 'json' };
import vi from '../src/tip/text/vi.json' with { type: 'json' };

export type TipWords = Readonly<Record<keyof typeof vi, string>>;
export const TIP_WORDS: Readonly<Record<'vi' | 'en', TipWords>> = { vi, en };

const WORK_DEADLINE_MS = 90_000;

export const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A browser without a profile; each context is another person. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), headless: true, args: CHROMIUM_FLAGS });
}

export async function citizen(
  browser: Browser,
  options: { javaScriptEnabled?: boolean; viewport?: { width: number; height: number } } = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ ...PHONE_VIEW, locale: 'vi-VN', ...options });
  context.setDefaultTimeout(15_000);
  return context;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

export async function press(page: Page, key: keyof TipWords, words: TipWords = vi): Promise<void> {
  await button(page, words[key]).click();
}

export async function sees(page: Page, key: keyof TipWords, words: TipWords = vi): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: words[key], exact: true })).toBeVisible();
}

/** The screen with the receipt: after puzzle, sealing and the server's answer, which is work and not waiting. */
export async function hasArrived(page: Page, words: TipWords = vi): Promise<void> {
  const heading = page.getByRole('heading', { level: 1, name: words['receipt.title'], exact: true });
  try {
    await expect(heading).toBeVisible({ timeout: WORK_DEADLINE_MS });
  } catch (error) {
    // Each way of not arriving has words of its own on the screen.
    const says = await page.locator('body').innerText().catch(String);
    throw new Error(`the page says: ${says}`, { cause: error });
  }
}

export async function openPage(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/to-giac/`);
  await sees(page, 'start.title');
}

/** From the first screen to the words being written. */
export async function write(page: Page, words: string): Promise<void> {
  await press(page, 'start.write');
  await sees(page, 'write.title');
  await page.getByLabel(vi['write.text']).fill(words);
}

/** Chooses files as a finger does, and waits until they are cleaned. */
export async function addPictures(
  page: Page,
  files: readonly { name: string; mimeType: string; buffer: Buffer }[],
): Promise<void> {
  const before = await page.locator('.pictures li').count();
  await page.getByLabel(vi['write.add-picture']).setInputFiles([...files]);
  await expect(page.locator('.pictures li')).toHaveCount(before + files.length);
  await expect(page.getByText(vi['write.preparing'])).toHaveCount(0);
}

/** Sends and copies the receipt to paper. */
export async function send(page: Page): Promise<string> {
  await press(page, 'write.send');
  await hasArrived(page);
  const groups = await page.locator('.groups li').allInnerTexts();
  return groups.map((group) => group.replace(/^.*:/, '').replaceAll(/\D/g, '')).join('');
}

/** Types the two groups from paper. */
export async function confirmReceipt(page: Page, receipt: string): Promise<void> {
  await press(page, 'receipt.noted');
  await sees(page, 'confirm.title');
  for (const field of await page.locator('main input').all()) {
    const label = await field.evaluate((element: HTMLInputElement) => element.labels?.[0]?.textContent ?? '');
    const group = Number(/\d/.exec(label)?.[0]) - 1;
    await field.fill(receipt.slice(group * 5, group * 5 + 5));
  }
  await press(page, 'confirm.check');
  await sees(page, 'done.title');
}

/** From the first screen into the mailbox of a receipt. */
export async function comeBack(page: Page, receipt: string): Promise<void> {
  await press(page, 'start.return');
  await page.getByLabel(vi['enter.label']).fill(receipt);
  await press(page, 'enter.open');
  const heading = page.getByRole('heading', { level: 1, name: vi['mailbox.title'], exact: true });
  await expect(heading).toBeVisible({ timeout: WORK_DEADLINE_MS });
}
