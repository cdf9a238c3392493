// The officer's key is made here, in the browser, under a passphrase that is typed twice.
// Refuses a passphrase that can be guessed, and says in words how good it is.

import { useState } from 'preact/hooks';
import { addKey } from '../api/desk.ts';
import { me } from '../api/session.ts';
import { deskKeys, justMade, listed, loadKeys, openKeys } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { SecretField } from '../ui/SecretField.tsx';
import { ask } from '../worker/client.ts';
import { isEnough, type Strength, strengthOf } from './strength.ts';
import { suggestion } from './suggestion.ts';

const TONES = { too_short: 'bad', weak: 'bad', fair: 'warn', strong: 'good' } as const;

export function MakeKey() {
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [suggested, setSuggested] = useState('');
  const attempt = useAttempt();
  const strength: Strength =
    suggested !== '' && passphrase === suggested ? 'strong' : strengthOf(passphrase, [me.value?.name ?? '']);
  const isSame = passphrase.normalize('NFC') === again.normalize('NFC');

  async function make(): Promise<void> {
    const made = await ask('make', { passphrase });
    const kept = await addKey(made);
    // False when the desk was locked meanwhile: the key is kept, and its passphrase opens it.
    const isNamed = await ask('name', { sealKey: made.seal_key, id: kept.id });
    if (!isNamed) return loadKeys();
    const shown = await listed([kept]);
    deskKeys.value = [...(deskKeys.value ?? []), ...shown];
    openKeys.value = [...openKeys.value, kept.id];
    justMade.value = shown[0] ?? null;
  }
  const submit = (event: Event) => {
    event.preventDefault();
    if (isEnough(strength) && isSame) void attempt.run(make);
  };
  return (
    <section class="card narrow-card" aria-labelledby="make-key">
      <h1 id="make-key">{text('make.title')}</h1>
      <p>{text('make.why')}</p>
      <ul class="plain-list">
        <li>{text('make.never')}</li>
        <li>{text('make.forgot')}</li>
        <li>{text('make.from_now')}</li>
      </ul>
      <form autocomplete="off" onSubmit={submit}>
        <SecretField
          name="passphrase"
          label={text('make.passphrase')}
          hint={text('make.hint')}
          value={passphrase}
          onInput={setPassphrase}
        />
        {passphrase !== '' && (
          <div class={`strength strength-${TONES[strength]}`} role="status">
            {text(`strength.${strength}`)}
          </div>
        )}
        <p>
          <button type="button" class="button" onClick={() => setSuggested(suggestion())}>
            {text('make.suggest')}
          </button>
        </p>
        {suggested !== '' && (
          <div class="suggested">
            <p>{text('make.suggested')}</p>
            <p class="suggested-words">{suggested}</p>
          </div>
        )}
        <SecretField name="again" label={text('make.again')} value={again} onInput={setAgain} />
        {again !== '' && !isSame && <Notice tone="warn">{text('make.differs')}</Notice>}
        {attempt.error !== null && <Failure error={attempt.error} />}
        <button type="submit" class="button main" disabled={attempt.isBusy || !isSame || !isEnough(strength)}>
          {text(attempt.isBusy ? 'make.busy' : 'make.make')}
        </button>
      </form>
    </section>
  );
}
