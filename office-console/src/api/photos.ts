// Pictures as addresses that an <img> can show: fetched with the person's token, kept while they may be wanted again.
// Refuses to keep more than a few hundred; what was not looked at for longest goes.

import { Problem } from '@minhchung/web-shared/api/problem.ts';
import { useEffect, useState } from 'preact/hooks';
import { fetchRaw } from './office.ts';

export type PhotoSize = 'thumb' | 'screen' | 'original';
const KEPT: Readonly<Record<PhotoSize, number>> = { thumb: 400, screen: 30, original: 2 };

const shelves: Record<PhotoSize, Map<string, Promise<string>>> = {
  thumb: new Map(),
  screen: new Map(),
  original: new Map(),
};

/** The address of a picture, from memory where it is there. */
export function photoAddress(sha256: string, size: PhotoSize): Promise<string> {
  const shelf = shelves[size];
  const known = shelf.get(sha256);
  shelf.delete(sha256);
  const address = known ?? fetchPhoto(sha256, size);
  shelf.set(sha256, address);
  if (known === undefined) {
    address.catch(() => shelf.delete(sha256));
    makeRoom(size);
  }
  return address;
}

async function fetchPhoto(sha256: string, size: PhotoSize): Promise<string> {
  const response = await fetchRaw(`/api/v1/photos/${sha256}?size=${size}`);
  return URL.createObjectURL(await response.blob());
}

function makeRoom(size: PhotoSize): void {
  const shelf = shelves[size];
  for (const [sha256, address] of shelf) {
    if (shelf.size <= KEPT[size]) return;
    shelf.delete(sha256);
    address.then(
      (made) => URL.revokeObjectURL(made),
      () => undefined,
    );
  }
}

/** Fetches and decodes a picture that will be wanted next. */
export async function preload(sha256: string): Promise<void> {
  try {
    const image = new Image();
    image.src = await photoAddress(sha256, 'screen');
    await image.decode();
  } catch {
    // It is asked for again when it is shown, and says then what is wrong.
  }
}

/** `no-copy`: the server cannot make this picture smaller; the original is there. */
export type Loaded = { readonly address: string } | 'loading' | 'failed' | 'no-copy';

function hasNoCopy(error: unknown): boolean {
  return error instanceof Problem && error.code === 'picture-has-no-copy';
}

/** The picture, as far as it is here. */
export function usePhoto(sha256: string | null, size: PhotoSize): Loaded {
  const [loaded, setLoaded] = useState<Loaded>('loading');
  useEffect(() => {
    let wanted = true;
    setLoaded('loading');
    if (sha256 === null) return;
    photoAddress(sha256, size).then(
      (address) => wanted && setLoaded({ address }),
      (error: unknown) => wanted && setLoaded(hasNoCopy(error) ? 'no-copy' : 'failed'),
    );
    return () => {
      wanted = false;
    };
  }, [sha256, size]);
  return loaded;
}
