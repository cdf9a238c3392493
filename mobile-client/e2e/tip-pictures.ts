// Pictures that say too much: those of cameras, and ones with every kind of note in them, each marked with a canary.
// Refuses to judge by our own reader: what must not be there is looked for byte by byte.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PICTURES = join(import.meta.dirname, '../../target/test-pictures');
/** Stands in every note of the pictures made here. */
export const PICTURE_CANARY = 'CANARY-QUAN-HAI-22';

export interface TestPicture {
  readonly name: string;
  readonly buffer: Buffer;
}

export function corpusPicture(path: string): TestPicture {
  return { name: path.replaceAll('/', '-'), buffer: readFileSync(join(PICTURES, path)) };
}

/** Every picture of the two packages made to test readers of EXIF; `scripts/fetch-test-pictures` brings them. */
export function exifCorpus(): TestPicture[] {
  return ['exif-0.6.0', 'piexif-1.1.3'].flatMap((folder) =>
    readdirSync(join(PICTURES, folder))
      .filter((name) => name.endsWith('.jpg'))
      .sort()
      .map((name) => corpusPicture(`${folder}/${name}`)),
  );
}

function segment(marker: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** EXIF with a place, a maker's name and a thumbnail that is a picture of its own. */
function exif(thumbnail: Buffer): Buffer {
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(type, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const make = Buffer.from(`${PICTURE_CANARY}\0`, 'latin1');
  const degrees = Buffer.alloc(24);
  for (const [at, value] of [22, 1, 29, 1, 8, 1].entries()) degrees.writeUInt32LE(value, at * 4);
  const [makeAt, gpsAt, firstAt] = [8 + 2 + 24 + 4, 100, 8];
  const [placeAt, secondAt] = [160, 200];
  const tiff = Buffer.alloc(secondAt + 2 + 24 + 4 + thumbnail.length);
  tiff.write('II*\0', 'latin1');
  tiff.writeUInt32LE(firstAt, 4);
  const table = (at: number, entries: readonly Buffer[], next: number) => {
    tiff.writeUInt16LE(entries.length, at);
    Buffer.concat(entries).copy(tiff, at + 2);
    tiff.writeUInt32LE(next, at + 2 + entries.length * 12);
  };
  table(firstAt, [entry(0x010f, 2, make.length, makeAt), entry(0x8825, 4, 1, gpsAt)], secondAt);
  make.copy(tiff, makeAt);
  table(gpsAt, [entry(0x0001, 2, 2, 0x4e), entry(0x0002, 5, 3, placeAt)], 0);
  degrees.copy(tiff, placeAt);
  const thumbnailAt = secondAt + 30;
  table(secondAt, [entry(0x0201, 4, 1, thumbnailAt), entry(0x0202, 4, 1, thumbnail.length)], 0);
  thumbnail.copy(tiff, thumbnailAt);
  return segment(0xe1, 'Exif\0\0', tiff);
}

/** One picture after another, with every kind of note in its own file and all of them in the last. */
export function talkativePictures(): TestPicture[] {
  const base = corpusPicture('jpeg-decoder-0.3.2/tower.jpg').buffer;
  const [start, rest] = [base.subarray(0, 2), base.subarray(2)];
  const small = Buffer.concat([start, segment(0xfe, PICTURE_CANARY), Buffer.from([0xff, 0xd9])]);
  const notes: Readonly<Record<string, readonly Buffer[]>> = {
    exif: [exif(small)],
    xmp: [segment(0xe1, `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${PICTURE_CANARY}</x:xmpmeta>`)],
    'xmp-more': [segment(0xe1, `http://ns.adobe.com/xmp/extension/\0${PICTURE_CANARY}`)],
    icc: [segment(0xe2, `ICC_PROFILE\0\x01\x01${PICTURE_CANARY}`)],
    mpf: [segment(0xe2, `MPF\0II*\0${PICTURE_CANARY}`)],
    iptc: [segment(0xed, `Photoshop 3.0\x008BIM${PICTURE_CANARY}`)],
    comment: [segment(0xfe, PICTURE_CANARY), segment(0xfe, PICTURE_CANARY)],
    odd: [segment(0xef, PICTURE_CANARY), segment(0xe5, PICTURE_CANARY)],
  };
  const made = (name: string, segments: readonly Buffer[], behind: readonly Buffer[] = []) => ({
    name: `${name}.jpg`,
    buffer: Buffer.concat([start, ...segments, rest, ...behind]),
  });
  const trailer = Buffer.from(PICTURE_CANARY.repeat(40), 'latin1');
  return [
    ...Object.entries(notes).map(([name, segments]) => made(name, segments)),
    made('trailer', [], [trailer]),
    made('second-picture', [], [small]),
    made('everything', Object.values(notes).flat(), [small, trailer]),
  ];
}

/** What is wrong with the bytes as they reach the desk; empty is what a test wants. */
export function tellsTooMuch(bytes: Uint8Array): string[] {
  const found: string[] = [];
  const text = Buffer.from(bytes).toString('latin1');
  // Words of four letters and more: three stand in a megabyte of coded pixels by chance. Blocks of all kinds are found
  // by their markers below.
  for (const word of [PICTURE_CANARY, 'Exif', 'JFIF', 'http', 'ICC_PROFILE', 'MPF\0', '8BIM', 'Photoshop']) {
    if (text.includes(word)) found.push(word);
  }
  // A coded byte 0xff is always followed by 0, so these pairs are markers wherever they stand.
  for (let at = 0; at + 1 < bytes.length; at += 1) {
    const next = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && ((next >= 0xe0 && next <= 0xef) || next === 0xfe)) {
      found.push(`marker ${next.toString(16)} at ${at}`);
    }
  }
  if (!text.startsWith('\xff\xd8') || text.lastIndexOf('\xff\xd8') !== 0) found.push('more than one start');
  if (text.indexOf('\xff\xd9') !== text.length - 2) found.push('something behind the end');
  return found;
}
