// A small picture from the phone's store.
// Refuses to load the large one.

import { useEffect, useState } from 'preact/hooks';
import { thumb } from '../outbox/store.ts';

export function Thumb({ id, alt }: { readonly id: string; readonly alt: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    void thumb(id).then((blob) => {
      if (blob === null || gone) return;
      made = URL.createObjectURL(blob);
      setUrl(made);
    });
    return () => {
      gone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [id]);
  return url === null ? (
    <span class="thumb thumb-empty" role="img" aria-label={alt} />
  ) : (
    <img class="thumb" src={url} alt={alt} />
  );
}
