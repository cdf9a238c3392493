// Pictures that were taken and not handed in: they are never called sent, never out of reach, and two windows lose none.

import { join } from 'node:path';
import { chip, enter, expect, type Phone, shoot, test, toList } from './phone.ts';
import { inStore, sayOnline, storedItems } from './stored.ts';

const PLACE = 'Cổng nhà văn hóa';
const PICTURE = join(import.meta.dirname, '../../docs/huong-dan/hinh/01-vao.png');
const HAND_IN = { name: 'Gửi', exact: true } as const;

async function takeOne(phone: Phone, code: string) {
  const page = await phone.open();
  await enter(page, code);
  await page.getByRole('listitem').filter({ hasText: PLACE }).locator('.button-main').click();
  await shoot(page);
  return page;
}

test('a picture that was not handed in is named by the bar, the outbox and the log-out, and leads back', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const page = await takeOne(newPhone(server.url), head.code);
  await expect(chip(page, '1 ảnh chưa gửi')).toBeVisible();
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await page.getByRole('button', { name: 'Cài đặt' }).click();
  await page.getByRole('button', { name: 'Thoát tài khoản' }).click();
  await expect(page.getByRole('alert')).toContainText('Còn 1 ảnh chưa gửi.');
  await page.getByRole('button', { name: 'Ở lại để gửi' }).click();
  await chip(page, '1 ảnh chưa gửi').click();
  await page.getByRole('listitem').filter({ hasText: PLACE }).getByRole('button').click();
  // Given up only after being asked.
  await page.getByRole('button', { name: 'Bỏ ảnh này' }).click();
  await page.getByRole('button', { name: 'Giữ lại' }).click();
  await page.getByRole('button', HAND_IN).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
});

test('a place that went to somebody else while its picture lay on the phone stays reachable, and the picture arrives', async ({
  server,
  people,
  newPhone,
}) => {
  const [head, other] = [await people.head(), await people.head('Trưởng thôn Hai')];
  const assignment = await people.plan(head.id, { place: PLACE });
  const page = await takeOne(newPhone(server.url), head.code);
  await people.call(
    'PATCH',
    `/assignments/${assignment.id}`,
    { assignee: other.id },
    {
      'if-match': `"${assignment.version}"`,
    },
  );
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  const asked = page.waitForResponse((answer) => answer.url().includes('/assignments'));
  await page.getByRole('button', { name: 'Lấy lại' }).click();
  expect(((await (await asked).json()) as { items: unknown[] }).items).toEqual([]);
  await expect(page.getByRole('button', { name: 'Lấy lại' })).toBeEnabled();
  await expect(page.getByRole('button', { name: /^Làm tiếp/ })).toBeVisible();
  // Even a draft of an earlier version, whose place was not kept, is within reach.
  await inStore(page, 'places', 'delete', [assignment.id]);
  await chip(page, '1 ảnh chưa gửi').click();
  await page.getByRole('listitem').getByRole('button').click();
  await page.getByRole('button', HAND_IN).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect(await people.submissions()).toHaveLength(1);
});

test('two windows at the same place lose no picture and send none twice', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await takeOne(phone, head.code);
  const other = await phone.tab();
  await other.getByRole('button', { name: /^Làm tiếp/ }).click();
  await other.getByRole('button', { name: /^Chụp thêm/ }).click();
  // Another picture for certain; the test's camera draws the same one again and again.
  await other.locator('input[type=file]').setInputFiles(PICTURE);
  await expect(other.getByRole('figure')).toHaveCount(2);
  // And that one twice: it goes once, and leaves nothing behind.
  await other.getByRole('button', { name: /^Chụp thêm/ }).click();
  await other.locator('input[type=file]').setInputFiles(PICTURE);
  await expect(other.getByRole('figure')).toHaveCount(3);
  // The first window has not heard of the second picture.
  await page.bringToFront();
  await page.getByRole('button', HAND_IN).click();
  await expect(page.getByRole('alert')).toContainText('vừa đổi trong một cửa sổ khác');
  await expect(page.getByRole('figure')).toHaveCount(3);
  await page.getByRole('button', HAND_IN).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  // The second window finds nothing to hand in any more, and does not send it again.
  await other.bringToFront();
  await other.getByRole('button', HAND_IN).click();
  await expect(other.getByRole('heading', { name: PLACE })).toBeVisible();
  const arrived = await people.submissions();
  expect(arrived.map((submission) => submission.photos.length)).toEqual([2]);
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toEqual([]);
});

test('taking a picture again keeps the head count and the note, and the old picture until there is a new one', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE, cell: 'commitment.residential_area' });
  const page = await takeOne(newPhone(server.url), head.code);
  await page.getByLabel('Số người đã ký').fill('79');
  await page.getByLabel('Ghi chú (không bắt buộc)').fill('Họp tối thứ bảy');
  const before = await inStore(page, 'blobs', 'getAllKeys', []);
  await page.getByRole('button', { name: 'Chụp lại ảnh này' }).click();
  await expect(page.locator('video')).toBeVisible();
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await expect(page.getByRole('figure')).toHaveCount(1);
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).toEqual(before);
  await page.getByRole('button', { name: 'Chụp lại ảnh này' }).click();
  await shoot(page);
  await expect(page.getByRole('figure')).toHaveCount(1);
  expect(await inStore(page, 'blobs', 'getAllKeys', [])).not.toEqual(before);
  await expect(page.getByLabel('Số người đã ký')).toHaveValue('79');
  await expect(page.getByLabel('Ghi chú (không bắt buộc)')).toHaveValue('Họp tối thứ bảy');
  // One way back, not two: the camera was left behind.
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await expect(page.getByRole('heading', { name: 'Việc của tôi' })).toBeVisible();
});

test('where the phone is stays known from the place to the camera', async ({ server, people, newPhone }) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await page.addInitScript(() => {
    // A receiver that needs long for its first fix: it speaks once, for the first who asks.
    let spoke = false;
    navigator.geolocation.watchPosition = (found) => {
      if (!spoke)
        found({
          coords: { latitude: 22.5, longitude: 104, accuracy: 7 },
          timestamp: Date.now(),
        } as GeolocationPosition);
      spoke = true;
      return 1;
    };
  });
  await page.reload();
  await enter(page, head.code);
  await page.getByRole('button', { name: new RegExp(`${PLACE} Thôn`) }).click();
  await expect(page.getByText('chính xác khoảng 7 m', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Chụp ảnh', exact: true }).click();
  await shoot(page);
  await page.getByRole('button', HAND_IN).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect((await people.submissions())[0]?.location?.accuracy_m).toBe(7);
});

test('a proposal that was refused takes its picture along when it is tried again', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.offline(true);
  await page.getByRole('button', { name: 'Thêm nơi còn thiếu' }).click();
  await page.getByLabel('Thôn, bản, tổ').fill('Thôn Nậm Rịa');
  await page.getByLabel('Tên nơi đó').fill('Cổng chợ phiên');
  await page.getByRole('button', { name: 'Lưu và chụp ảnh' }).click();
  await shoot(page);
  await page.getByRole('button', HAND_IN).click();
  await toList(page);
  // A kind of place that the server does not take today.
  const stored = await storedItems(page);
  const proposal = stored.find((item) => item.kind === 'proposal');
  if (proposal === undefined) throw new Error('no proposal was stored');
  await inStore(page, 'items', 'put', [{ ...proposal, title: { ...proposal.title, cell: 'banner.9' } }]);
  await phone.offline(false);
  await sayOnline(page);
  await chip(page, '2 cần xem lại').click();
  const refused = await storedItems(page);
  for (const item of refused.filter((one) => one.kind === 'proposal'))
    await inStore(page, 'items', 'put', [{ ...item, title: proposal.title }]);
  await page.getByRole('listitem').filter({ hasNotText: 'Đề nghị thêm' }).getByRole('button').click();
  await page.getByRole('button', { name: 'Gửi lại ngay' }).click();
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
  expect(await people.submissions()).toHaveLength(1);
});

test('what one window sets holds in the other, and at once after a restart', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  const other = await phone.tab('/#/cai-dat');
  await expect(other.getByRole('heading', { name: 'Cài đặt' })).toBeVisible();
  await page.getByRole('button', { name: 'Cài đặt' }).click();
  await page.getByLabel('Chọn 4 số').fill('2468');
  await page.getByRole('button', { name: 'Đặt khoá' }).click();
  await expect(page.getByRole('button', { name: 'Bỏ khoá' })).toBeVisible();
  await expect(other.getByRole('button', { name: 'Bỏ khoá' })).toBeVisible();
  await other.getByLabel(/Giữ ảnh gốc/).click();
  await expect(page.getByText('Giữ ảnh gốc – đang bật')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Đang khoá' })).toBeVisible();
});

test('a group with banners of two sizes shows a frame for each, and says so', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE, cell: 'banner.5' });
  const page = await newPhone(server.url).open();
  await enter(page, head.code);
  await page.getByRole('listitem').filter({ hasText: PLACE }).locator('.button-main').click();
  await expect(page.locator('.guide')).toHaveCount(2);
  await expect(page.getByText('vừa một trong hai khung', { exact: false })).toBeVisible();
  const shapes = await page
    .locator('.guide')
    .evaluateAll((all) => all.map((one) => one.getAttribute('viewBox')));
  expect(new Set(shapes).size).toBe(2);
});
