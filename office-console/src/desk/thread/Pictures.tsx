// Pictures of a stranger: shown one by one when somebody asks, from memory, as the JPEG that their bytes were found to be.
// Refuses to show what the scan refused, to name a file, or to leave an address of it behind.

import { bytes as bytesWord } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useState } from 'preact/hooks';
import { language, text } from '../text/text.ts';
import { Notice } from '../ui/Notice.tsx';
import type { Picture } from '../worker/messages.ts';

export function Pictures({ pictures }: { pictures: readonly Picture[] }) {
  if (pictures.length === 0) return null;
  return (
    <ol class="tip-pictures">
      {pictures.map((picture, index) => (
        <li key={index}>
          {'refused' in picture ? (
            <Notice tone="warn">
              {text('picture.refused', { n: index + 1 })} {text(`picture.${picture.refused}`)}
            </Notice>
          ) : (
            <OnePicture bytes={picture.bytes} number={index + 1} />
          )}
        </li>
      ))}
    </ol>
  );
}

function OnePicture({ bytes, number }: { bytes: Uint8Array<ArrayBuffer>; number: number }) {
  const [url, setUrl] = useState<string | null>(null);
  const [isBroken, setBroken] = useState(false);
  useEffect(
    () => () => {
      if (url !== null) URL.revokeObjectURL(url);
    },
    [url],
  );
  if (isBroken) return <Notice tone="warn">{text('picture.undecodable', { n: number })}</Notice>;
  if (url === null) {
    return (
      <button
        type="button"
        class="button"
        onClick={() => setUrl(URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' })))}
      >
        {text('picture.show', { n: number, size: bytesWord(bytes.length, language.value) })}
      </button>
    );
  }
  return (
    <figure class="tip-picture">
      <img
        src={url}
        alt={text('picture.alt', { n: number })}
        draggable={false}
        onError={() => setBroken(true)}
      />
      <button type="button" class="button small" onClick={() => setUrl(null)}>
        {text('picture.hide', { n: number })}
      </button>
    </figure>
  );
}
