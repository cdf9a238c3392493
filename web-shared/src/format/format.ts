// Numbers, days and times as they are written in Việt Nam: 1.234,5 and 05/03/2026, always in Asia/Ho_Chi_Minh.
// Refuses the phone's own time zone: a day is a day of the campaign.

import type { Language } from '../text/dictionary.ts';

const ZONE = 'Asia/Ho_Chi_Minh';
const LOCALE = { vi: 'vi-VN', en: 'en-GB' } as const;

/** A number with its separators. */
export function number(value: number, language: Language, digits = 0): string {
  return new Intl.NumberFormat(LOCALE[language], { maximumFractionDigits: digits }).format(value);
}

/** `05/03/2026` from a civil day `2026-03-05`; nothing else is read into it. */
export function day(value: string): string {
  const [year, month, date] = value.split('-');
  return year !== undefined && month !== undefined && date !== undefined ? `${date}/${month}/${year}` : value;
}

/** `05/03/2026` of a moment. */
export function dayOf(moment: Date | number): string {
  return day(civilDay(moment));
}

/** The civil day `2026-03-05` of a moment, in the campaign's zone. */
export function civilDay(moment: Date | number): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: ZONE,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  return parts.format(moment);
}

/** `14:05` of a moment. */
export function clock(moment: Date | number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });
  return parts.format(moment);
}

/** `14:05 05/03/2026`. */
export function moment(value: Date | number): string {
  return `${clock(value)} ${dayOf(value)}`;
}

/** Whole days from `from` to `to`, both civil days. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Metres in the shortest honest form: `12 m`, `1,2 km`. */
export function metres(value: number, language: Language): string {
  return value < 1000 ? `${number(value, language)} m` : `${number(value / 1000, language, 1)} km`;
}

/** Bytes for people: `340 KB`, `1,2 MB`. */
export function bytes(value: number, language: Language): string {
  return value < 1_000_000
    ? `${number(value / 1000, language)} KB`
    : `${number(value / 1_000_000, language, 1)} MB`;
}
