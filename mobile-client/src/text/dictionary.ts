// The phone's texts. A further language is one more file beside these two and a line here.
import { createDictionary } from '@minhchung/web-shared/text/dictionary.ts';
import vi from './vi.json';

export const dictionary = createDictionary<keyof typeof vi>(vi, {
  en: () => import('./en.json').then((file) => file.default),
});
export const t: typeof dictionary.text = (key, values) => dictionary.text(key, values);
