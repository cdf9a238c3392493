// An answer to the person, or a note for the desk. An answer is sealed to the person alone, so a copy goes into the thread.
// Refuses an answer that the person's client would not show, and says why. A repeated try sends the same bytes.

import { Problem } from '@minhchung/web-shared/api/problem.ts';
import { civilDay, clock } from '@minhchung/web-shared/format/format.ts';
import { useState } from 'preact/hooks';
import { change, put, reply } from '../api/desk.ts';
import { NOTE_CHANNEL, type TipState } from '../api/wire.ts';
import { hasOwnActive, openKeys, ownKeys, readers } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { ask } from '../worker/client.ts';
import { answerable, type Belief, type Entry } from './belief.ts';
import { bytesOf, REPLY_MAX_BYTES, roomWords } from './room.ts';

type Kind = 'answer' | 'note';
/** What is sealed already and not yet acknowledged. */
interface Sealed {
  /** The answer's, inside its signature. */
  readonly number: number;
  readonly answer: Uint8Array<ArrayBuffer> | null;
  readonly copy: Uint8Array<ArrayBuffer>;
}

/** A note goes when its thread goes, and is no news. */
function stateForNote(entries: readonly Entry[]): TipState {
  const told = entries.find((entry) => entry.tip.channel !== NOTE_CHANNEL);
  return told === undefined || told.tip.state === 'new' ? 'open' : told.tip.state;
}

export function Compose({
  mailbox,
  entries,
  known,
  onSent,
}: {
  mailbox: string;
  entries: readonly Entry[];
  known: ReadonlyMap<string, Belief>;
  onSent: () => void;
}) {
  const to = answerable(entries, known);
  const [kind, setKind] = useState<Kind>('not' in to ? 'note' : 'answer');
  const [words, setWords] = useState('');
  const [sealed, setSealed] = useState<Sealed | null>(null);
  const [sent, setSent] = useState<Kind | null>(null);
  const attempt = useAttempt();
  const room = REPLY_MAX_BYTES - bytesOf(words);
  const noteSigner = ownKeys.value.find(
    (key) => key.retired_on === null && openKeys.value.includes(key.id),
  )?.id;

  const write = (next: string) => {
    setWords(next);
    setSealed(null);
    setSent(null);
  };
  const choose = (next: Kind) => {
    setKind(next);
    setSealed(null);
    setSent(null);
  };
  async function seal(): Promise<Sealed> {
    const now = Date.now();
    const signer = kind === 'answer' && !('not' in to) ? to.signer : noteSigner;
    if (signer === undefined) throw new Error('no key to sign with');
    const today = civilDay(now);
    const time = clock(now);
    const heading =
      kind === 'answer' && !('not' in to)
        ? text('compose.copy', { n: to.number, time })
        : text('compose.noted', { time });
    const copy = await ask('note', {
      mailbox,
      signer,
      text: `${heading}\n${words}`,
      today,
      readers: readers(),
    });
    if (kind === 'note' || 'not' in to) return { number: 0, answer: null, copy };
    const { number, replyKey } = to;
    const said = { number, writtenOn: today, text: words };
    return { number, answer: await ask('answer', { mailbox, replyKey, signer, answer: said }), copy };
  }
  async function send(): Promise<void> {
    const ready = sealed ?? (await seal());
    setSealed(ready);
    if (ready.answer !== null && !('not' in to)) {
      try {
        await reply(to.tip, ready.number, ready.answer);
      } catch (error) {
        // A colleague answered meanwhile: what was said is read first, and this is sealed anew under the next number.
        if (error instanceof Problem && error.status === 409) {
          setSealed(null);
          onSent();
        }
        throw error;
      }
    }
    const note = await put(NOTE_CHANNEL, ready.copy);
    const state = stateForNote(entries);
    if (note.state !== state) await change(note.id, { state });
    setSealed(null);
    setWords('');
    setSent(kind);
    onSent();
  }
  const submit = (event: Event) => {
    event.preventDefault();
    if (room >= 0 && words.trim() !== '') void attempt.run(send);
  };
  const isAnswerable = !('not' in to);
  const canSend = kind === 'answer' ? isAnswerable : noteSigner !== undefined;
  return (
    <section class="card" aria-labelledby="compose">
      <h2 id="compose">{text('compose.title')}</h2>
      {!isAnswerable && <Notice tone="warn">{text(`answer.${to.not}`)}</Notice>}
      <form autocomplete="off" onSubmit={submit}>
        <fieldset class="choices">
          <legend class="visually-hidden">{text('compose.kind')}</legend>
          {(['answer', 'note'] as const).map((each) => (
            <label key={each} class="check-field">
              <input
                type="radio"
                name="kind"
                value={each}
                checked={kind === each}
                disabled={each === 'answer' ? !isAnswerable : !hasOwnActive.value}
                onChange={() => choose(each)}
              />
              <span>{text(`compose.${each}`)}</span>
            </label>
          ))}
        </fieldset>
        <label class="field">
          <span>{text(`compose.${kind}_words`)}</span>
          <textarea
            name="words"
            rows={7}
            autocomplete="off"
            spellcheck={false}
            disabled={!canSend}
            aria-describedby="compose-room"
            value={words}
            onInput={(event) => write(event.currentTarget.value)}
          />
        </label>
        <p id="compose-room" class={room < 0 ? 'wrong' : 'hint'} role="status">
          {roomWords(room)}
        </p>
        {attempt.error !== null && <Failure error={attempt.error} />}
        {sent !== null && <Notice tone="good">{text(`compose.sent_${sent}`)}</Notice>}
        <button
          type="submit"
          class="button main"
          disabled={attempt.isBusy || !canSend || room < 0 || words.trim() === ''}
        >
          {text(`compose.send_${kind}`)}
        </button>
      </form>
    </section>
  );
}
