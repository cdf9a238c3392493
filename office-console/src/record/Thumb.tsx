// A small picture. Refuses to be an address that somebody else could open.

import { usePhoto } from '../api/photos.ts';
import { text } from '../text/text.ts';

export function Thumb({ sha256, label }: { sha256: string; label: string }) {
  const photo = usePhoto(sha256, 'thumb');
  if (typeof photo !== 'object') {
    return <span class="thumb thumb-empty">{photo === 'failed' ? text('photo.failed') : ''}</span>;
  }
  return <img class="thumb" src={photo.address} alt={label} />;
}
