// A picture in full, as it lies on the phone; the small one where only that is left.
// Refuses to hold its bytes longer than it is seen.

import { useEffect, useState } from 'preact/hooks';
import type { Picture } from '../outbox/records.ts';
import { pictureBytes } from '../outbox/store.ts';
import { Thumb } from './Thumb.tsx';

export function Large({ picture, alt }: { readonly picture: Picture; readonly alt: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    void pictureBytes(picture.key).then((bytes) => {
      if (bytes === null || gone) return;
      made = URL.createObjectURL(new Blob([bytes], { type: picture.type }));
      setUrl(made);
    });
    return () => {
      gone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [picture.key]);
  return url === null ? <Thumb id={picture.key} alt={alt} /> : <img class="large" src={url} alt={alt} />;
}
