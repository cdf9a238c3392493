// Reads a screen out, for those who would rather listen: one recording per screen and language, once somebody made it.
// Refuses to show a button that has nothing to play.

import { dictionary, t } from '../text/dictionary.ts';

/** `src/audio/<language>/<screen>.mp3`; the build finds what is there. */
const RECORDINGS = import.meta.glob<string>('../audio/*/*.mp3', {
  eager: true,
  query: '?url',
  import: 'default',
});

export function Listen({ name }: { readonly name: string }) {
  const url = RECORDINGS[`../audio/${dictionary.language.value}/${name}.mp3`];
  if (url === undefined) return null;
  return (
    <button type="button" class="button listen" onClick={() => void new Audio(url).play()}>
      {t('listen')}
    </button>
  );
}
