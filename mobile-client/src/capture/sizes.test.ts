// Sizes, frames, turned pictures, and which fix is kept.
import { expect, test } from '@playwright/test';
import { isUpright } from './orientation.ts';
import { better } from './place.ts';
import { fitInto, guides, prefersOriginal } from './sizes.ts';

test('pictures become smaller, keep their shape and never grow', () => {
  expect(fitInto({ width: 4000, height: 3000 }, 1600)).toEqual({ width: 1600, height: 1200 });
  expect(fitInto({ width: 3000, height: 4000 }, 1600)).toEqual({ width: 1200, height: 1600 });
  expect(fitInto({ width: 640, height: 480 }, 1600)).toEqual({ width: 640, height: 480 });
  expect(fitInto({ width: 9000, height: 1 }, 1600)).toEqual({ width: 1600, height: 1 });
});

test('the frame has the shape of the group’s banner', () => {
  expect(guides([{ height_m: 0.8, width_m: 1.6 }])).toEqual([0.5]);
  expect(
    guides([
      { height_m: 0.8, width_m: 1.6 },
      { height_m: 0.8, width_m: 1.2 },
    ])[1],
  ).toBeCloseTo(2 / 3);
  expect(guides([])).toEqual([]);
});

test('making it smaller must not make it heavier; a turned or large original is made anew', () => {
  const original = { bytes: 100, size: { width: 800, height: 600 }, upright: true };
  expect(prefersOriginal(original, 150)).toBe(true);
  expect(prefersOriginal(original, 50)).toBe(false);
  expect(prefersOriginal({ ...original, upright: false }, 150)).toBe(false);
  expect(prefersOriginal({ ...original, size: { width: 3000, height: 600 } }, 150)).toBe(false);
});

const exif = (orientation: number, little: boolean): ArrayBuffer => {
  const view = new DataView(new ArrayBuffer(40));
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, 34);
  view.setUint32(6, 0x45786966);
  view.setUint16(12, little ? 0x4949 : 0x4d4d);
  view.setUint16(14, 42, little);
  view.setUint32(16, 8, little);
  view.setUint16(20, 1, little);
  view.setUint16(22, 0x0112, little);
  view.setUint16(24, 3, little);
  view.setUint32(26, 1, little);
  view.setUint16(30, orientation, little);
  return view.buffer;
};

test('a JPEG that has to be turned is recognised in either byte order, and broken ones are taken as they are', () => {
  for (const little of [true, false]) {
    expect(isUpright(exif(6, little))).toBe(false);
    expect(isUpright(exif(1, little))).toBe(true);
  }
  const whole = new Uint8Array(exif(6, true));
  for (let length = 0; length < whole.length; length += 1)
    expect(() => isUpright(whole.slice(0, length).buffer)).not.toThrow();
  expect(isUpright(new TextEncoder().encode('not a picture at all').buffer)).toBe(true);
});

test('the better fix is the smaller circle, and an old one has grown by what a person walks', () => {
  const now = 1_000_000;
  const fix = (accuracyM: number, at: number) => ({ lat: 22, lon: 104, accuracyM, at });
  expect(better(null, fix(900, now), now).accuracyM).toBe(900);
  expect(better(fix(10, now - 5_000), fix(40, now), now).accuracyM).toBe(10);
  expect(better(fix(40, now - 5_000), fix(10, now), now).accuracyM).toBe(10);
  expect(better(fix(10, now - 300_000), fix(40, now), now).accuracyM).toBe(40);
  expect(better(fix(5, now - 90_000), fix(20, now), now).accuracyM).toBe(20);
  expect(better(fix(5, now - 90_000), fix(120, now), now).accuracyM).toBe(5);
  // A clock that was put back or forward says nothing about an old fix.
  expect(better(fix(5, now + 9_000_000), fix(20, now), now).accuracyM).toBe(20);
});
