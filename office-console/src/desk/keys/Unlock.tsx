// The desk is locked: the passphrase opens the officer's keys in a fresh worker.
// Refuses to say more of a wrong passphrase than that it is wrong.

import { useState } from 'preact/hooks';
import { hasOwnActive, openKeys, ownKeys, wrappedOf } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { SecretField } from '../ui/SecretField.tsx';
import { ask } from '../worker/client.ts';
import { MakeKey } from './MakeKey.tsx';

export function Unlock() {
  const [passphrase, setPassphrase] = useState('');
  const [isWrong, setWrong] = useState(false);
  const [isMaking, setMaking] = useState(false);
  const attempt = useAttempt();
  const submit = (event: Event) => {
    event.preventDefault();
    setWrong(false);
    void attempt.run(async () => {
      const opened = await ask('unlock', { passphrase, keys: wrappedOf(ownKeys.value) });
      setPassphrase('');
      if (opened.length === 0) setWrong(true);
      openKeys.value = opened;
    });
  };
  if (isMaking && !hasOwnActive.value) return <MakeKey />;
  return (
    <section class="card narrow-card" aria-labelledby="unlock">
      <h1 id="unlock">{text('unlock.title')}</h1>
      <p>{text('unlock.what')}</p>
      <form autocomplete="off" onSubmit={submit}>
        <SecretField
          name="passphrase"
          label={text('unlock.passphrase')}
          value={passphrase}
          onInput={setPassphrase}
        />
        {isWrong && <Notice tone="bad">{text('unlock.wrong')}</Notice>}
        {attempt.error !== null && <Failure error={attempt.error} />}
        <button type="submit" class="button main" disabled={attempt.isBusy}>
          {text(attempt.isBusy ? 'unlock.busy' : 'unlock.open')}
        </button>
      </form>
      {hasOwnActive.value ? (
        <p class="hint">{text('unlock.forgot')}</p>
      ) : (
        <Notice tone="warn">
          {text('unlock.retired')}{' '}
          <button type="button" class="button small" onClick={() => setMaking(true)}>
            {text('unlock.make')}
          </button>
        </Notice>
      )}
    </section>
  );
}
