// Keyboard alone, the phone's own camera, the two switches, other versions, and speed.

import type { Page } from '@playwright/test';
import { lookInBoth } from './both-languages.ts';
import { other } from './other-server.ts';
import { capture, chip, enter, expect, shoot, test, toList } from './phone.ts';
import { inStore, sayOnline, storedItems } from './stored.ts';

test.setTimeout(90_000);
const PLACE = 'Cổng nhà văn hóa';

/** Presses Tab until what has the focus is called `name`. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(() => document.activeElement?.textContent ?? '');
    if (name.test(focused)) return;
  }
  throw new Error(`nothing called ${name.source} can be reached by the keyboard`);
}

test('the whole way can be walked with the keyboard alone', async ({ server, people, newPhone }) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open(`/#enrol=${head.code.replace(/\D/g, '')}`);
  await expect(page.getByLabel('Mã 12 số')).toHaveValue(/\d{4}$/);
  await tabTo(page, /^Vào$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText(PLACE).first()).toBeVisible();
  await tabTo(page, /^Chụp ảnh/);
  await page.keyboard.press('Enter');
  const video = page.locator('video');
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.videoWidth))
    .toBeGreaterThan(0);
  await tabTo(page, /^Chụp$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Xem lại ảnh' })).toBeFocused();
  await tabTo(page, /^Gửi$/);
  await page.keyboard.press('Enter');
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
});

/** A JPEG of the page's making, with the EXIF orientation put in by hand. */
async function jpeg(page: Page, width: number, height: number, orientation: number): Promise<Buffer> {
  const text = await page.evaluate(
    async ({ width, height }) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      for (let y = 0; y < height; y += 8) {
        for (let x = 0; x < width; x += 8) {
          context.fillStyle = `rgb(${(x * 7) % 256},${(y * 5) % 256},${(x * y) % 256})`;
          context.fillRect(x, y, 8, 8);
        }
      }
      const bytes = new Uint8Array(
        await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer(),
      );
      let text = '';
      for (const byte of bytes) text += String.fromCharCode(byte);
      return btoa(text);
    },
    { width, height },
  );
  const exif = Buffer.from(
    'ffe1002245786966000049492a00080000000100120103000100000000000000000000000000'.slice(0, 72),
    'hex',
  );
  exif.writeUInt16LE(orientation, 28);
  const plain = Buffer.from(text, 'base64');
  return Buffer.concat([plain.subarray(0, 2), exif, plain.subarray(2)]);
}

test('a large turned picture of the phone’s own camera arrives upright, 1600 px long and at most 400 KB; the original on request', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  await people.plan(head.id, { place: 'Trạm y tế' });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  const buffer = await jpeg(page, 3000, 2000, 6);
  const file = { name: 'ảnh chụp cổng làng.jpg', mimeType: 'image/jpeg', buffer };
  const send = async (place: string) => {
    await page.getByRole('listitem').filter({ hasText: place }).last().locator('.button-main').click();
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: 'Gửi', exact: true }).click();
    await expect(page.getByText(/Số biên nhận/)).toBeVisible();
    await toList(page);
  };
  await send(PLACE);
  await page.getByRole('button', { name: 'Cài đặt' }).click();
  await page.getByLabel(/Giữ ảnh gốc/).click();
  await expect(page.getByText('Giữ ảnh gốc – đang bật')).toBeVisible();
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await send('Trạm y tế');
  const [small, original] = await people.submissions();
  expect(small?.photos[0]).toMatchObject({ width: 1067, height: 1600 });
  expect(small?.photos[0]?.bytes).toBeLessThanOrEqual(400_000);
  expect(original?.photos[0]).toMatchObject({ width: 2000, height: 3000, bytes: buffer.length });
});

test('bytes that are no picture are refused with a way on, and nothing is kept', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const page = await newPhone(server.url).open();
  await enter(page, head.code);
  await page.getByRole('listitem').filter({ hasText: PLACE }).locator('.button-main').click();
  for (const buffer of [
    Buffer.alloc(0),
    Buffer.from('ftypheic'),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>'),
  ]) {
    await page.locator('input[type=file]').setInputFiles({ name: 'x.heic', mimeType: 'image/heic', buffer });
    await expect(page.getByText('Ảnh này không đọc được', { exact: false })).toBeVisible();
  }
  await shoot(page);
  await expect(page.getByRole('figure')).toHaveCount(1);
});

test('without a camera and without a place there is still a way to send', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await enter(page, head.code);
  await phone.browser.clearPermissions();
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    navigator.geolocation.watchPosition = (_found, failed) => {
      failed?.({ code: 1, PERMISSION_DENIED: 1 } as GeolocationPositionError);
      return 1;
    };
  });
  await page.reload();
  await page.getByRole('listitem').filter({ hasText: PLACE }).locator('.button-main').click();
  await expect(page.getByText('Hãy bấm “Cho phép”', { exact: false })).toBeVisible();
  await lookInBoth(page, '18-xin-phep');
  await page.getByRole('button', { name: 'Tôi hiểu, hỏi đi' }).click();
  await expect(page.getByText('Điện thoại chưa cho dùng máy ảnh ở đây.', { exact: false })).toBeVisible();
  await expect(page.getByText('Điện thoại chưa cho lấy vị trí.', { exact: false })).toBeVisible();
  await lookInBoth(page, '19-khong-may-anh');
  const buffer = await jpeg(page, 800, 600, 1);
  await page.locator('input[type=file]').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer });
  await expect(page.getByText('Không có vị trí. Vẫn gửi được.')).toBeVisible();
  await page.getByRole('button', { name: 'Gửi', exact: true }).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect((await people.submissions())[0]?.location).toBeNull();
});

test('with “Wi-Fi only” nothing goes over mobile data, and it goes once there is Wi-Fi', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  const page = await phone.open();
  await page.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { type: 'cellular' });
    Object.defineProperty(navigator, 'connection', { value: connection });
  });
  await page.reload();
  await enter(page, head.code);
  await page.getByRole('button', { name: 'Cài đặt' }).click();
  await page.getByLabel(/Chỉ gửi khi có Wi-Fi/).check();
  await page.getByRole('button', { name: '‹ Quay lại' }).click();
  await capture(page, PLACE);
  await toList(page);
  await expect(page.getByText('Đang đợi Wi-Fi mới gửi', { exact: false })).toBeVisible();
  await sayOnline(page);
  await expect(chip(page, '1 ảnh chờ gửi')).toBeVisible();
  expect(await people.submissions()).toHaveLength(0);
  await page.evaluate(() => {
    const connection = (navigator as unknown as { connection: EventTarget & { type: string } }).connection;
    connection.type = 'wifi';
    connection.dispatchEvent(new Event('change'));
  });
  await expect(chip(page, 'Đã gửi hết')).toBeVisible();
});

test('a picture that was taken before the browser died is there again', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  const phone = newPhone(server.url);
  let page = await phone.open();
  await enter(page, head.code);
  await page.getByRole('listitem').filter({ hasText: PLACE }).locator('.button-main').click();
  await shoot(page);
  await page.getByLabel('Ghi chú (không bắt buộc)').fill('Treo cạnh cây đa');
  await expect
    .poll(async () => JSON.stringify(await inStore(page, 'drafts', 'getAll', [])))
    .toContain('Treo cạnh cây đa');
  await phone.close();
  page = await phone.open();
  await page.getByRole('button', { name: /^Làm tiếp/ }).click();
  await expect(page.getByLabel('Ghi chú (không bắt buộc)')).toHaveValue('Treo cạnh cây đa');
  await page.getByRole('button', { name: 'Gửi', exact: true }).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  expect((await people.submissions())[0]?.note).toBe('Treo cạnh cây đa');
});

test('servers of next year and of last year take and answer what this phone sends', async ({
  server,
  people,
  newPhone,
}) => {
  const deepen = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deepen);
    if (value === null || typeof value !== 'object') return value;
    return {
      ...Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, deepen(inner)])),
      new_member: { deep: [1] },
    };
  };
  const drop = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(drop);
    if (value === null || typeof value !== 'object') return value;
    const late = new Set([
      'marks',
      'decision',
      'checks',
      'last_comment',
      'last_reason',
      'late',
      'created_at',
      'expires_in',
      'demo',
      'next',
    ]);
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !late.has(key))
        .map(([key, inner]) => [key, drop(inner)]),
    );
  };
  for (const change of [deepen, drop]) {
    const head = await people.head();
    const assignment = await people.plan(head.id, { place: PLACE });
    const middle = await other(server.address, (asked, text) =>
      asked.url?.startsWith('/api/v1/') ? JSON.stringify(change(JSON.parse(text))) : text,
    );
    const page = await newPhone(middle.url).open();
    await enter(page, head.code);
    await capture(page, PLACE);
    await expect(page.getByText(/Số biên nhận/)).toBeVisible();
    expect((await people.submissions()).filter((one) => one.assignment_id === assignment.id)).toHaveLength(1);
    middle.server.close();
  }
});

test('a new version waits while something is under way and is put to use when nothing is', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  await people.plan(head.id, { place: PLACE });
  let version = '';
  const middle = await other(server.address, (asked, text) =>
    asked.url === '/service-worker.js' && version !== ''
      ? text.replace(/"[0-9a-f]{12}"/, `"${version}"`)
      : text,
  );
  const page = await newPhone(middle.url).open();
  // The very first visit, never reloaded: the new version is put to use there too.
  await enter(page, head.code);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  await page.getByRole('listitem').filter({ hasText: PLACE }).locator('.button-main').click();
  await shoot(page);
  await page.evaluate(() => {
    (window as unknown as { before: boolean }).before = true;
  });
  version = '0123456789ab';
  await page.evaluate(async () => {
    await (await navigator.serviceWorker.ready).update();
  });
  await expect
    .poll(() => page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state))
    .toBe('installed');
  // Still the same page, with the picture on it.
  expect(await page.evaluate(() => (window as unknown as { before?: boolean }).before)).toBe(true);
  await page.getByRole('button', { name: 'Gửi', exact: true }).click();
  await expect(page.getByText(/Số biên nhận/)).toBeVisible();
  await page.getByRole('button', { name: 'Về danh sách' }).click();
  await expect
    // The page may be on its way out when it is asked.
    .poll(() =>
      page.evaluate(() => (window as unknown as { before?: boolean }).before ?? false).catch(() => true),
    )
    .toBe(false);
  await expect.poll(() => page.evaluate(() => caches.keys())).toEqual(['phone-0123456789ab']);
  expect((await storedItems(page)).map((item) => item.stage)).toEqual(['received']);
  middle.server.close();
});

test('nobody else’s page gets into the app: the policy allows this server’s own scripts alone', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const page = await newPhone(server.url).open();
  await enter(page, head.code);
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    return (window as unknown as { ran?: boolean }).ran ?? false;
  });
  expect(ran).toBe(false);
  expect(await inStore(page, 'meta', 'get', ['session'])).toMatchObject({ over: false });
});

test('on a slow phone with a slow network the list is there, without any answer, within twice the time of the same page without a list', async ({
  server,
  people,
  newPhone,
}) => {
  test.setTimeout(150_000);
  const opened: Record<string, number> = {};
  for (const [kind, count] of [
    ['empty', 0],
    ['list', 12],
  ] as const) {
    const head = await people.head();
    for (let index = 0; index < count; index += 1) await people.plan(head.id, { place: `Điểm ${index}` });
    const phone = newPhone(server.url);
    const page = await phone.open();
    await enter(page, head.code);
    const devtools = await phone.browser.newCDPSession(page);
    await devtools.send('Network.enable');
    // Slow 3G as the developer tools have it.
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 2000,
      downloadThroughput: 50_000,
      uploadThroughput: 50_000,
    });
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    const usable =
      kind === 'list'
        ? page.locator('.card .button-main').nth(11)
        : page.getByText('Chưa có việc nào được giao.', { exact: false });
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const started = performance.now();
      await page.reload({ waitUntil: 'commit' });
      await usable.waitFor();
      times.push(performance.now() - started);
    }
    opened[kind] = times.sort((one, two) => one - two)[2] ?? 0;
    await phone.close();
  }
  const ratio = (opened['list'] ?? 0) / (opened['empty'] ?? 1);
  console.log(
    `CPU × 6, slow 3G: list ${opened['list']?.toFixed(0)} ms, same page without one ${opened['empty']?.toFixed(0)} ms, ratio ${ratio.toFixed(2)}`,
  );
  expect(ratio).toBeLessThan(2);
});
