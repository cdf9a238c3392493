// A small picture, or words where there is none. Refuses to be an address that somebody else could open.

import { usePhoto } from '../api/photos.ts';
import { text } from '../text/text.ts';

const WORDS = { failed: 'photo.failed', 'no-copy': 'photo.no_copy' } as const;

export function Thumb({ sha256, label }: { sha256: string; label: string }) {
  const photo = usePhoto(sha256, 'thumb');
  if (typeof photo !== 'object') {
    return <span class="thumb thumb-empty">{photo === 'loading' ? '' : text(WORDS[photo])}</span>;
  }
  return <img class="thumb" src={photo.address} alt={label} />;
}
