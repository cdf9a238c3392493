// The province at a glance: areas when a boundary layer is installed, otherwise tiles in the table's order.
// Refuses to pretend: tiles say that they are no map.

import { geoMercator, geoPath } from 'd3-geo';
import { useMemo } from 'preact/hooks';
import type { Completion } from '../api/office.ts';
import { address } from '../app/route.ts';
import { share } from '../board/HeatCell.tsx';
import { type Row, step } from '../board/model.ts';
import { text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { type Area, boundaries, collectionOf } from './boundaries.ts';

const WIDTH = 760;
const HEIGHT = 560;

export function BoardMap({ board, codes }: { board: Completion; codes: readonly string[] }) {
  const asked = useAsked('boundaries', boundaries);
  const rows = useMemo(() => new Map(board.communes.map((row) => [row.code, row])), [board]);
  if (asked.isLoading) return <p class="loading">{text('loading')}</p>;
  const areas = (asked.data ?? []).filter((area) => rows.has(area.code));
  if (areas.length === 0) return <Tiles rows={rows} codes={codes} />;
  return <Areas areas={areas} rows={rows} codes={new Set(codes)} />;
}

function said(row: Row): string {
  return text('board.cell_said', {
    commune: row.name,
    cell: text('board.all'),
    verified: row.all.verified,
    planned: row.all.planned,
    overdue: row.all.overdue,
    pending: row.all.pending,
  });
}

function colour(row: Row): string {
  const scale = step(row.all);
  return scale === null ? 'heat-none' : `heat-${scale}`;
}

function Areas({
  areas,
  rows,
  codes,
}: {
  areas: readonly Area[];
  rows: ReadonlyMap<string, Row>;
  codes: ReadonlySet<string>;
}) {
  const path = useMemo(
    () =>
      geoPath(
        geoMercator().fitExtent(
          [
            [4, 4],
            [WIDTH - 4, HEIGHT - 4],
          ],
          collectionOf(areas),
        ),
      ).digits(1),
    [areas.length],
  );
  return (
    <div class="map-box">
      <svg class="map" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-label={text('map.title')} role="group">
        {areas.map((area) => {
          const row = rows.get(area.code);
          if (row === undefined) return null;
          const outline = path(area.geometry) ?? '';
          const dimmed = codes.has(area.code) ? '' : ' map-dimmed';
          return (
            <a key={area.code} href={address(`o/${area.code}`)} aria-label={said(row)}>
              <path class={`map-area ${colour(row)}${dimmed}`} d={outline}>
                <title>{said(row)}</title>
              </path>
            </a>
          );
        })}
      </svg>
    </div>
  );
}

function Tiles({ rows, codes }: { rows: ReadonlyMap<string, Row>; codes: readonly string[] }) {
  return (
    <div class="map-box">
      <p class="hint">{text('map.schematic')}</p>
      <ul class={codes.length > 400 ? 'tiles tiles-small' : 'tiles'} aria-label={text('map.title')}>
        {codes.map((code) => {
          const row = rows.get(code);
          if (row === undefined) return null;
          return (
            <li key={code}>
              <a class={`tile ${colour(row)}`} href={address(`o/${code}`)} title={said(row)}>
                <span class="visually-hidden">{said(row)}</span>
                <span class="tile-name" aria-hidden="true">
                  {row.name}
                </span>
                <span class="tile-share" aria-hidden="true">
                  {row.all.planned === 0 ? '–' : share(row.all)}
                </span>
              </a>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
