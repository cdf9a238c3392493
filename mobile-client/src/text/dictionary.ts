// The phone's texts. A further language is one more file beside these two and a line here.
import { createDictionary } from '@minhchung/web-shared/text/dictionary.ts';
import { answerIn } from '../api/language.ts';
import vi from './vi.json';

export const dictionary = createDictionary<keyof typeof vi>(vi, {
  en: () => import('./en.json').then((file) => file.default),
});
answerIn(() => dictionary.language.value);
export const t: typeof dictionary.text = (key, values) => dictionary.text(key, values);
