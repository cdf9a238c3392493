// What the queue shows and in which order, kept in the address. Refuses to filter what is loaded: the server does.

import { number } from '@minhchung/web-shared/format/format.ts';
import { useCallback } from 'preact/hooks';
import { type OfficeEvent, useEvents } from '../api/events.ts';
import { api, ask } from '../api/office.ts';
import { address, setFilter } from '../app/route.ts';
import { figuresOf, totalsOf, withFigures } from '../board/model.ts';
import { troubleName } from '../record/Checks.tsx';
import { language, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { CellSelect, CommuneSelect } from '../ui/selects.tsx';
import type { Queue, QueueFilter } from './queue.ts';

export const CHECKS = [
  'location_present',
  'accuracy',
  'null_island',
  'inside_commune',
  'near_place',
  'captured_in_campaign',
  'clock',
  'exif_place',
  'exif_time',
  'same_photo',
  'similar_photo',
  'edited',
  'sharpness',
  'brightness',
  'resolution',
  'travel',
] as const;

export function Filters({
  filter,
  queue,
  onHelp,
}: {
  filter: QueueFilter;
  queue: Queue;
  onHelp: () => void;
}) {
  return (
    <div class="toolbar queue-tools" role="group" aria-label={text('queue.tools')}>
      <select
        aria-label={text('queue.order')}
        value={filter.order}
        onChange={(event) => setFilter('order', event.currentTarget.value)}
      >
        <option value="">{text('queue.order.oldest')}</option>
        <option value="riskiest">{text('queue.order.riskiest')}</option>
        <option value="newest">{text('queue.order.newest')}</option>
      </select>
      <CommuneSelect value={filter.commune} onChange={(code) => setFilter('commune', code)} />
      <CellSelect value={filter.cell} onChange={(cell) => setFilter('cell', cell)} />
      <select
        aria-label={text('queue.check')}
        value={filter.check}
        onChange={(event) => setFilter('check', event.currentTarget.value)}
      >
        <option value="">{text('queue.check.any')}</option>
        {CHECKS.map((code) => (
          <option key={code} value={code}>
            {troubleName(code)}
          </option>
        ))}
      </select>
      <Waiting filter={filter} />
      {filter.commune !== '' && filter.cell !== '' && (
        <a class="button small" href={address(`bang-anh/${filter.commune}/${filter.cell}`)}>
          {text('queue.sheet')}
        </a>
      )}
      <span class="spread" />
      <button type="button" class="button small" onClick={() => void queue.step(-1)}>
        {text('queue.previous')} <kbd>P</kbd>
      </button>
      <button type="button" class="button small" onClick={() => void queue.step(1)}>
        {text('queue.next')} <kbd>N</kbd>
      </button>
      <button type="button" class="button small" onClick={onHelp}>
        {text('queue.help')} <kbd>?</kbd>
      </button>
    </div>
  );
}

/** How many wait, by the board's own figures. */
function Waiting({ filter }: { filter: QueueFilter }) {
  const asked = useAsked('waiting', () => ask(api.GET('/api/v1/completion')));
  const { again, change } = asked;
  useEvents(
    useCallback(
      (event: OfficeEvent) => {
        if (event.kind === 'reload' || (event.kind === 'completion' && event.figures === null)) again();
        else if (event.kind === 'completion') {
          const { commune, cell, figures } = event;
          if (figures !== null) change((before) => withFigures(before, commune, cell, figures));
        }
      },
      [again, change],
    ),
  );
  const board = asked.data;
  if (board === null || filter.check !== '') return null;
  const cell = filter.cell === '' ? 'all' : filter.cell;
  const row = board.communes.find((each) => each.code === filter.commune);
  const figures = row === undefined ? totalsOf(board, cell) : figuresOf(row, cell);
  return (
    <output class="waiting">
      {text('queue.waiting', { count: number(figures.pending, language.value) })}
    </output>
  );
}
