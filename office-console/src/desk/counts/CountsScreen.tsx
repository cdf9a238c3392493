// How many came, by month, category and channel. One to four are shown as few, so that nobody is recognised by a count.
// Refuses to add up what is hidden.

import { civilDay } from '@minhchung/web-shared/format/format.ts';
import { useState } from 'preact/hooks';
import { useAsked } from '../../ui/asked.ts';
import { counts } from '../api/desk.ts';
import { CATEGORIES, type MonthCounts, TOLD_CHANNELS } from '../api/wire.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import { categoryWord, channelWord, countWord } from '../ui/words.tsx';

const FIRST_YEAR = 2026;
const CHANNELS = ['web', ...TOLD_CHANNELS] as const;

export function CountsScreen() {
  const present = Number(civilDay(Date.now()).slice(0, 4));
  const [year, setYear] = useState(present);
  const asked = useAsked(`counts ${year}`, () => counts(year));
  const years = Array.from({ length: Math.max(1, present - FIRST_YEAR + 1) }, (_, index) => present - index);
  return (
    <section aria-labelledby="counts">
      <div class="screen-head">
        <h1 id="counts">{text('counts.title')}</h1>
        <div class="actions no-print">
          <label class="field-inline">
            <span>{text('counts.year')}</span>
            <select
              name="year"
              value={String(year)}
              onChange={(event) => setYear(Number(event.currentTarget.value))}
            >
              {years.map((each) => (
                <option key={each} value={String(each)}>
                  {each}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="button" onClick={() => window.print()}>
            {text('action.print')}
          </button>
        </div>
      </div>
      <p>{text('counts.what')}</p>
      {asked.error !== null && <Failure error={asked.error} retry={asked.again} />}
      {asked.isLoading && <p class="loading">{text('loading')}</p>}
      {asked.data !== null && (
        <>
          <CountTable
            title={text('counts.by_category')}
            months={asked.data.months}
            columns={CATEGORIES.map((key) => ({ key, word: categoryWord(key) }))}
            of={(month) => month.categories}
          />
          <CountTable
            title={text('counts.by_channel')}
            months={asked.data.months}
            columns={CHANNELS.map((key) => ({ key, word: channelWord(key) }))}
            of={(month) => month.channels}
          />
        </>
      )}
    </section>
  );
}

function CountTable({
  title,
  months,
  columns,
  of,
}: {
  title: string;
  months: readonly MonthCounts[];
  columns: readonly { key: string; word: string }[];
  of: (month: MonthCounts) => MonthCounts['categories'];
}) {
  if (months.length === 0) return <p class="empty">{text('counts.empty')}</p>;
  return (
    <div class="table-box count-box" tabIndex={0} role="region" aria-label={title}>
      <table class="table">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{text('counts.month')}</th>
            {columns.map((column) => (
              <th key={column.key} scope="col" class="figure">
                {column.word}
              </th>
            ))}
            <th scope="col" class="figure">
              {text('counts.all')}
            </th>
          </tr>
        </thead>
        <tbody>
          {months.map((month) => (
            <tr key={month.month}>
              <th scope="row">{monthWord(month.month)}</th>
              {columns.map((column) => (
                <td key={column.key} class="figure">
                  {countWord(of(month)[column.key])}
                </td>
              ))}
              <td class="figure">
                <strong>{countWord(month.all)}</strong>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `10/2026` from `2026-10`. */
function monthWord(month: string): string {
  const [year, number] = month.split('-');
  return number === undefined ? month : `${number}/${year ?? ''}`;
}
