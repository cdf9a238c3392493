// One commune × cell of the board: its figures and its places, each the way to its pictures.
// Refuses to count by itself: figures are the board's.

import { number } from '@minhchung/web-shared/format/format.ts';
import { useCallback } from 'preact/hooks';
import { campaign, cellLabel, cellMeaning, communeTitle } from '../api/campaign.ts';
import { type OfficeEvent, useEvents } from '../api/events.ts';
import { type Assignment, api, ask, type Figures } from '../api/office.ts';
import { hasRole } from '../api/session.ts';
import { address } from '../app/route.ts';
import { share } from '../board/HeatCell.tsx';
import { figuresOf, step } from '../board/model.ts';
import { Timeline } from '../board/Timeline.tsx';
import { language, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure } from '../ui/Notice.tsx';
import { usePages } from '../ui/pages.ts';
import { AssignmentTable } from './AssignmentTable.tsx';

export function CellScreen({ commune, cell }: { commune: string; cell: string }) {
  const isAll = cell === 'all';
  const detail = useAsked(commune, () =>
    ask(api.GET('/api/v1/completion/{commune}', { params: { path: { commune } } })),
  );
  const pages = usePages<Assignment>(`${commune}/${cell}`, (after) => {
    const query = {
      commune,
      limit: 100,
      ...(isAll ? {} : { cell }),
      ...(after === null ? {} : { after }),
    };
    return ask(api.GET('/api/v1/assignments', { params: { query } }));
  });
  const refreshFigures = detail.again;
  const refreshPlaces = pages.refresh;
  useEvents(
    useCallback(
      (event: OfficeEvent) => {
        const isOurs = event.kind === 'completion' && event.commune === commune;
        if (event.kind !== 'reload' && !isOurs) return;
        refreshFigures();
        if (event.kind === 'reload' || isAll || event.cell === cell) refreshPlaces();
      },
      [commune, cell, isAll, refreshFigures, refreshPlaces],
    ),
  );
  if (detail.error !== null && detail.data === null)
    return <Failure error={detail.error} retry={detail.again} />;
  const row = detail.data;
  const isReviewer = hasRole('admin', 'verifier');
  return (
    <div class="cell-screen">
      <nav class="crumbs" aria-label={text('app.crumbs')}>
        <a href={address('bang')}>{text('nav.board')}</a>
        <span aria-hidden="true">›</span>
        {isAll ? (
          <span>{communeTitle(commune)}</span>
        ) : (
          <>
            <a href={address(`o/${commune}`)}>{communeTitle(commune)}</a>
            <span aria-hidden="true">›</span>
            <span>{cellLabel(cell)}</span>
          </>
        )}
      </nav>
      <header class="cell-head">
        <h1>{isAll ? communeTitle(commune) : `${communeTitle(commune)} – ${cellLabel(cell)}`}</h1>
        {!isAll && <p class="hint">{cellMeaning(cell)}</p>}
        {row !== null && <FigureLine figures={figuresOf(row, cell)} />}
        {!isAll && isReviewer && (
          <p class="actions">
            <a class="button small" href={address('hang-doi', { commune, cell })}>
              {text('cell.queue')}
            </a>
            <a class="button small" href={address(`bang-anh/${commune}/${cell}`)}>
              {text('queue.sheet')}
            </a>
          </p>
        )}
      </header>
      {isAll && row !== null && (
        <div class="commune-overview">
          <ul class="cell-cards">
            {campaign.value?.cells.map((each) => {
              const figures = figuresOf(row, each);
              const scale = step(figures);
              return (
                <li key={each}>
                  <a
                    class={`cell-card ${scale === null ? 'heat-none' : `heat-${scale}`}`}
                    href={address(`o/${commune}/${each}`)}
                    title={cellMeaning(each)}
                  >
                    <strong>{cellLabel(each)}</strong>
                    <span>
                      {scale === null ? '–' : `${share(figures)} · ${figures.verified}/${figures.planned}`}
                    </span>
                    {figures.overdue > 0 && (
                      <span class="heat-overdue">
                        <span aria-hidden="true">▲</span>
                        {figures.overdue}
                        <span class="visually-hidden"> {text('count.overdue')}</span>
                      </span>
                    )}
                  </a>
                </li>
              );
            })}
          </ul>
          <Timeline commune={commune} />
        </div>
      )}
      <AssignmentTable pages={pages} showCell={isAll} />
    </div>
  );
}

function FigureLine({ figures }: { figures: Figures }) {
  const shown = [
    'planned',
    'verified',
    'pending',
    'arriving',
    'returned',
    'open',
    'overdue',
    'late',
  ] as const;
  return (
    <dl class="figure-line">
      {shown.map((name) => (
        <div key={name} class={`total-${name}`}>
          <dt>{text(`count.${name}`)}</dt>
          <dd>{number(figures[name], language.value)}</dd>
        </div>
      ))}
      {figures.signers_expected != null && (
        <div>
          <dt>{text('count.signers')}</dt>
          <dd>
            {number(figures.signers_verified ?? 0, language.value)}/
            {number(figures.signers_expected, language.value)}
          </dd>
        </div>
      )}
    </dl>
  );
}
