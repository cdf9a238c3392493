// The tip desk's texts. The chosen language lives in this page alone, as everything here.
// Refuses a key that one of the two files lacks: it does not compile.

import { createDictionary } from '@minhchung/web-shared/text/dictionary.ts';
import vietnamese from './vi.json';

type Key = keyof typeof vietnamese;

export const dictionary = createDictionary<Key>(vietnamese, {
  en: async () => (await import('./en.json')).default,
});
export const text: typeof dictionary.text = (key, values) => dictionary.text(key, values);
export const lookup: typeof dictionary.lookup = (key, values) => dictionary.lookup(key, values);
export const language = dictionary.language;
