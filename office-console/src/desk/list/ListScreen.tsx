// What came, newest day first, the boxes of one mailbox as one row: day, state, size, channel, never a word of it.
// Refuses to open anything by itself.

import { day } from '@minhchung/web-shared/format/format.ts';
import { signal } from '@preact/signals';
import { usePages } from '../../ui/pages.ts';
import { tips } from '../api/desk.ts';
import { STATES, type TipState } from '../api/wire.ts';
import { go } from '../app/desk.ts';
import { listTurn, readListAgain } from '../app/news.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import { categoryWord, channelWord, TipStateBadge } from '../ui/words.tsx';
import { type Thread, threadsOf } from './threads.ts';

/** Kept while another screen is open, so that the way back leads to the same list. */
const wanted = signal<TipState | ''>('');

export function ListScreen() {
  const state = wanted.value;
  const pages = usePages(`${state} ${listTurn.value}`, (after) => tips(state, after));
  const threads = threadsOf(pages.items);
  return (
    <section aria-labelledby="list">
      <div class="screen-head">
        <h1 id="list">{text('list.title')}</h1>
        <div class="actions">
          <label class="field-inline">
            <span>{text('list.state')}</span>
            <select
              name="state"
              value={state}
              onChange={(event) => {
                wanted.value = event.currentTarget.value as TipState | '';
              }}
            >
              <option value="">{text('list.all')}</option>
              {STATES.map((each) => (
                <option key={each} value={each}>
                  {text(`state.${each}`)}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="button" onClick={readListAgain}>
            {text('list.again')}
          </button>
        </div>
      </div>
      {pages.error !== null && <Failure error={pages.error} retry={pages.again} />}
      {threads.length > 0 && <ThreadTable threads={threads} />}
      {threads.length === 0 && pages.isWhole && <p class="empty">{text('list.empty')}</p>}
      {pages.isLoading && <p class="loading">{text('loading')}</p>}
      {!pages.isWhole && !pages.isLoading && (
        <button type="button" class="button" onClick={pages.more}>
          {text('list.more')}
        </button>
      )}
    </section>
  );
}

function ThreadTable({ threads }: { threads: readonly Thread[] }) {
  return (
    <div class="table-box">
      <table class="table tip-table">
        <caption class="visually-hidden">{text('list.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{text('list.day')}</th>
            <th scope="col">{text('list.state')}</th>
            <th scope="col">{text('list.size')}</th>
            <th scope="col">{text('list.channel')}</th>
            <th scope="col">{text('list.category')}</th>
            <th scope="col" class="only-wide">
              {text('list.replies')}
            </th>
            <th scope="col" class="only-wide">
              {text('list.purge_on')}
            </th>
            <th scope="col">{text('list.open')}</th>
          </tr>
        </thead>
        <tbody>
          {threads.map((thread) => (
            <ThreadRow key={thread.mailbox} thread={thread} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ThreadRow({ thread }: { thread: Thread }) {
  const count = thread.tips.length;
  const told = thread.channels.filter((channel) => channel !== 'desk_note');
  // What was told may be shredded while the desk's notes about it are still there.
  const channels = told.length === 0 ? thread.channels : told;
  return (
    <tr data-thread={thread.mailbox} class={thread.state === 'new' ? 'row-new' : undefined}>
      <th scope="row">{day(thread.newest)}</th>
      <td>
        <TipStateBadge state={thread.state} />
      </td>
      <td>
        {text(`size.${thread.size}`)}
        {count > 1 && <span class="thread-count">{text('list.count', { n: count })}</span>}
      </td>
      <td>{channels.map(channelWord).join(', ')}</td>
      <td>{categoryWord(thread.category)}</td>
      <td class="only-wide figure">{thread.replies}</td>
      <td class="only-wide">{day(thread.purgeOn)}</td>
      <td>
        <button
          type="button"
          class="button small"
          aria-label={text('list.open_that', {
            day: day(thread.newest),
            state: text(`state.${thread.state}`),
          })}
          onClick={() => go({ screen: 'thread', mailbox: thread.mailbox })}
        >
          {text('list.open')}
        </button>
      </td>
    </tr>
  );
}
