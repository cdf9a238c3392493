// The ways in: a scanned code, and everything that is left when nothing can be scanned.

import { expect, test } from './phone.ts';

test('a scanned code fills in the digits, and the camera is let go', async ({ server, people, newPhone }) => {
  const head = await people.head();
  const phone = newPhone(server.url);
  const page = await phone.open('/api/docs');
  // Linux has no detector; the phone's own one is put in its place, which sees the code at its third look.
  await page.addInitScript((link) => {
    let looks = 0;
    class BarcodeDetector {
      detect(source: unknown) {
        looks += 1;
        const isVideo = source instanceof HTMLVideoElement && source.videoWidth > 0;
        return Promise.resolve(isVideo && looks > 2 ? [{ rawValue: link }] : []);
      }
    }
    const tracks: MediaStreamTrack[] = [];
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
    Object.assign(window, { BarcodeDetector, tracks });
  }, head.link);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Quét mã QR' }).click();
  await expect(page.getByLabel('Mã 12 số')).toHaveValue(/^\d{4} \d{4} \d{4}$/);
  const states = () =>
    page.evaluate(() =>
      (window as unknown as { tracks: MediaStreamTrack[] }).tracks.map((track) => track.readyState),
    );
  expect(await states()).toEqual(['ended']);
  await page.getByRole('button', { name: 'Vào', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Việc của tôi' })).toBeVisible();
});

test('with the camera refused, or a detector in name only, the digits can be typed', async ({
  server,
  people,
  newPhone,
}) => {
  const phone = newPhone(server.url);
  const page = await phone.open('/api/docs');
  for (const broken of ['camera', 'detector'] as const) {
    const head = await people.head();
    await page.addInitScript((what) => {
      class BarcodeDetector {
        detect() {
          return Promise.reject(new DOMException('service unavailable', 'NotSupportedError'));
        }
      }
      Object.assign(window, { BarcodeDetector });
      if (what === 'camera')
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    }, broken);
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Quét mã QR' }).click();
    await expect(page.getByRole('alert')).toContainText('Không quét được ở đây.');
    await page.getByLabel('Mã 12 số').fill(head.code);
    await page.getByRole('button', { name: 'Vào', exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Việc của tôi' })).toBeVisible();
    await page.getByRole('button', { name: 'Cài đặt' }).click();
    await page.getByRole('button', { name: 'Thoát tài khoản' }).click();
    await expect(page.getByRole('button', { name: 'Quét mã QR' })).toBeVisible();
  }
});

test('without a detector no button promises to scan, and inside another app the link goes on to Chrome with its code', async ({
  server,
  people,
  newPhone,
}) => {
  const head = await people.head();
  const phone = newPhone(server.url, {
    userAgent: 'Mozilla/5.0 (Linux; Android 12; K) Chrome/120.0 Mobile Zalo/1.0',
  });
  const page = await phone.open(head.link.replace(/^.*#/, '/#'));
  await expect(page.getByLabel('Mã 12 số')).toHaveValue(/^\d{4} \d{4} \d{4}$/);
  await expect(page.getByRole('button', { name: 'Quét mã QR' })).toHaveCount(0);
  const onward = await page.getByRole('link', { name: 'Mở bằng Chrome' }).getAttribute('href');
  expect(onward).toMatch(/^intent:\/\/127\.0\.0\.1:\d+\/#enrol=\d{12}#Intent;scheme=https;/);
});
