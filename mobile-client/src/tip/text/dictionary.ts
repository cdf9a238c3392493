// The page's texts, both languages in the bundle: fetching one of them would tell the server which.
// Refuses to remember the language: every visit begins in Vietnamese.

import { createDictionary } from '@minhchung/web-shared/text/dictionary.ts';
import en from './en.json';
import vi from './vi.json';

export const dictionary = createDictionary<keyof typeof vi>(vi, { en: () => Promise.resolve(en) });
export const t: typeof dictionary.text = (key, values) => dictionary.text(key, values);
