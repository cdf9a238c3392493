// Where the phone is, in a plain sentence: how exact, how old, and what to do when it is weak.
// Refuses to sound like an error: pictures go without a place too.

import { metres, number } from '@minhchung/web-shared/format/format.ts';
import { now } from '../app/state.ts';
import { APPROXIMATE_M, WEAK_M, watching } from '../capture/place.ts';
import type { Fix } from '../outbox/records.ts';
import { dictionary, t } from '../text/dictionary.ts';
import { ago } from './ago.ts';

export function fixWords(fix: Fix, at: number): string {
  const language = dictionary.language.value;
  const accuracy = metres(Math.round(fix.accuracyM), language);
  const values = {
    accuracy,
    ago: ago(fix.at, at),
    lat: number(fix.lat, language, 5),
    lon: number(fix.lon, language, 5),
  };
  if (fix.accuracyM >= APPROXIMATE_M) return t('where.approximate', values);
  return fix.accuracyM > WEAK_M ? t('where.weak', values) : t('where.good', values);
}

export function Whereabouts() {
  const state = watching.value;
  switch (state.is) {
    case 'off':
      return null;
    case 'looking':
      return <p class="where">{t('where.looking')}</p>;
    case 'found':
      return <p class="where">{fixWords(state.fix, Math.max(now.value, state.fix.at))}</p>;
    case 'denied':
      return <p class="where">{t('where.denied')}</p>;
    case 'unavailable':
      return <p class="where">{t('where.unavailable')}</p>;
  }
}
