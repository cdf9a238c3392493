// A campaign file of the whole country's size: the shipped one with 3,321 invented communes in place of its own.
// Refuses real names: communes are numbered.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const COUNTRY = 3321;
const WARDS = 1400;

/** Writes the file into `folder` and says where. */
export function countryCampaign(folder: string): string {
  const shipped = readFileSync(resolve(import.meta.dirname, '../../campaigns/lao-cai-2026.toml'), 'utf8');
  const start = shipped.indexOf('\ncommunes = [\n');
  const end = shipped.indexOf('\n]', start);
  const communes = Array.from({ length: COUNTRY }, (_, index) => {
    const code = String(10_000 + index);
    return `  { code = "${code}", name = "Xã số ${index + 1}", kind = "${index < WARDS ? 'phường' : 'xã'}" },`;
  });
  const file = join(folder, 'country.toml');
  const text = `${shipped.slice(0, start)}\ncommunes = [\n${communes.join('\n')}${shipped.slice(end)}`;
  const count = `commune_count = { total = ${COUNTRY}, xa = ${COUNTRY - WARDS}, phuong = ${WARDS} }`;
  writeFileSync(file, text.replace(/commune_count = \{[^}]*\}/, count));
  return file;
}
