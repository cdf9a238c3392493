// What the board's colours and signs mean. Refuses to be left out in print.

import { cellMeaning } from '../api/campaign.ts';
import { text } from '../text/text.ts';

export function Legend({ cells }: { cells: readonly string[] }) {
  return (
    <>
      <ul class="legend" aria-label={text('legend.title')}>
        <li>
          <span class="swatch heat-none">–</span>
          {text('board.not_planned')}
        </li>
        {['0%', '1–24%', '25–49%', '50–74%', '75–99%', '100%'].map((range, step) => (
          <li key={range}>
            <span class={`swatch heat-${step}`} aria-hidden="true" />
            {range}
          </li>
        ))}
        <li>
          <span class="heat-overdue">
            <span aria-hidden="true">▲</span>2
          </span>
          {text('legend.overdue')}
        </li>
      </ul>
      <ul class="legend print-only">
        {cells.map((cell) => (
          <li key={cell}>{cellMeaning(cell)}</li>
        ))}
      </ul>
    </>
  );
}
