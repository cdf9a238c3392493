// A demo says so on every screen, before anything else, with and without a network.
import { join, resolve } from 'node:path';
import { violations } from '@minhchung/web-shared/e2e/axe';
import { expect, test, worksOffline } from './phone.ts';

const PICTURE = join(resolve(import.meta.dirname, '../..'), 'target/phone-screens/demo.png');

test.use({ serverOptions: { purpose: 'demo' } });

test('the band of a demo is on the page before anything else, also offline', async ({ server, newPhone }) => {
  const phone = newPhone(server.url);
  const page = await phone.open();
  await worksOffline(page);
  await expect(page).toHaveTitle(/^DEMO – Vào/);
  await server.down();
  await page.reload();
  const band = page.locator('body > *').first();
  await expect(band).toContainText('BẢN DÙNG THỬ – dữ liệu giả');
  await expect(page.getByRole('heading', { name: 'Vào ứng dụng' })).toBeVisible();
  await page.screenshot({ path: PICTURE });
  expect(await violations(page)).toEqual([]);
});
