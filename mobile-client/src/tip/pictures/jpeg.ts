// A JPEG as its segments: only what draws the picture stays. Every APPn, every comment and everything after its end goes.
// Refuses what it does not know: an unknown marker, a length that does not add up, colours that only a dropped segment explains.

import { type Bytes, join } from '@minhchung/web-shared/tip/bytes.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DHT = 0xc4;
const DRI = 0xdd;
const COM = 0xfe;
const APP0 = 0xe0;
const APP14 = 0xee;
const APP15 = 0xef;
/** Baseline, extended and progressive; the others no phone makes. */
const FRAMES = [0xc0, 0xc1, 0xc2];

/** Bytes that are no JPEG we understand. */
export class StrangePicture extends Error {
  override readonly name = 'StrangePicture';
}

interface Segment {
  readonly marker: number;
  readonly from: number;
  /** Behind its last byte, for SOS behind the scan's data. */
  readonly to: number;
  readonly body: Uint8Array;
}

interface Walk {
  readonly segments: readonly Segment[];
  /** Behind the end marker. */
  readonly end: number;
}

/** The same picture without anything that does not draw it. */
export function stripped(bytes: Uint8Array): Bytes {
  const { segments } = walk(bytes);
  if (segments.some(({ marker, body }) => marker === APP14 && hasOwnColours(body)))
    throw new StrangePicture();
  const kept = segments.filter(({ marker }) => !isApp(marker) && marker !== COM);
  return join(
    Uint8Array.of(0xff, SOI),
    ...kept.map(({ from, to }) => bytes.subarray(from, to)),
    Uint8Array.of(0xff, EOI),
  );
}

/** Throws unless the bytes are nothing but one picture: what leaves this phone has to pass here. */
export function assertBare(bytes: Uint8Array): void {
  const { segments, end } = walk(bytes);
  const isBare = segments.every(({ marker }) => !isApp(marker) && marker !== COM) && end === bytes.length;
  const frames = segments.filter(({ marker }) => FRAMES.includes(marker));
  if (!isBare || frames.length !== 1 || !segments.some(({ marker }) => marker === SOS)) {
    throw new StrangePicture();
  }
}

const isApp = (marker: number) => marker >= APP0 && marker <= APP15;

/** Adobe's segment with transform 0: the colours are not YCbCr, and without the segment they would be wrong. */
function hasOwnColours(body: Uint8Array): boolean {
  return body.length >= 12 && String.fromCharCode(...body.subarray(0, 5)) === 'Adobe' && body[11] === 0;
}

function walk(bytes: Uint8Array): Walk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const byte = (at: number) => {
    if (at >= bytes.length) throw new StrangePicture();
    return view.getUint8(at);
  };
  if (byte(0) !== 0xff || byte(1) !== SOI) throw new StrangePicture();
  const segments: Segment[] = [];
  let at = 2;
  for (;;) {
    const from = at;
    if (byte(at) !== 0xff) throw new StrangePicture();
    const marker = byte(at + 1);
    if (marker === EOI) return { segments, end: at + 2 };
    const length = (byte(at + 2) << 8) | byte(at + 3);
    const bodyEnd = at + 2 + length;
    if (length < 2 || bodyEnd > bytes.length) throw new StrangePicture();
    const body = bytes.subarray(at + 4, bodyEnd);
    if (!isWellFormed(marker, body)) throw new StrangePicture();
    at = marker === SOS ? endOfScan(bytes, bodyEnd) : bodyEnd;
    segments.push({ marker, from, to: at, body });
  }
}

/** Entropy-coded bytes: 0xff stands only before a stuffed zero or a restart marker. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && (next < 0xd0 || next > 0xd7)) return at;
  }
  throw new StrangePicture();
}

/** Nothing can hide in a segment whose length is what its own counts say. */
function isWellFormed(marker: number, body: Uint8Array): boolean {
  if (isApp(marker) || marker === COM) return true;
  if (marker === DRI) return body.length === 2;
  if (marker === DQT) return tablesFill(body, (head) => (head >> 4 === 0 ? 64 : 128), 0);
  if (marker === DHT) return tablesFill(body, (_, counts) => counts.reduce((sum, one) => sum + one, 0), 16);
  const components = body[marker === SOS ? 0 : 5] ?? 0;
  // Four components are CMYK, which browsers draw each in their own way.
  if (components < 1 || components > 3) return false;
  if (marker === SOS) return body.length === 4 + 2 * components;
  return FRAMES.includes(marker) && body.length === 6 + 3 * components;
}

function tablesFill(
  body: Uint8Array,
  size: (head: number, counts: Uint8Array) => number,
  countBytes: number,
): boolean {
  let at = 0;
  while (at < body.length) {
    const counts = body.subarray(at + 1, at + 1 + countBytes);
    at += 1 + countBytes + size(body[at] ?? 0, counts);
  }
  return at === body.length && body.length > 0;
}
