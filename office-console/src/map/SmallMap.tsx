// Where a picture was taken beside where it was planned: in the commune's outline when there is one, with a scale.
// Refuses to hide what is far away: both points are always inside.

import { metres } from '@minhchung/web-shared/format/format.ts';
import { geoMercator, geoPath } from 'd3-geo';
import { language, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { boundaries } from './boundaries.ts';
import { distanceM, type Place } from './distance.ts';

const WIDTH = 300;
const HEIGHT = 200;
const MARGIN = 26;

interface Reported extends Place {
  readonly accuracy_m: number;
}

export function SmallMap({
  commune,
  planned,
  reported,
}: {
  commune: string;
  planned: Place | null;
  reported: Reported | null;
}) {
  const asked = useAsked('boundaries', boundaries);
  if (planned === null && reported === null) return <p class="hint">{text('place.none')}</p>;
  const area = asked.data?.find((each) => each.code === commune) ?? null;
  const points = [planned, reported].filter((place) => place !== null);
  const geometry: GeoJSON.GeometryCollection = {
    type: 'GeometryCollection',
    geometries: [
      ...(area === null ? [] : [area.geometry]),
      { type: 'MultiPoint', coordinates: around(points, area === null ? reported?.accuracy_m : undefined) },
    ],
  };
  const projection = geoMercator().fitExtent(
    [
      [MARGIN, MARGIN],
      [WIDTH - MARGIN, HEIGHT - MARGIN],
    ],
    geometry,
  );
  const at = (place: Place) => projection([place.lon, place.lat]) ?? [0, 0];
  const middle = points[0] ?? { lat: 0, lon: 0 };
  const perMetre = pixelsPerMetre(at, middle);
  const bar = niceLength(WIDTH / 3 / perMetre);
  const outline = area === null ? null : geoPath(projection).digits(1)(area.geometry);
  // The names stand on the outer sides, where they cover neither point.
  const isPlannedAbove = planned === null || reported === null || planned.lat >= reported.lat;
  const apart = planned !== null && reported !== null ? distanceM(planned, reported) : null;
  return (
    <svg
      class="small-map"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={
        apart === null ? text('place.map') : text('place.apart', { distance: metres(apart, language.value) })
      }
    >
      {outline !== null && <path class="small-map-area" d={outline} />}
      {planned !== null && reported !== null && (
        <line
          class="small-map-link"
          x1={at(planned)[0]}
          y1={at(planned)[1]}
          x2={at(reported)[0]}
          y2={at(reported)[1]}
        />
      )}
      {reported !== null && (
        <circle
          class="small-map-accuracy"
          cx={at(reported)[0]}
          cy={at(reported)[1]}
          r={Math.max(0, reported.accuracy_m * perMetre)}
        />
      )}
      {planned !== null && (
        <Mark at={at(planned)} kind="planned" label={text('place.planned')} isAbove={isPlannedAbove} />
      )}
      {reported !== null && (
        <Mark at={at(reported)} kind="reported" label={text('place.reported')} isAbove={!isPlannedAbove} />
      )}
      <g class="small-map-scale">
        <line x1={10} x2={10 + bar * perMetre} y1={HEIGHT - 10} y2={HEIGHT - 10} />
        <text x={14 + bar * perMetre} y={HEIGHT - 6}>
          {metres(bar, language.value)}
        </text>
      </g>
    </svg>
  );
}

function Mark({
  at,
  kind,
  label,
  isAbove,
}: {
  at: readonly [number, number];
  kind: 'planned' | 'reported';
  label: string;
  isAbove: boolean;
}) {
  const [x, y] = at;
  const isLeft = x < WIDTH / 2;
  const shift = isAbove ? -9 : 18;
  return (
    <g class={`small-map-${kind}`}>
      {kind === 'planned' ? (
        <rect x={x - 5} y={y - 5} width={10} height={10} transform={`rotate(45 ${x} ${y})`} />
      ) : (
        <circle cx={x} cy={y} r={5} />
      )}
      <text
        x={isLeft ? Math.max(4, x - 5) : Math.min(WIDTH - 4, x + 5)}
        y={y + shift}
        text-anchor={isLeft ? 'start' : 'end'}
      >
        {label}
      </text>
    </g>
  );
}

/** The points, and a frame of at least some hundred metres around them. */
function around(points: readonly Place[], accuracy = 0): [number, number][] {
  const reach = Math.max(100, accuracy * 1.3) / 111_195;
  return points.flatMap(({ lat, lon }): [number, number][] => [
    [lon - reach, lat - reach],
    [lon + reach, lat + reach],
  ]);
}

function pixelsPerMetre(at: (place: Place) => readonly [number, number], middle: Place): number {
  const step = 0.001;
  return Math.abs(at({ lat: middle.lat + step, lon: middle.lon })[1] - at(middle)[1]) / (step * 111_195);
}

/** 1, 2 or 5 times a power of ten, at most `most` metres. */
function niceLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1) * power;
}
