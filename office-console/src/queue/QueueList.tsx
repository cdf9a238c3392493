// The list beside the picture: what comes next, what was decided, who is at what. Only rows that are seen are drawn.
// Refuses to be needed: every step has its key.

import { clock, dayOf } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useRef } from 'preact/hooks';
import { cellLabel, communeName } from '../api/campaign.ts';
import type { Submission } from '../api/office.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import { useRowWindow } from '../ui/virtual.ts';
import { decided } from './decisions.ts';
import type { Queue } from './queue.ts';

const ROW_HEIGHT = 50;

export function QueueList({ queue }: { queue: Queue }) {
  const box = useRef<HTMLDivElement>(null);
  const items = queue.items.value;
  const at = queue.at.value;
  const seen = useRowWindow(box, items.length, ROW_HEIGHT);
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const top = at * ROW_HEIGHT;
    if (
      top < element.scrollTop + ROW_HEIGHT ||
      top > element.scrollTop + element.clientHeight - 2 * ROW_HEIGHT
    ) {
      element.scrollTop = Math.max(0, top - element.clientHeight / 3);
    }
  }, [at]);
  useEffect(() => {
    if (seen.to >= items.length && queue.hasMore && !queue.isLoading.value && items.length > 0)
      void queue.more();
  }, [seen.to, items.length]);

  return (
    <nav class="queue-list" aria-label={text('queue.list')}>
      {queue.arrived.value.size > 0 && (
        <button type="button" class="button small arrived" onClick={() => void queue.start()}>
          {text('queue.arrived', { n: queue.arrived.value.size })}
        </button>
      )}
      <div class="queue-rows" ref={box}>
        <div style={{ height: `${seen.above}px` }} />
        {items.slice(seen.from, seen.to).map((item, index) => (
          <Row
            key={item.id}
            queue={queue}
            item={item}
            isHere={seen.from + index === at}
            onChoose={() => queue.choose(seen.from + index)}
          />
        ))}
        <div style={{ height: `${seen.below}px` }} />
        {queue.isLoading.value && <p class="loading">{text('loading')}</p>}
        {queue.error.value !== null && <Failure error={queue.error.value} retry={() => void queue.more()} />}
      </div>
    </nav>
  );
}

function Row({
  queue,
  item,
  isHere,
  onChoose,
}: {
  queue: Queue;
  item: Submission;
  isHere: boolean;
  onChoose: () => void;
}) {
  const own = decided.value.get(item.id);
  const elsewhere = queue.elsewhere.value.get(item.id);
  const claim = queue.claimOf(item.id);
  const warnings = item.checks.filter((check) => check.outcome === 'warn').length + item.marks.length;
  const at = Date.parse(item.received_at);
  return (
    <button
      type="button"
      class={`queue-row${own === undefined && elsewhere === undefined ? '' : ' queue-row-done'}`}
      aria-current={isHere ? 'true' : undefined}
      onClick={onChoose}
    >
      <span class="queue-row-name">{communeName(item.commune)}</span>
      <span class="queue-row-cell">{cellLabel(item.cell)}</span>
      <span class="queue-row-time">
        {clock(at)} {dayOf(at).slice(0, 5)}
      </span>
      <span class="queue-row-state">
        {own !== undefined ? (
          <span class={`mark mark-${own}`}>{text(`decision.${own}`)}</span>
        ) : elsewhere !== undefined ? (
          <span class="mark">{text(`state.${elsewhere}`)}</span>
        ) : claim !== null ? (
          <span class="mark mark-claim">{claim.name}</span>
        ) : warnings > 0 ? (
          <span class="mark mark-warn">{text('queue.warnings', { n: warnings })}</span>
        ) : null}
      </span>
    </button>
  );
}
