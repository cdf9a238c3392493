// "5 minutes ago" in words.
// Refuses the future: a clock that was put back reads as "just now".

import { moment } from '@minhchung/web-shared/format/format.ts';
import { t } from '../text/dictionary.ts';

const MINUTE_MS = 60_000;

export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / MINUTE_MS);
  if (minutes < 1) return t('ago.now');
  if (minutes < 60) return t('ago.minutes', { n: minutes });
  if (minutes < 24 * 60) return t('ago.hours', { n: Math.floor(minutes / 60) });
  return moment(at);
}
