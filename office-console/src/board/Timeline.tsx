// Expected against verified, day by day, as two lines that say their own names.
// Refuses to draw the future: the lines end today.

import { day, number } from '@minhchung/web-shared/format/format.ts';
import { api, ask } from '../api/office.ts';
import { language, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure } from '../ui/Notice.tsx';

const WIDTH = 300;
const HEIGHT = 170;
const LEFT = 40;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 22;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface Day {
  readonly date: string;
  readonly verified: number;
  readonly planned: number;
  readonly expected?: number | null;
}

export function Timeline({ commune, edition = 0 }: { commune?: string; edition?: number }) {
  const query = commune === undefined ? {} : { commune };
  const asked = useAsked(`${commune ?? ''} ${edition}`, () =>
    ask(api.GET('/api/v1/completion/timeline', { params: { query } })),
  );
  if (asked.error !== null && asked.data === null) return <Failure error={asked.error} retry={asked.again} />;
  const days = asked.data?.items ?? [];
  const last = days.at(-1);
  if (last === undefined) return <p class="empty">{text('timeline.none')}</p>;
  const due = Math.round((last.expected ?? 0) * last.planned);
  const shown = (count: number) => number(count, language.value);
  const said = text('timeline.said', {
    verified: shown(last.verified),
    due: shown(due),
    planned: shown(last.planned),
  });
  return (
    <figure class="timeline">
      <figcaption>{text('timeline.title')}</figcaption>
      <Lines days={days} planned={last.planned} said={said} />
      <p class="timeline-said">{said}</p>
    </figure>
  );
}

function Lines({ days, planned, said }: { days: readonly Day[]; planned: number; said: string }) {
  const most = Math.max(1, planned, ...days.map((each) => each.verified));
  const x = (index: number) => LEFT + (index / Math.max(1, days.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM);
  const line = (value: (each: Day) => number) =>
    days
      .map((each, index) => `${index === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value(each)).toFixed(1)}`)
      .join('');
  const expected = (each: Day) => (each.expected ?? 0) * planned;
  const last = days.length - 1;
  const lastDay = days[last];
  if (lastDay === undefined) return null;
  const ticks = most < 2 ? [0, most] : [0, most / 2, most];
  const middle = Math.round(last * 0.6);
  const apart = Math.abs(y(expected(lastDay)) - y(lastDay.verified)) > 14;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      {ticks.map((value) => (
        <g key={value}>
          <line class="axis" x1={LEFT} x2={WIDTH - RIGHT} y1={y(value)} y2={y(value)} />
          <text class="tick" x={LEFT - 5} y={y(value) + 4} text-anchor="end">
            {number(Math.round(value), language.value)}
          </text>
        </g>
      ))}
      {months(days).map(({ index, label }) => (
        <text key={index} class="tick" x={x(index)} y={HEIGHT - 6} text-anchor="middle">
          {label}
        </text>
      ))}
      <path class="line-expected" d={line(expected)} />
      <path class="line-verified" d={line((each) => each.verified)} />
      <circle class="dot-verified" cx={x(last)} cy={y(lastDay.verified)} r={3.5} />
      <text class="line-name" x={x(middle)} y={y(expected(days[middle] ?? lastDay)) - 7} text-anchor="middle">
        {text('timeline.expected')}
      </text>
      <text
        class="line-name line-name-verified"
        x={WIDTH - RIGHT}
        y={y(lastDay.verified) + (apart ? -7 : 26)}
        text-anchor="end"
      >
        {text('timeline.verified')}
      </text>
    </svg>
  );
}

/** The first days of months, at most seven of them. */
function months(days: readonly Day[]): { index: number; label: string }[] {
  const firsts = days.flatMap((each, index) =>
    each.date.endsWith('-01') ? [{ index, label: day(each.date).slice(3, 5).replace(/^0/, '') }] : [],
  );
  const every = Math.ceil(firsts.length / 12);
  return firsts
    .filter((_, index) => index % every === 0)
    .map(({ index, label }) => ({
      index,
      label: language.value === 'vi' ? `T${label}` : (MONTHS[Number(label) - 1] ?? label),
    }));
}
