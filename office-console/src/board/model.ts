// The board's rows: order, filter, totals, and what an event changes.
// Refuses to reorder by itself: figures change in place, rows move only when somebody asks.

import type { Completion, Figures, Schemas } from '../api/office.ts';
import { fold } from '../ui/fold.ts';

export type Row = Schemas['CommuneCompletion'];
export type Order = 'lag' | 'overdue' | 'name';
export const ORDERS: readonly Order[] = ['lag', 'overdue', 'name'];

const NONE: Figures = {
  planned: 0,
  open: 0,
  arriving: 0,
  pending: 0,
  returned: 0,
  verified: 0,
  overdue: 0,
  late: 0,
  percent: null,
};

/** The figures of a cell, or of the whole row under `all`. */
export function figuresOf(row: Row, cell: string): Figures {
  return (cell === 'all' ? row.all : row.cells[cell]) ?? NONE;
}

export function totalsOf(board: Completion, cell: string): Figures {
  return board.totals[cell] ?? NONE;
}

/** The codes of the rows that hold `letters`, in `order`. */
export function orderedCodes(board: Completion, order: Order, letters: string): string[] {
  const wanted = fold(letters);
  const rows = board.communes.filter(
    (row) => wanted === '' || fold(row.name).includes(wanted) || row.code.startsWith(wanted),
  );
  const byName = new Intl.Collator('vi').compare;
  const rank: Readonly<Record<Order, (one: Row, other: Row) => number>> = {
    name: (one, other) => byName(one.name, other.name),
    overdue: (one, other) => other.all.overdue - one.all.overdue || byName(one.name, other.name),
    // Communes without a plan have nothing to lag behind.
    lag: (one, other) =>
      (one.all.percent ?? 101) - (other.all.percent ?? 101) ||
      other.all.overdue - one.all.overdue ||
      byName(one.name, other.name),
  };
  return [...rows].sort(rank[order]).map((row) => row.code);
}

/** The board after the figures of one cell changed. */
export function withFigures(board: Completion, commune: string, cell: string, figures: Figures): Completion {
  const at = board.communes.findIndex((row) => row.code === commune);
  const row = board.communes[at];
  if (row === undefined) return board;
  const before = figuresOf(row, cell);
  const cells = { ...row.cells, [cell]: figures };
  const communes = board.communes.slice();
  communes[at] = { ...row, cells, all: moved(row.all, before, figures) };
  const totals = {
    ...board.totals,
    [cell]: moved(totalsOf(board, cell), before, figures),
    all: moved(totalsOf(board, 'all'), before, figures),
  };
  return { ...board, communes, totals };
}

const COUNTS = ['planned', 'open', 'arriving', 'pending', 'returned', 'verified', 'overdue', 'late'] as const;

/** `sum` after one of its parts went from `before` to `after`. */
function moved(sum: Figures, before: Figures, after: Figures): Figures {
  const next = { ...sum };
  for (const count of COUNTS) next[count] = sum[count] - before[count] + after[count];
  next.percent = next.planned === 0 ? null : Math.floor((next.verified * 1000) / next.planned) / 10;
  return next;
}

/** The step of the colour scale, 0 to 5; null when nothing is planned. */
export function step(figures: Figures): number | null {
  const { percent } = figures;
  if (percent === null || percent === undefined) return null;
  if (percent === 0) return 0;
  if (percent >= 100) return 5;
  return Math.min(4, 1 + Math.floor(percent / 25));
}

const DAY_MS = 86_400_000;
/** Việt Nam has had one time the whole year round since 1975. */
const ZONE_MS = 7 * 3_600_000;

/** Milliseconds until the campaign's next day has begun, and a little more. */
export function untilMidnight(now: number): number {
  return DAY_MS - ((now + ZONE_MS) % DAY_MS) + 5000;
}
