// What may leave the phone: a picture's own segments and nothing else.
import { expect, test } from '@playwright/test';
import { corpusPicture, exifCorpus, talkativePictures, tellsTooMuch } from '../../../e2e/tip-pictures.ts';
import { assertBare, StrangePicture, stripped } from './jpeg.ts';

test('every note of every picture goes, and the scan finds what would be left', () => {
  let clean = 0;
  for (const { name, buffer } of [...exifCorpus(), ...talkativePictures()]) {
    let bare: Uint8Array;
    try {
      bare = stripped(buffer);
      assertBare(bare);
    } catch (error) {
      // Not a picture, or one whose lengths lie: refused, never passed on.
      expect(error, name).toBeInstanceOf(StrangePicture);
      continue;
    }
    clean += 1;
    expect(tellsTooMuch(bare), name).toEqual([]);
    if (!Buffer.from(bare).equals(buffer)) expect(() => assertBare(buffer), name).toThrow(StrangePicture);
  }
  expect(clean).toBeGreaterThan(25);
});

test('nothing hides in a table, behind the end, or in a segment nobody knows', () => {
  const bare = Buffer.from(stripped(corpusPicture('jpeg-decoder-0.3.2/tower.jpg').buffer));
  assertBare(bare);
  const table = bare.indexOf(Buffer.from([0xff, 0xdb]));
  const longer = Buffer.concat([
    bare.subarray(0, table + 4),
    Buffer.from('hidden'),
    bare.subarray(table + 4),
  ]);
  longer.writeUInt16BE(bare.readUInt16BE(table + 2) + 6, table + 2);
  const unknown = Buffer.concat([
    bare.subarray(0, 2),
    Buffer.from([0xff, 0xf7, 0, 4, 65, 66]),
    bare.subarray(2),
  ]);
  for (const bytes of [longer, unknown, Buffer.concat([bare, Buffer.from('x')]), bare.subarray(0, -2)]) {
    expect(() => assertBare(bytes)).toThrow(StrangePicture);
  }
  expect(() => stripped(longer)).toThrow(StrangePicture);
  expect(() => stripped(unknown)).toThrow(StrangePicture);
  expect(() => stripped(new Uint8Array(0))).toThrow(StrangePicture);
});
