// What came by telephone, letter or messenger, written down by an officer and sealed in this browser like any other.
// Refuses to keep a word once it is sealed, and to show a receipt twice.

import { civilDay } from '@minhchung/web-shared/format/format.ts';
import { useState } from 'preact/hooks';
import { put } from '../api/desk.ts';
import { CATEGORIES, type Category, TOLD_CHANNELS, type ToldChannel } from '../api/wire.ts';
import { communes, titleOf } from '../app/communes.ts';
import { readers } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure } from '../ui/Notice.tsx';
import { categoryWord, channelWord } from '../ui/words.tsx';
import { ask } from '../worker/client.ts';
import { ReceiptCard } from './ReceiptCard.tsx';

interface Sealed {
  readonly frame: Uint8Array<ArrayBuffer>;
  readonly receipt: string;
}

export function RegisterScreen() {
  const [channel, setChannel] = useState<ToldChannel>('hotline');
  const [words, setWords] = useState('');
  const [category, setCategory] = useState<Category | null>(null);
  const [commune, setCommune] = useState('');
  const [known, setKnown] = useState('');
  const [sealed, setSealed] = useState<Sealed | null>(null);
  const [receipt, setReceipt] = useState<string | null>(null);
  const attempt = useAttempt();
  /** Any change is another box. */
  const changing =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value);
      setSealed(null);
    };

  async function register(): Promise<void> {
    const told = {
      text: words,
      category,
      commune: commune === '' ? null : commune,
      today: civilDay(Date.now()),
      receipt: known.trim() === '' ? null : known,
    };
    const ready = sealed ?? (await ask('told', { told, readers: readers() }));
    setSealed(ready);
    await put(channel, ready.frame);
    setSealed(null);
    setWords('');
    setKnown('');
    setCategory(null);
    setCommune('');
    setReceipt(ready.receipt);
  }
  const submit = (event: Event) => {
    event.preventDefault();
    void attempt.run(register);
  };
  if (receipt !== null) return <ReceiptCard receipt={receipt} onDone={() => setReceipt(null)} />;
  return (
    <section class="card narrow-card" aria-labelledby="register">
      <h1 id="register">{text('register.title')}</h1>
      <p>{text('register.what')}</p>
      <form autocomplete="off" onSubmit={submit}>
        <label class="field">
          <span>{text('register.channel')}</span>
          <select
            name="channel"
            value={channel}
            onChange={(event) => {
              const chosen = TOLD_CHANNELS.find((each) => each === event.currentTarget.value);
              if (chosen !== undefined) changing(setChannel)(chosen);
            }}
          >
            {TOLD_CHANNELS.map((each) => (
              <option key={each} value={each}>
                {channelWord(each)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text('register.words')}</span>
          <textarea
            name="words"
            rows={9}
            required
            autocomplete="off"
            spellcheck={false}
            value={words}
            onInput={(event) => changing(setWords)(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{text('register.category')}</span>
          <select
            name="category"
            value={category ?? ''}
            onChange={(event) =>
              changing(setCategory)(CATEGORIES.find((each) => each === event.currentTarget.value) ?? null)
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
        <label class="field">
          <span>{text('register.commune')}</span>
          <select
            name="commune"
            value={commune}
            onChange={(event) => changing(setCommune)(event.currentTarget.value)}
          >
            <option value="">{text('register.no_commune')}</option>
            {communes.value.map((each) => (
              <option key={each.code} value={each.code}>
                {titleOf(each)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{text('register.known')}</span>
          <input
            name="known"
            inputMode="numeric"
            autocomplete="off"
            spellcheck={false}
            value={known}
            onInput={(event) => changing(setKnown)(event.currentTarget.value)}
          />
        </label>
        <p class="hint">{text('register.known_hint')}</p>
        {attempt.error !== null && <Failure error={attempt.error} />}
        <button type="submit" class="button main" disabled={attempt.isBusy || words.trim() === ''}>
          {text(attempt.isBusy ? 'register.busy' : 'register.seal')}
        </button>
      </form>
    </section>
  );
}
