// The choice of language, each in its own words.
// Refuses flags.

import { changeSettings } from '../app/state.ts';
import { dictionary, t } from '../text/dictionary.ts';

const NAMES = { vi: 'Tiếng Việt', en: 'English' } as const;

export function Languages() {
  return (
    <fieldset class="choice side-by-side">
      <legend>{t('settings.language')}</legend>
      {(Object.keys(NAMES) as (keyof typeof NAMES)[]).map((language) => (
        <label key={language} class="button radio">
          <input
            type="radio"
            name="language"
            checked={dictionary.language.value === language}
            onChange={() => void dictionary.change(language).then(() => changeSettings({ language }))}
          />
          <span lang={language}>{NAMES[language]}</span>
        </label>
      ))}
    </fieldset>
  );
}
