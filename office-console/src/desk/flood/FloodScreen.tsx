// When very much comes at once: how it stands, how hard a message has to be, and throwing away by day, state and size.
// Refuses to throw anything away without a condition and a second yes.

import { useEffect, useState } from 'preact/hooks';
import { Modal } from '../../ui/Modal.tsx';
import { flood as askFlood, purge, setLeastLevel } from '../api/desk.ts';
import { type Flood, type Purge, SIZES, STATES } from '../api/wire.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { purgeWords } from './purge.ts';

const LEVELS = [0, 1, 2, 3, 4, 5, 6] as const;

export function FloodScreen() {
  const [flood, setFlood] = useState<Flood | null>(null);
  const attempt = useAttempt();
  const read = () => void attempt.run(async () => setFlood(await askFlood()));
  useEffect(read, []);
  return (
    <section aria-labelledby="flood">
      <div class="screen-head">
        <h1 id="flood">{text('flood.title')}</h1>
        <button type="button" class="button" onClick={read}>
          {text('list.again')}
        </button>
      </div>
      {attempt.error !== null && <Failure error={attempt.error} retry={read} />}
      {flood === null && attempt.error === null && <p class="loading">{text('loading')}</p>}
      <div class="two-columns">
        {flood !== null && (
          <section class="card" aria-labelledby="level">
            <h2 id="level">{text('flood.now')}</h2>
            <dl class="facts-list">
              <dt>{text('flood.last_hour')}</dt>
              <dd>{text(`flood.${flood.received_last_hour}`)}</dd>
              <dt>{text('flood.quota')}</dt>
              <dd>{text('flood.percent', { n: flood.quota_used_percent })}</dd>
              <dt>{text('flood.level')}</dt>
              <dd>{text('flood.level_is', { n: flood.level })}</dd>
            </dl>
            <label class="field">
              <span>{text('flood.least')}</span>
              <select
                name="least"
                value={String(flood.least_level)}
                disabled={attempt.isBusy}
                onChange={(event) => {
                  const level = Number(event.currentTarget.value);
                  void attempt.run(async () => setFlood(await setLeastLevel(level)));
                }}
              >
                {LEVELS.map((level) => (
                  <option key={level} value={String(level)}>
                    {text(`flood.level_${level}`)}
                  </option>
                ))}
              </select>
            </label>
            <p class="hint">{text('flood.least_hint')}</p>
          </section>
        )}
        <PurgeForm onDone={read} />
      </div>
    </section>
  );
}

function PurgeForm({ onDone }: { onDone: () => void }) {
  const [which, setWhich] = useState<Purge>({});
  const [isAsking, setAsking] = useState(false);
  const [shredded, setShredded] = useState<number | null>(null);
  const attempt = useAttempt();
  const set = (name: keyof Purge, value: string) => {
    setShredded(null);
    const kept = Object.entries({ ...which, [name]: value }).filter(([, each]) => each !== '');
    setWhich(Object.fromEntries(kept));
  };
  const isEmpty = Object.keys(which).length === 0;
  const run = async () => {
    const answer = await purge(which);
    setShredded(answer.shredded);
    setWhich({});
    setAsking(false);
    onDone();
  };
  return (
    <section class="card" aria-labelledby="purge">
      <h2 id="purge">{text('purge.title')}</h2>
      <p>{text('purge.what')}</p>
      <label class="field">
        <span>{text('purge.state')}</span>
        <select
          name="state"
          value={which.state ?? ''}
          onChange={(event) => set('state', event.currentTarget.value)}
        >
          <option value="">{text('purge.any')}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {text(`state.${state}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>{text('purge.day')}</span>
        <input
          name="day"
          type="date"
          value={which.received_on ?? ''}
          onInput={(event) => set('received_on', event.currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>{text('purge.size')}</span>
        <select
          name="size"
          value={which.size ?? ''}
          onChange={(event) => set('size', event.currentTarget.value)}
        >
          <option value="">{text('purge.any')}</option>
          {SIZES.map((size) => (
            <option key={size} value={size}>
              {text(`size.${size}`)}
            </option>
          ))}
        </select>
      </label>
      {shredded !== null && <Notice tone="good">{text('purge.done', { n: shredded })}</Notice>}
      <button type="button" class="button reject" disabled={isEmpty} onClick={() => setAsking(true)}>
        {text('purge.open')}
      </button>
      {isAsking && (
        <Modal title={text('purge.title')} closeWord={text('action.close')} onClose={() => setAsking(false)}>
          <p>{text('purge.ask', { which: purgeWords(which) })}</p>
          <p>{text('purge.for_good')}</p>
          {attempt.error !== null && <Failure error={attempt.error} />}
          <div class="actions">
            <button
              type="button"
              class="button reject"
              disabled={attempt.isBusy}
              onClick={() => void attempt.run(run)}
            >
              {text('purge.do')}
            </button>
            <button type="button" class="button" onClick={() => setAsking(false)}>
              {text('action.cancel')}
            </button>
          </div>
        </Modal>
      )}
    </section>
  );
}
