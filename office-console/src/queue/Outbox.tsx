// What was decided and is not sent yet, and the decisions that did not count. Refuses to hide either.

import { useEffect, useState } from 'preact/hooks';
import { cellLabel, communeName } from '../api/campaign.ts';
import { address } from '../app/route.ts';
import { text } from '../text/text.ts';
import { conflicts, dismiss, held, isWaiting, sendAll, sentCount } from './decisions.ts';

export function Outbox({ onUndo }: { onUndo: () => void }) {
  const count = held.value.length;
  const last = held.value.filter((each) => each.state === 'held').at(-1);
  return (
    <footer class="outbox">
      {conflicts.value.map((conflict) => (
        <div key={conflict.submission.id} class="notice notice-bad conflict" role="alert">
          <span>
            <strong>{text('conflict.title')}</strong> {communeName(conflict.submission.commune)} ·{' '}
            {cellLabel(conflict.submission.cell)} – {text(`decision.${conflict.review.decision}`)}:{' '}
            {conflict.problem.sentence}
          </span>
          <a class="button small" href={address(`minh-chung/${conflict.submission.id}`)}>
            {text('conflict.look')}
          </a>
          <button type="button" class="button small" onClick={() => dismiss(conflict)}>
            {text('conflict.read')}
          </button>
        </div>
      ))}
      <div class="outbox-line">
        <output class="outbox-count" data-held={count} data-sent={sentCount.value}>
          {count === 0 ? text('outbox.none') : text('outbox.held', { n: count })}
          {sentCount.value > 0 && ` · ${text('outbox.sent', { n: sentCount.value })}`}
          {isWaiting.value && ` · ${text('outbox.waiting')}`}
        </output>
        {last !== undefined && (
          <button type="button" class="button small" onClick={onUndo}>
            {text('outbox.undo')} <kbd>Z</kbd> <Countdown until={last.sendAt} />
          </button>
        )}
        {count > 0 && (
          <button type="button" class="button small quiet" onClick={() => void sendAll()}>
            {text('outbox.send')}
          </button>
        )}
      </div>
    </footer>
  );
}

function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden="true">{Math.max(0, Math.ceil((until - now) / 1000))} s</span>;
}
