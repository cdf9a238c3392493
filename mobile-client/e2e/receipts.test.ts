// A receipt that the server did not seal frees nothing; one that cannot be checked counts by what it names.

import { other } from './other-server.ts';
import { capture, chip, enter, expect, test, toList } from './phone.ts';
import { inStore, sayOnline, storedItems } from './stored.ts';

const PLACE = 'Cổng nhà văn hóa';

/** The last letter of a signature changed. */
function forged(text: string): string {
  const answer = JSON.parse(text) as { receipt?: string | null };
  if (typeof answer.receipt !== 'string') return text;
  const at = answer.receipt.lastIndexOf('.') + 10;
  const letter = answer.receipt[at] === 'A' ? 'B' : 'A';
  return JSON.stringify({
    ...answer,
    receipt: answer.receipt.slice(0, at) + letter + answer.receipt.slice(at + 1),
  });
}

test('a receipt with a wrong seal frees no picture, says so, and the true one does', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  let lies = true;
  const middle = await other(server.address, (asked, text) =>
    lies && asked.method === 'PUT' ? forged(text) : text,
  );
  const page = await newPhone(middle.url).open();
  await enter(page, head.code);
  await capture(page, PLACE);
  await toList(page);
  await chip(page, '1 ảnh chờ gửi').click();
  await page.getByRole('listitem').filter({ hasText: PLACE }).getByRole('button').click();
  await expect(page.getByText('biên nhận chưa kiểm được', { exact: false })).toBeVisible();
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toHaveLength(1);
  lies = false;
  // It also tries again by itself; then there is nothing left to press.
  const again = page.getByRole('button', { name: 'Gửi lại ngay' });
  await expect(async () => {
    if (await again.isVisible()) await again.click({ timeout: 1_000 });
    await expect(chip(page, 'Đã gửi hết')).toBeVisible({ timeout: 5_000 });
  }).toPass();
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toEqual([]);
  expect(await people.submissions()).toHaveLength(1);
  middle.server.close();
});

test('a key that the phone does not know is asked for, and until it is known the picture stays', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  let hides = true;
  const middle = await other(server.address, (asked, text) =>
    hides && asked.url === '/api/v1/receipts/keys' ? '{"keys":[]}' : text,
  );
  const page = await newPhone(middle.url).open();
  await enter(page, head.code);
  await capture(page, PLACE);
  await expect.poll(async () => (await people.submissions()).map((one) => one.state)).toEqual(['pending']);
  await expect.poll(async () => (await storedItems(page))[0]?.refusal?.code).toBe('receipt-not-trusted');
  expect((await storedItems(page))[0]?.stage).toBe('waiting');
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toHaveLength(1);
  hides = false;
  await sayOnline(page);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  middle.server.close();
});

test('a browser that knows no Ed25519 goes by what the receipt names', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  // Neither does it need the keys, which it could not use.
  const middle = await other(server.address, (asked, text) =>
    asked.url === '/api/v1/receipts/keys' ? '{"keys":[]}' : text,
  );
  const phone = newPhone(middle.url);
  const page = await phone.open('/api/docs');
  await phone.browser.addInitScript(() => {
    const importKey = crypto.subtle.importKey.bind(crypto.subtle) as (
      ...given: unknown[]
    ) => Promise<CryptoKey>;
    crypto.subtle.importKey = ((...given: unknown[]) =>
      given[2] === 'Ed25519'
        ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
        : importKey(...given)) as typeof crypto.subtle.importKey;
  });
  await page.goto(middle.url);
  await enter(page, head.code);
  await capture(page, PLACE);
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toEqual([]);
  middle.server.close();
});
