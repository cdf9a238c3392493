// One cell of the heat table: the share, verified of planned, and what is overdue; a link to its places.
// Refuses to speak by colour alone: the number is always there, and overdue has a sign of its own.

import { number } from '@minhchung/web-shared/format/format.ts';
import { cellLabel } from '../api/campaign.ts';
import type { Figures } from '../api/office.ts';
import { language, text } from '../text/text.ts';
import { step } from './model.ts';

export function HeatCell({
  figures,
  name,
  cell,
  link,
  place,
  isFirst = false,
  isNew = false,
}: {
  figures: Figures;
  name: string;
  cell: string;
  link?: string;
  /** `row:column`, for the arrow keys. */
  place?: string;
  isFirst?: boolean;
  isNew?: boolean;
}) {
  const scale = step(figures);
  const css = `heat-cell ${scale === null ? 'heat-none' : `heat-${scale}`}${cell === 'all' ? ' heat-all' : ''}`;
  const said = text(scale === null ? 'board.cell_empty' : 'board.cell_said', {
    commune: name,
    cell: cell === 'all' ? text('board.all') : cellLabel(cell),
    verified: figures.verified,
    planned: figures.planned,
    overdue: figures.overdue,
    pending: figures.pending,
  });
  const content = (
    <>
      <span class="visually-hidden">{said}</span>
      <span class="heat-share" aria-hidden="true">
        {scale === null ? '–' : share(figures)}
      </span>
      {scale !== null && (
        <span class="heat-count" aria-hidden="true">
          {figures.verified}/{figures.planned}
        </span>
      )}
      {figures.overdue > 0 && (
        <span class="heat-overdue" aria-hidden="true">
          ▲{figures.overdue}
        </span>
      )}
    </>
  );
  return (
    <td class={isNew ? `${css} heat-new` : css}>
      {link === undefined ? (
        <span class="heat-link" title={said}>
          {content}
        </span>
      ) : (
        <a
          class="heat-link"
          href={link}
          title={said}
          data-place={place}
          tabIndex={isFirst ? 0 : -1}
          onFocus={keepTabStop}
        >
          {content}
        </a>
      )}
    </td>
  );
}

/** The focused cell becomes the one that Tab comes back to. */
function keepTabStop(event: FocusEvent): void {
  const cell = event.currentTarget as HTMLElement;
  for (const other of cell.closest('table')?.querySelectorAll<HTMLElement>('[data-place][tabindex="0"]') ??
    []) {
    other.tabIndex = -1;
  }
  cell.tabIndex = 0;
}

/** Whole percents; what is begun never shows as 0 and what lacks something never as 100. */
export function share(figures: Figures): string {
  const percent = figures.percent ?? 0;
  const whole = percent > 0 && percent < 1 ? 1 : percent < 100 ? Math.min(99, Math.round(percent)) : 100;
  return `${number(whole, language.value)}%`;
}
