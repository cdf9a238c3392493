// The heat table: communes down, cells across, each with its share, its numbers and what is overdue.
// Refuses to draw rows that nobody sees, and to put nine hundred stops on the way of the Tab key: arrows move inside.

import { useEffect, useRef } from 'preact/hooks';
import { cellLabel, cellMeaning } from '../api/campaign.ts';
import type { Completion } from '../api/office.ts';
import { address } from '../app/route.ts';
import { language, text } from '../text/text.ts';
import { useRowWindow } from '../ui/virtual.ts';
import { HeatCell } from './HeatCell.tsx';
import { figuresOf, type Row, totalsOf } from './model.ts';

const ROW_HEIGHT = 38;
/** So many rows are simply drawn; a browser does that in no time, and printing finds all of them. */
const DRAWN_WHOLE = 120;

export function HeatTable({
  board,
  codes,
  cells,
  changed,
  drawAll,
}: {
  board: Completion;
  codes: readonly string[];
  cells: readonly string[];
  /** `commune/cell` keys that have just changed. */
  changed: ReadonlySet<string>;
  drawAll: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useRef(new Map<string, Row>());
  rows.current = new Map(board.communes.map((row) => [row.code, row]));
  const seen = useRowWindow(box, codes.length, ROW_HEIGHT, drawAll || codes.length <= DRAWN_WHOLE);
  const columns = [...cells, 'all'];
  useArrowKeys(box, codes.length, columns.length);
  const isWhole = codes.length === board.communes.length;

  return (
    <div class="heat-box" ref={box}>
      <table class="heat" role="grid" aria-rowcount={codes.length + 2} aria-label={text('board.table')}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" class="heat-name">
              {text('board.commune')}
            </th>
            {columns.map((cell) => (
              <th key={cell} scope="col" class={cell === 'all' ? 'heat-all' : ''}>
                {cell === 'all' ? text('board.all') : <Head cell={cell} />}
              </th>
            ))}
          </tr>
          <tr class="heat-totals" aria-rowindex={2}>
            <th scope="row" class="heat-name">
              {text(isWhole ? 'board.totals' : 'board.totals_whole')}
            </th>
            {columns.map((cell) => (
              <HeatCell key={cell} figures={totalsOf(board, cell)} name={text('board.totals')} cell={cell} />
            ))}
          </tr>
        </thead>
        <tbody>
          {seen.above > 0 && <tr class="spacer" aria-hidden="true" style={{ height: `${seen.above}px` }} />}
          {codes.slice(seen.from, seen.to).map((code, index) => {
            const row = rows.current.get(code);
            if (row === undefined) return null;
            const number = seen.from + index;
            return (
              <tr key={code} aria-rowindex={number + 3} class={row.all.planned === 0 ? 'heat-empty' : ''}>
                <th scope="row" class="heat-name">
                  <a href={address(`o/${code}`)} tabIndex={-1}>
                    {row.name}
                  </a>
                  <span class="heat-kind">{row.kind}</span>
                </th>
                {columns.map((cell, column) => (
                  <HeatCell
                    key={cell}
                    figures={figuresOf(row, cell)}
                    name={row.name}
                    cell={cell}
                    link={address(`o/${code}/${cell}`)}
                    place={`${number}:${column}`}
                    isFirst={number === 0 && column === 0}
                    isNew={changed.has(`${code}/${cell}`)}
                  />
                ))}
              </tr>
            );
          })}
          {seen.below > 0 && <tr class="spacer" aria-hidden="true" style={{ height: `${seen.below}px` }} />}
        </tbody>
      </table>
      {codes.length === 0 && <p class="empty">{text('board.nothing')}</p>}
    </div>
  );
}

/** The column's name, and what it means for whoever points at it; the legend says it on paper. */
function Head({ cell }: { cell: string }) {
  const name = shortLabel(cell);
  return (
    <>
      <button type="button" class="heat-head" aria-label={`${name} – ${cellMeaning(cell)}`}>
        {name}
        <span class="tip" aria-hidden="true">
          {cellMeaning(cell)}
        </span>
      </button>
      {/* Chromium leaves buttons out of the heads that it repeats on every page. */}
      <span class="print-only">{name}</span>
    </>
  );
}

/** The label as it fits over a narrow column. */
function shortLabel(cell: string): string {
  const label = cellLabel(cell);
  if (language.value === 'vi') return label.replace('Nhóm ', 'N').replace('Cơ sở kinh doanh', 'Cơ sở KD');
  return label.replace('Group ', 'G');
}

/** Arrow keys, Home and End between the cells. */
function useArrowKeys(box: { current: HTMLElement | null }, rowCount: number, columnCount: number): void {
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const move = (event: KeyboardEvent) => {
      const from = (event.target as HTMLElement).dataset['place'];
      if (from === undefined) return;
      const [row = 0, column = 0] = from.split(':').map(Number);
      const steps: Readonly<Record<string, readonly [number, number]>> = {
        ArrowDown: [row + 1, column],
        ArrowUp: [row - 1, column],
        ArrowRight: [row, column + 1],
        ArrowLeft: [row, column - 1],
        PageDown: [row + 15, column],
        PageUp: [row - 15, column],
        Home: [event.ctrlKey ? 0 : row, 0],
        End: [event.ctrlKey ? rowCount - 1 : row, columnCount - 1],
      };
      const wanted = steps[event.key];
      if (wanted === undefined) return;
      event.preventDefault();
      const next = Math.max(0, Math.min(rowCount - 1, wanted[0]));
      const across = Math.max(0, Math.min(columnCount - 1, wanted[1]));
      focusPlace(element, next, across);
    };
    element.addEventListener('keydown', move);
    return () => element.removeEventListener('keydown', move);
  }, [box, rowCount, columnCount]);
}

/** Focuses a cell; one that is not drawn is scrolled to first. */
function focusPlace(box: HTMLElement, row: number, column: number): void {
  const find = () => box.querySelector<HTMLElement>(`[data-place="${row}:${column}"]`);
  const drawn = find();
  if (drawn !== null) {
    drawn.focus();
    return;
  }
  box.scrollTop = row * ROW_HEIGHT - box.clientHeight / 2;
  requestAnimationFrame(() => requestAnimationFrame(() => find()?.focus()));
}
