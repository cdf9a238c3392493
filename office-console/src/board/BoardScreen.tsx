// The board: how far every commune is, as a table or a map, true while it is open.
// Refuses to move rows under the reader's eyes: figures change in place.

import { dayOf, moment, number } from '@minhchung/web-shared/format/format.ts';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { campaign } from '../api/campaign.ts';
import { type OfficeEvent, useEvents } from '../api/events.ts';
import { api, ask, type Completion } from '../api/office.ts';
import { hasRole } from '../api/session.ts';
import { filters, setFilter } from '../app/route.ts';
import { BoardMap } from '../map/BoardMap.tsx';
import { language, text, words } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure } from '../ui/Notice.tsx';
import { HeatTable } from './HeatTable.tsx';
import { Legend } from './Legend.tsx';
import { ORDERS, type Order, orderedCodes, totalsOf, untilMidnight, withFigures } from './model.ts';
import { Timeline } from './Timeline.tsx';

/** How long a changed cell is marked. */
const MARKED_MS = 2500;

export function BoardScreen() {
  const heard = useRef(0);
  const asked = useAsked('board', async () => {
    const answer = await ask(api.GET('/api/v1/completion'));
    heard.current = performance.now();
    return answer;
  });
  const { data: board, change, again } = asked;
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set());
  const [edition, setEdition] = useState(0);
  const timer = useRef(0);
  useEvents(
    useCallback(
      (event: OfficeEvent) => {
        if (event.kind === 'reload') again();
        if (event.kind !== 'completion') return;
        const { commune, cell, figures } = event;
        if (figures === null) {
          again();
          return;
        }
        const passed = performance.now() - heard.current;
        heard.current += passed;
        change((before) => later(withFigures(before, commune, cell, figures), passed));
        setChanged((before) => new Set([...before, `${commune}/${cell}`, `${commune}/all`]));
        clearTimeout(timer.current);
        timer.current = window.setTimeout(() => {
          setChanged(new Set());
          setEdition((count) => count + 1);
        }, MARKED_MS);
      },
      [again, change],
    ),
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  // What is overdue changes with the day, without any event.
  const today = board === null ? null : dayOf(Date.parse(board.as_of));
  useEffect(() => {
    if (board === null) return;
    const midnight = setTimeout(again, untilMidnight(Date.parse(board.as_of)));
    return () => clearTimeout(midnight);
  }, [today, again]);
  if (board === null) {
    return asked.error === null ? (
      <p class="loading">{text('loading')}</p>
    ) : (
      <Failure error={asked.error} retry={again} />
    );
  }
  return <Board board={board} changed={changed} edition={edition} />;
}

function Board({
  board,
  changed,
  edition,
}: {
  board: Completion;
  changed: ReadonlySet<string>;
  edition: number;
}) {
  const order = orderOf(filters.value.get('sort'));
  const letters = filters.value.get('q') ?? '';
  const isMap = filters.value.get('view') === 'map';
  const cells = campaign.value?.cells ?? [];
  // Ordered when somebody asks, not when figures change.
  const latest = useRef(board);
  latest.current = board;
  const codes = useMemo(
    () => orderedCodes(latest.current, order, letters),
    [order, letters, board.communes.length],
  );
  const [isPrinting, setPrinting] = useState(false);
  useEffect(() => {
    if (!isPrinting) return;
    const frame = requestAnimationFrame(() => window.print());
    return () => cancelAnimationFrame(frame);
  }, [isPrinting]);
  const isOnPaper = useOnPaper(() => setPrinting(false));
  const commune = hasRole('commune_officer') ? board.communes[0]?.code : undefined;

  return (
    <div class="board">
      <header class="board-head">
        <h1>{campaign.value === null ? '' : words(campaign.value.name)}</h1>
        <p class="as-of">{text('board.as_of', { time: moment(Date.parse(board.as_of)) })}</p>
      </header>
      <Totals board={board} />
      <div class="board-main">
        <section class="board-table" aria-label={text('board.table')}>
          <div class="toolbar" role="group" aria-label={text('board.tools')}>
            <label class="field-inline">
              <span class="visually-hidden">{text('board.filter')}</span>
              <input
                type="search"
                placeholder={text('board.filter')}
                value={letters}
                onInput={(event) => setFilter('q', event.currentTarget.value)}
              />
            </label>
            <label class="field-inline">
              <span>{text('board.order')}</span>
              <select value={order} onChange={(event) => setFilter('sort', event.currentTarget.value)}>
                {ORDERS.map((each) => (
                  <option key={each} value={each}>
                    {text(`board.order.${each}`)}
                  </option>
                ))}
              </select>
            </label>
            <div class="segments" role="group" aria-label={text('board.view')}>
              <button type="button" aria-pressed={!isMap} onClick={() => setFilter('view', '')}>
                {text('board.view.table')}
              </button>
              <button type="button" aria-pressed={isMap} onClick={() => setFilter('view', 'map')}>
                {text('board.view.map')}
              </button>
            </div>
            <button type="button" class="button quiet print-button" onClick={() => setPrinting(true)}>
              {text('action.print')}
            </button>
          </div>
          {isMap ? (
            <BoardMap board={board} codes={codes} />
          ) : (
            <HeatTable
              board={board}
              codes={codes}
              cells={cells}
              changed={changed}
              drawAll={isPrinting || isOnPaper}
            />
          )}
          <Legend cells={isMap ? [] : cells} />
        </section>
        <aside class="board-side">
          <Timeline edition={edition} {...(commune === undefined ? {} : { commune })} />
        </aside>
      </div>
    </div>
  );
}

function Totals({ board }: { board: Completion }) {
  const all = totalsOf(board, 'all');
  const counts = [
    ['planned', all.planned],
    ['verified', all.verified],
    ['pending', all.pending],
    ['arriving', all.arriving],
    ['returned', all.returned],
    ['open', all.open],
    ['overdue', all.overdue],
  ] as const;
  return (
    <dl class="totals">
      {counts.map(([name, count]) => (
        <div key={name} class={`total total-${name}`}>
          <dt>{text(`count.${name}`)}</dt>
          <dd>
            {number(count, language.value)}
            {name === 'verified' && all.percent !== null && all.percent !== undefined && (
              <small> {number(all.percent, language.value, 1)}%</small>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether the browser is about to print, also by its own keys and menus; every row has to be there then. */
function useOnPaper(onDone: () => void): boolean {
  const [isOnPaper, setOnPaper] = useState(false);
  useEffect(() => {
    const before = () => setOnPaper(true);
    const after = () => {
      setOnPaper(false);
      onDone();
    };
    addEventListener('beforeprint', before);
    addEventListener('afterprint', after);
    return () => {
      removeEventListener('beforeprint', before);
      removeEventListener('afterprint', after);
    };
  }, []);
  return isOnPaper;
}

/** The board as of `passed` milliseconds later, by the server's clock and not by this machine's. */
function later(board: Completion, passed: number): Completion {
  return { ...board, as_of: new Date(Date.parse(board.as_of) + passed).toISOString() };
}

function orderOf(value: string | null): Order {
  return ORDERS.find((order) => order === value) ?? 'lag';
}
