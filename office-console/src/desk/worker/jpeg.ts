// Looks at the segments of a picture from a stranger before any decoder does.
// Refuses everything but a plain JPEG: other formats under its name, bytes behind its end, segments that carry more than
// the picture, and dimensions that would fill the memory.

import type { PictureRefusal } from './messages.ts';

/** The citizen's page makes at most 1,280; what strips without re-encoding may leave more. */
const MAX_EDGE = 6000;
const MAX_PIXELS = 24_000_000;
/** A progressive picture has about ten; hundreds are made to keep a decoder busy. */
const MAX_SCANS = 32;

const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
const SIZE_FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];
/** Tables and the restart interval. */
const PLAIN: readonly number[] = [0xc4, 0xdb, 0xdd];
const JFIF = 0xe0;

/** Null when it may be shown. */
export function refusalOf(bytes: Uint8Array): PictureRefusal | null {
  if (bytes[0] !== 0xff || bytes[1] !== START || bytes[2] !== 0xff) return 'not_jpeg';
  let at = 2;
  let scans = 0;
  let hasFrame = false;
  while (at < bytes.length) {
    if (bytes[at] !== 0xff) return 'broken';
    const marker = bytes[at + 1] ?? 0;
    if (marker === END) {
      if (!hasFrame || scans === 0) return 'broken';
      return at + 2 === bytes.length ? null : 'trailer';
    }
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) return 'broken';
    if (SIZE_FRAMES.includes(marker)) {
      const refusal = hasFrame ? 'broken' : judgedFrame(bytes, at + 4);
      if (refusal !== null) return refusal;
      hasFrame = true;
    } else if (marker === JFIF) {
      if (!isBareJfif(bytes, at + 4, length)) return 'carries_more';
    } else if (marker !== SCAN && !PLAIN.includes(marker)) {
      return 'carries_more';
    }
    at = end;
    if (marker === SCAN) {
      scans += 1;
      if (!hasFrame || scans > MAX_SCANS) return 'broken';
      at = endOfScan(bytes, at);
    }
  }
  return 'broken';
}

function judgedFrame(bytes: Uint8Array, at: number): PictureRefusal | null {
  const height = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const width = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
  if (width === 0 || height === 0) return 'broken';
  return width > MAX_EDGE || height > MAX_EDGE || width * height > MAX_PIXELS ? 'too_large' : null;
}

/** `JFIF` with version and density, and no thumbnail behind. */
function isBareJfif(bytes: Uint8Array, at: number, length: number): boolean {
  const name = String.fromCharCode(...bytes.subarray(at, at + 5));
  return length === 16 && name === 'JFIF\0';
}

/** The next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const next = bytes.indexOf(0xff, at);
    if (next < 0) return bytes.length;
    const marker = bytes[next + 1] ?? 0;
    const isInside = marker === 0 || (marker >= 0xd0 && marker <= 0xd7);
    if (!isInside) return marker === 0xff ? endOfFill(bytes, next) : next;
    at = next + 2;
  }
  return at;
}

/** Fill bytes before a marker are legal. */
function endOfFill(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at + 1] === 0xff) at += 1;
  return at;
}
