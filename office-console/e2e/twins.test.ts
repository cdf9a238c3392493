// Two submissions with the same picture, judged by the real checks: the verifier sees both side by side.

import type { TestPeople } from '@minhchung/web-shared/e2e/people';
import { TestServer } from '@minhchung/web-shared/e2e/server';
import { type Browser, expect, test } from '@playwright/test';
import { checked, desk, launch, open, pictures, type Sender, send, sender } from './desk.ts';

let server: TestServer;
let browser: Browser;
let people: TestPeople;
let head: Sender;

test.beforeAll(async () => {
  [server, browser] = await Promise.all([TestServer.start(), launch()]);
  people = await server.people();
  head = await sender(server.url, people);
});
test.afterAll(async () => {
  await browser.close();
  await server.end();
});

test('the suspected twin stands beside the picture in question, with its figures and the way to its record', async () => {
  const [scene = Buffer.alloc(0), alike = Buffer.alloc(0), own = Buffer.alloc(0)] = await scenes();
  const first = await people.plan(head.id, { place: 'Cổng chào cũ', cell: 'banner.2' });
  const second = await people.plan(head.id, { place: 'Cổng chào mới', cell: 'banner.2' });
  const original = await send(server.url, head, first.id, scene);
  await checked(people, [original]);
  // The suspicious picture is the second of two: it is the one that comes first on the screen.
  const copy = await send(server.url, head, second.id, own, {}, [alike]);
  await checked(people, [copy]);
  const found = (await people.submission(copy)).checks.find((check) => check.code === 'similar_photo');
  expect(found?.outcome).toBe('warn');

  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'hang-doi?check=similar_photo');
  await expect(page.locator(`[data-submission="${copy}"]`)).toBeVisible();
  await expect(page.locator('.desk-photo .pager')).toContainText('Ảnh 2/2');
  const both = page.locator('.desk-photos img');
  await expect(both).toHaveCount(2);
  for (const picture of await both.all())
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(0);
  const [left, right] = await Promise.all([both.nth(0).boundingBox(), both.nth(1).boundingBox()]);
  if (left === null || right === null) throw new Error('a picture is not drawn');
  expect(left.x + left.width).toBeLessThanOrEqual(right.x + 1);
  // As large as each other.
  expect(Math.abs(right.width - left.width)).toBeLessThan(8);
  await expect(page.locator('.twin figcaption')).toContainText(/giống \d+%/);
  await expect(page.locator('.check-warn').first()).toBeVisible();
  // The other picture of the record has no twin to stand beside it.
  await page.keyboard.press('ArrowLeft');
  await expect(page.locator('.desk-photo .pager')).toContainText('Ảnh 1/2');
  await expect(page.locator('.twin')).toHaveCount(0);
  await page.keyboard.press('ArrowRight');
  await page.locator('.twin a').click();
  await expect(page.locator('.record-id')).toHaveText(original);
  await page.context().close();
});

test('what the checks find after the list was read stands on the screen of whoever is at it', async () => {
  const page = await desk(browser, server.url, 'verifier');
  await open(page, server.url, 'hang-doi?cell=banner.5');
  await expect(page.getByText('Không có minh chứng nào đang chờ.')).toBeVisible();
  const place = await people.plan(head.id, { place: 'Cổng tối', cell: 'banner.5' });
  const [dark = Buffer.alloc(0)] = await pictures(browser, 1);
  const id = await send(server.url, head, place.id, dark);
  await page
    .getByRole('button', { name: /minh chứng mới/ })
    .last()
    .click();
  await expect(page.locator(`[data-submission="${id}"]`)).toBeVisible();
  await expect(page.locator('.check-warn').first()).toBeVisible();
  await page.context().close();
});

/** A scene, the same one packed harder, and another one. */
async function scenes(): Promise<Buffer[]> {
  const page = await browser.newPage();
  const drawn = await page.evaluate(async () => {
    const draw = async (seed: number, quality: number) => {
      const canvas = new OffscreenCanvas(1200, 900);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      let state = seed;
      const random = () => {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        return state / 2_147_483_648;
      };
      context.fillStyle = '#8fb6d9';
      context.fillRect(0, 0, 1200, 900);
      for (let shape = 0; shape < 90; shape++) {
        context.fillStyle = `hsl(${random() * 360} 55% ${25 + random() * 50}%)`;
        context.fillRect(random() * 1100, random() * 850, 40 + random() * 260, 30 + random() * 200);
      }
      context.fillStyle = '#c62828';
      context.fillRect(150, 330, 900, 200);
      context.fillStyle = '#fff176';
      context.font = 'bold 90px sans-serif';
      context.fillText('KHÔNG MA TÚY', 250, 460);
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    };
    return [await draw(7, 0.9), await draw(7, 0.6), await draw(99, 0.9)];
  });
  await page.close();
  return drawn.map((text) => Buffer.from(text, 'base64'));
}
