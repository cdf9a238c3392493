// One commune or one cell out of the campaign's, or all of them. Refuses an order that is not the alphabet's.

import { campaign, cellLabel, communes } from '../api/campaign.ts';
import { text } from '../text/text.ts';

export function CommuneSelect({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const byName = new Intl.Collator('vi').compare;
  const sorted = [...communes.value.values()].sort((one, other) => byName(one.name, other.name));
  return (
    <select
      aria-label={text('filter.commune')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      <option value="">{text('filter.every_commune')}</option>
      {sorted.map((commune) => (
        <option key={commune.code} value={commune.code}>
          {commune.name}
        </option>
      ))}
    </select>
  );
}

export function CellSelect({ value, onChange }: { value: string; onChange: (cell: string) => void }) {
  return (
    <select
      aria-label={text('filter.cell')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      <option value="">{text('filter.every_cell')}</option>
      {campaign.value?.cells.map((cell) => (
        <option key={cell} value={cell}>
          {cellLabel(cell)}
        </option>
      ))}
    </select>
  );
}
