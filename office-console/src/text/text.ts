// The console's texts, and the words of the campaign in the reader's language.
// Refuses a key that one of the two files lacks: it does not compile.

import { createDictionary, type Language } from '@minhchung/web-shared/text/dictionary.ts';
import vietnamese from './vi.json';

type Key = keyof typeof vietnamese;
const KEPT_UNDER = 'minhchung.office.language';

export const dictionary = createDictionary<Key>(vietnamese, {
  en: async () => (await import('./en.json')).default,
});
export const text: typeof dictionary.text = (key, values) => dictionary.text(key, values);
export const lookup: typeof dictionary.lookup = (key, values) => dictionary.lookup(key, values);
export const language = dictionary.language;

/** The language that was chosen last. */
export async function startLanguage(): Promise<void> {
  if (localStorage.getItem(KEPT_UNDER) === 'en') await dictionary.change('en');
}

export async function chooseLanguage(wanted: Language): Promise<void> {
  await dictionary.change(wanted);
  localStorage.setItem(KEPT_UNDER, wanted);
}

/** The words of a pair in the reader's language. */
export function words(pair: { readonly vi: string; readonly en: string }): string {
  return pair[language.value];
}
