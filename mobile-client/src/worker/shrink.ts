// Makes a picture smaller, upright and free of metadata, off the page's thread.
// Refuses to make it larger or heavier than it was.

import { isUpright } from '../capture/orientation.ts';
import {
  fitInto,
  LONG_EDGE,
  prefersOriginal,
  QUALITIES,
  type Size,
  SMALL_EDGE,
  TARGET_BYTES,
} from '../capture/sizes.ts';

export interface ShrinkRequest {
  readonly file: Blob;
  readonly keepOriginal: boolean;
}

export type ShrinkAnswer =
  | {
      readonly is: 'made';
      readonly bytes: ArrayBuffer;
      readonly type: string;
      readonly size: Size;
      readonly small: Blob;
    }
  | { readonly is: 'unreadable' };

/** Kinds that the server takes as they are. */
const TAKEN = new Set(['image/jpeg', 'image/png', 'image/webp']);

self.addEventListener('message', (event: MessageEvent<ShrinkRequest>) => {
  void shrink(event.data).then(
    (answer) => self.postMessage(answer),
    // Not a picture that this browser can read: HEIC, or broken bytes. The screen says what to do.
    () => self.postMessage({ is: 'unreadable' } satisfies ShrinkAnswer),
  );
});

async function shrink({ file, keepOriginal }: ShrinkRequest): Promise<ShrinkAnswer> {
  const original = await file.arrayBuffer();
  // Turned by its EXIF orientation before the metadata goes.
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const size = { width: bitmap.width, height: bitmap.height };
  const small = await encoded(bitmap, fitInto(size, SMALL_EDGE), 0.7);
  if (keepOriginal && TAKEN.has(file.type))
    return { is: 'made', bytes: original, type: file.type, size, small };
  const target = fitInto(size, LONG_EDGE);
  let made = await encoded(bitmap, target, QUALITIES[0]);
  for (const quality of QUALITIES.slice(1)) {
    if (made.size <= TARGET_BYTES) break;
    made = await encoded(bitmap, target, quality);
  }
  bitmap.close();
  const facts = { bytes: original.byteLength, size, upright: isUpright(original) };
  if (file.type === 'image/jpeg' && prefersOriginal(facts, made.size)) {
    return { is: 'made', bytes: original, type: file.type, size, small };
  }
  return { is: 'made', bytes: await made.arrayBuffer(), type: 'image/jpeg', size: target, small };
}

async function encoded(bitmap: ImageBitmap, size: Size, quality: number): Promise<Blob> {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  return canvas.convertToBlob({ type: 'image/jpeg', quality });
}
