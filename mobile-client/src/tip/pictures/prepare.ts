// From a file of the phone to a picture that says nothing but what it shows.
// Refuses to hand out bytes that were not scanned; where it cannot make them bare, it says so in words.

import type { Bytes } from '@minhchung/web-shared/tip/bytes.ts';
import { PICTURE_MAX_BYTES } from '@minhchung/web-shared/tip/sizes.ts';
import { assertBare, StrangePicture, stripped } from './jpeg.ts';

const LONG_EDGE = 1280;
const QUALITIES = [0.82, 0.7, 0.58, 0.46, 0.34] as const;
const SMALLER = 0.7;
const SHORTEST_EDGE = 320;

/** `unreadable`: no picture this browser knows. `too_large`: it cannot be made smaller here. */
export type Refusal = 'unreadable' | 'too_large';
export class PictureRefused extends Error {
  override readonly name = 'PictureRefused';
  constructor(readonly why: Refusal) {
    super(why);
  }
}

export interface Box {
  /** Share of the width and height, 0 to 1. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The picture upright, at most 1,280 px long, on a canvas to look at and to paint over. */
export async function decoded(file: Blob): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch(() => {
    throw new PictureRefused('unreadable');
  });
  const scale = Math.min(1, LONG_EDGE / Math.max(bitmap.width, bitmap.height));
  try {
    return drawn(bitmap, bitmap.width * scale, bitmap.height * scale);
  } finally {
    bitmap.close();
  }
}

/** Lets go of the pixels now, not when somebody collects the garbage. */
export function erased(canvas: HTMLCanvasElement): void {
  canvas.width = 0;
  canvas.height = 0;
}

function drawn(source: CanvasImageSource, width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const context = canvas.getContext('2d');
  if (context === null) throw new PictureRefused('unreadable');
  // A transparent picture gets a white ground, as JPEG has none.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Paints the boxes into the pixels: what was below is gone. */
export function burn(canvas: HTMLCanvasElement, boxes: readonly Box[]): void {
  const context = canvas.getContext('2d');
  if (context === null) throw new PictureRefused('unreadable');
  context.fillStyle = '#000';
  for (const box of boxes) {
    context.fillRect(
      Math.floor(box.left * canvas.width),
      Math.floor(box.top * canvas.height),
      Math.ceil(box.width * canvas.width),
      Math.ceil(box.height * canvas.height),
    );
  }
}

/** A bare JPEG that fits into a message: quality goes down first, then the edges. */
export async function encoded(canvas: HTMLCanvasElement): Promise<Bytes> {
  let current = canvas;
  try {
    for (;;) {
      for (const quality of QUALITIES) {
        const bytes = bare(await jpegOf(current, quality));
        if (bytes.length <= PICTURE_MAX_BYTES) return bytes;
        bytes.fill(0);
      }
      const [width, height] = [current.width * SMALLER, current.height * SMALLER];
      if (Math.max(width, height) < SHORTEST_EDGE) throw new PictureRefused('too_large');
      const smaller = drawn(current, width, height);
      if (current !== canvas) erased(current);
      current = smaller;
    }
  } finally {
    if (current !== canvas) erased(current);
  }
}

async function jpegOf(canvas: HTMLCanvasElement, quality: number): Promise<Bytes> {
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
  if (blob === null) throw new PictureRefused('unreadable');
  return new Uint8Array(await blob.arrayBuffer());
}

function bare(bytes: Uint8Array): Bytes {
  try {
    const result = stripped(bytes);
    assertBare(result);
    return result;
  } catch (error) {
    if (error instanceof StrangePicture) throw new PictureRefused('unreadable');
    throw error;
  }
}

/** Without a canvas that can be trusted: the file's own picture, its segments dropped. It stays as large as it is. */
export async function strippedFile(file: Blob): Promise<Bytes> {
  const bytes = bare(new Uint8Array(await file.arrayBuffer()));
  if (bytes.length > PICTURE_MAX_BYTES) throw new PictureRefused('too_large');
  return bytes;
}
