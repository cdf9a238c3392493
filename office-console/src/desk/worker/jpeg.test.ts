// What is let through to the browser's decoder: plain JPEG and nothing else.

import { expect, test } from '@playwright/test';
import { jpeg, segment, withSegment } from '../../../e2e/jpegs.ts';
import { refusalOf } from './jpeg.ts';

const plain = jpeg();

test('a plain picture may be shown, also with the bare JFIF mark', () => {
  expect(refusalOf(plain)).toBeNull();
  const jfif = [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0];
  expect(refusalOf(withSegment(plain, segment(0xe0, jfif)))).toBeNull();
});

test('whatever is no JPEG by its bytes is refused, whatever its name', () => {
  for (const other of [
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    Buffer.from('<!doctype html><script>alert(1)</script>'),
    Buffer.from('GIF89a'),
    Buffer.alloc(0),
  ])
    expect(refusalOf(other), other.toString('latin1')).toBe('not_jpeg');
});

test('bytes behind the end, segments with more than the picture, cut files and giants are refused', () => {
  expect(refusalOf(Buffer.concat([plain, Buffer.from('PK\x03\x04')]))).toBe('trailer');
  expect(refusalOf(withSegment(plain, segment(0xe1, [...Buffer.from('Exif\0\0MM')])))).toBe('carries_more');
  expect(refusalOf(withSegment(plain, segment(0xfe, [...Buffer.from('hello')])))).toBe('carries_more');
  const thumbnail = [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 1, 1, 9, 9, 9];
  expect(refusalOf(withSegment(plain, segment(0xe0, thumbnail)))).toBe('carries_more');
  expect(refusalOf(plain.subarray(0, plain.length - 2))).toBe('broken');
  expect(refusalOf(plain.subarray(0, 40))).toBe('broken');
  const giant = Buffer.from(plain);
  const frame = giant.indexOf(Buffer.from([0xff, 0xc0]));
  giant.writeUInt16BE(50_000, frame + 5);
  expect(refusalOf(giant)).toBe('too_large');
});

test('no bytes make it fail or run on', () => {
  let seed = 7;
  const next = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 8;
  };
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Buffer.from(plain);
    for (let change = 0; change < 6; change += 1) bytes[next() % bytes.length] = next() & 0xff;
    const refusal = refusalOf(bytes);
    expect(refusal === null || typeof refusal === 'string').toBe(true);
  }
});
