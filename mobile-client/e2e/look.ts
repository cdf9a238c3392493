// How a screen is looked at: axe, targets large enough, nothing cut off, also with letters twice as large; and its picture.
// Refuses to list what is known to be wrong.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { violations } from '@minhchung/web-shared/e2e/axe';
import { expect, type Page } from '@playwright/test';

const ROOT = resolve(import.meta.dirname, '../..');
const PICTURES = join(ROOT, 'target/phone-screens');
export const GUIDE = join(ROOT, 'docs/huong-dan/hinh');
const SMALLEST_TARGET = 48;

/** Looks at the screen as it stands, and with large letters. `guide`: the folder of the guide's pictures. */
export async function look(page: Page, name: string, language: 'vi' | 'en', guide = GUIDE): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  // Small pictures are read from the store after the screen is there.
  await page.evaluate(() =>
    Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))),
  );
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
  await page.screenshot({ path: join(PICTURES, `${name}-whole.png`), fullPage: true, scale: 'css' });
  if (process.env['MINHCHUNG_GUIDE'] === '1' && language === 'vi') {
    mkdirSync(guide, { recursive: true });
    await page.screenshot({ path: join(guide, `${name.replace('vi-', '')}.png`), scale: 'css' });
  }
  expect.soft(await violations(page), name).toEqual([]);
  expect.soft(await tooSmall(page), name).toEqual([]);
  for (const size of ['100%', '225%']) {
    await page.evaluate((wanted) => {
      document.documentElement.style.fontSize = wanted === '100%' ? '' : wanted;
    }, size);
    if (size === '225%') await page.screenshot({ path: join(PICTURES, `${name}-large.png`) });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(width, `${name} at ${size} is cut off at the side`).toBeLessThanOrEqual(360);
  }
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '';
  });
}

/** Everything that can be tapped and is smaller than a thumb. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate((smallest) => {
    const targets = document.querySelectorAll<HTMLElement>(
      'button, a, input, select, textarea, label.button',
    );
    return [...targets]
      .filter((target) => {
        const inside = target.closest('label');
        const box = (
          target.matches('[type=radio], [type=checkbox], [type=file]') && inside ? inside : target
        ).getBoundingClientRect();
        return box.width > 0 && (box.height < smallest || box.width < smallest);
      })
      .map((target) => target.outerHTML.slice(0, 120));
  }, SMALLEST_TARGET);
}
