// The whole way of a picture, as a village head walks it.

import { capture, chip, enter, expect, test, toList } from './phone.ts';

test('a picture goes from the list to a receipt, and the office sees it', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: 'Cổng nhà văn hóa' });
  const phone = newPhone(server.url);
  const page = await phone.open(head.link.replace(/^.*#/, '/#'));
  await expect(page.getByLabel('Mã 12 số')).toHaveValue(/^\d{4} \d{4} \d{4}$/);
  await enter(page, head.code);
  await capture(page, 'Cổng nhà văn hóa');
  await expect(page.getByText(/Số biên nhận: [0-9A-F]{4}-[0-9A-F]{4}/)).toBeVisible();
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
  await toList(page);
  await expect(page.getByText('Đã gửi, chờ duyệt')).toBeVisible();

  const [submission] = await people.submissions();
  expect(submission?.state).toBe('pending');
  expect(submission?.photos).toHaveLength(1);
  expect(submission?.location?.accuracy_m).toBe(12);
});

test('ten places are taken offline, the browser is closed and opened again, and ten records arrive exactly once', async ({
  server,
  people,
  newPhone,
}) => {
  test.setTimeout(120_000);
  const head = await people.head();
  const names = Array.from({ length: 10 }, (_, index) => `Điểm số ${index + 10}`);
  for (const place of names) await people.plan(head.id, { place });
  const phone = newPhone(server.url);
  let page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  for (const name of names) {
    await capture(page, name);
    await toList(page);
  }
  await expect(chip(page, '10 ảnh chờ gửi')).toBeVisible();
  await phone.close();
  expect(await people.submissions()).toHaveLength(0);

  // The server cannot be reached either, so nothing of the page can come from it.
  await server.down();
  page = await phone.open();
  await expect(chip(page, '10 ảnh chờ gửi')).toBeVisible();
  await expect(page.getByText('Đã lưu, chờ gửi')).toHaveCount(10);
  await server.up();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(chip(page, 'Đã gửi hết')).toBeVisible({ timeout: 60_000 });

  const arrived = await people.submissions();
  expect(arrived).toHaveLength(10);
  expect(new Set(arrived.map((submission) => submission.assignment_id)).size).toBe(10);
  expect(arrived.every((submission) => submission.state === 'pending')).toBe(true);
  await chip(page, 'Đã gửi hết').click();
  await expect(page.getByText(/Biên nhận [0-9A-F]{4}-[0-9A-F]{4}/)).toHaveCount(10);
});
