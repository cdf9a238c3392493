// A screen of trouble in both languages: axe, and a picture of each under target/phone-screens.
// Refuses to leave the phone in another language than it found.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { violations } from '@minhchung/web-shared/e2e/axe';
import type { Page } from '@playwright/test';
import { expect } from './phone.ts';
import { inStore } from './stored.ts';

const PICTURES = join(resolve(import.meta.dirname, '../..'), 'target/phone-screens');

export async function lookInBoth(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  const before = await inStore(page, 'meta', 'get', ['settings']);
  for (const language of ['en', 'vi'] as const) {
    // As if another window had changed it.
    await inStore(page, 'meta', 'put', [{ ...(before as object | undefined), language }, 'settings']);
    await expect(page.locator(`html[lang=${language}]`)).toBeAttached();
    expect(await violations(page), `${language}-${name}`).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `${language}-${name} is cut off at the side`).toBeLessThanOrEqual(360);
    await page.screenshot({ path: join(PICTURES, `${language}-${name}.png`) });
  }
}
