// The way to the other language. Refuses to name it in the present one: who needs it could not read that.

import { chooseLanguage, language } from '../text/text.ts';

export function LanguageButton() {
  const other = language.value === 'vi' ? 'en' : 'vi';
  return (
    <button type="button" class="button quiet" lang={other} onClick={() => void chooseLanguage(other)}>
      {other === 'en' ? 'English' : 'Tiếng Việt'}
    </button>
  );
}
