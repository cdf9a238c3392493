// One thread: what was said and answered, and what can be done with it. Everything here was opened in this browser.
// Refuses to change a state or a category by itself, and to shred without being asked twice.

import { day } from '@minhchung/web-shared/format/format.ts';
import { useMemo, useState } from 'preact/hooks';
import { Modal } from '../../ui/Modal.tsx';
import { change, shred } from '../api/desk.ts';
import { CATEGORIES, type Category, STATES, type Tip, type TipState } from '../api/wire.ts';
import { deskKeys, go } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure } from '../ui/Notice.tsx';
import { categoryWord } from '../ui/words.tsx';
import { beliefs, type Entry, type Officer } from './belief.ts';
import { Compose } from './Compose.tsx';
import { Message } from './Message.tsx';
import { useThread } from './thread.ts';

export function ThreadScreen({ mailbox }: { mailbox: string }) {
  const thread = useThread(mailbox);
  const [isShredding, setShredding] = useState(false);
  const keys = deskKeys.value;
  const officers = useMemo(
    (): Officer[] =>
      (keys ?? []).flatMap(({ verify_key, officer }) =>
        verify_key === null ? [] : [{ verify_key, name: officer?.name ?? '' }],
      ),
    [keys],
  );
  const known = beliefs(thread.entries, officers);
  const isShown = thread.isWhole || thread.entries.length > 0;
  return (
    <section aria-labelledby="thread">
      <div class="screen-head">
        <button type="button" class="button" onClick={() => go({ screen: 'list' })}>
          {text('thread.back')}
        </button>
        <h1 id="thread">{text('thread.title')}</h1>
      </div>
      {thread.error !== null && <Failure error={thread.error} retry={thread.again} />}
      {!isShown && thread.error === null && <p class="loading">{text('loading')}</p>}
      <div class="thread-columns">
        <ol class="messages">
          {thread.entries.map((entry) => (
            <Message key={entry.tip.id} entry={entry} belief={known.get(entry.tip.id) ?? null} />
          ))}
        </ol>
        {thread.entries.length > 0 && (
          <aside class="thread-side" aria-label={text('thread.side')}>
            <Handling entries={thread.entries} changed={thread.changed} />
            {thread.isWhole && (
              <Compose mailbox={mailbox} entries={thread.entries} known={known} onSent={thread.again} />
            )}
            <section class="card">
              <p>{text('thread.purge_on', { day: day(purgeDay(thread.entries)) })}</p>
              <button type="button" class="button reject" onClick={() => setShredding(true)}>
                {text('shred.open')}
              </button>
            </section>
          </aside>
        )}
      </div>
      {isShredding && <ShredDialog entries={thread.entries} onClose={() => setShredding(false)} />}
    </section>
  );
}

const purgeDay = (entries: readonly Entry[]) => entries.map((entry) => entry.tip.purge_on).sort()[0] ?? '';

function Handling({
  entries,
  changed,
}: {
  entries: readonly Entry[];
  changed: (tips: readonly Tip[]) => void;
}) {
  const attempt = useAttempt();
  const told = entries.filter((entry) => entry.tip.channel !== 'desk_note');
  const [first] = told.length === 0 ? entries : told;
  const common = (state: TipState) => entries.every((entry) => entry.tip.state === state);
  const setState = (state: TipState) =>
    void attempt.run(async () => {
      for (const { tip } of entries) if (tip.state !== state) changed([await change(tip.id, { state })]);
    });
  const setCategory = (category: Category | null) =>
    void attempt.run(async () => {
      if (first !== undefined) changed([await change(first.tip.id, { category })]);
    });
  return (
    <section class="card" aria-labelledby="handling">
      <h2 id="handling">{text('handling.title')}</h2>
      <fieldset class="state-buttons" disabled={attempt.isBusy}>
        <legend>{text('handling.state')}</legend>
        {STATES.map((state) => (
          <button
            key={state}
            type="button"
            class="button small"
            aria-pressed={common(state)}
            onClick={() => setState(state)}
          >
            {text(`state.${state}`)}
          </button>
        ))}
      </fieldset>
      <p class="hint">{text('handling.retention')}</p>
      <label class="field">
        <span>{text('handling.category')}</span>
        <select
          name="category"
          disabled={attempt.isBusy}
          value={first?.tip.category ?? ''}
          onChange={(event) =>
            setCategory(CATEGORIES.find((each) => each === event.currentTarget.value) ?? null)
          }
        >
          <option value="">{text('category.none')}</option>
          {CATEGORIES.map((each) => (
            <option key={each} value={each}>
              {categoryWord(each)}
            </option>
          ))}
        </select>
      </label>
      {attempt.error !== null && <Failure error={attempt.error} />}
    </section>
  );
}

function ShredDialog({ entries, onClose }: { entries: readonly Entry[]; onClose: () => void }) {
  const [isSure, setSure] = useState(false);
  const [gone, setGone] = useState<readonly string[]>([]);
  const attempt = useAttempt();
  const shredAll = async () => {
    for (const { tip } of entries) {
      if (gone.includes(tip.id)) continue;
      await shred(tip.id);
      setGone((before) => [...before, tip.id]);
    }
    go({ screen: 'list' });
  };
  return (
    <Modal title={text('shred.title')} closeWord={text('action.close')} onClose={onClose}>
      <p>{text('shred.what', { n: entries.length })}</p>
      <label class="check-field">
        <input
          type="checkbox"
          name="sure"
          checked={isSure}
          onChange={(event) => setSure(event.currentTarget.checked)}
        />
        <span>{text('shred.sure')}</span>
      </label>
      {attempt.error !== null && <Failure error={attempt.error} />}
      <div class="actions dialog-actions">
        <button
          type="button"
          class="button reject"
          disabled={!isSure || attempt.isBusy}
          onClick={() => void attempt.run(shredAll)}
        >
          {text('shred.do')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {text('action.cancel')}
        </button>
      </div>
    </Modal>
  );
}
