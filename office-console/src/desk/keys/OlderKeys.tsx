// The officer's own keys that the present passphrase did not open: older ones under another passphrase.
// Refuses to close what is open already.

import { useState } from 'preact/hooks';
import type { DeskKey } from '../api/wire.ts';
import { openKeys, wrappedOf } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { SecretField } from '../ui/SecretField.tsx';
import { ask } from '../worker/client.ts';

export function OlderKeys({ keys }: { keys: readonly DeskKey[] }) {
  const [passphrase, setPassphrase] = useState('');
  const [isWrong, setWrong] = useState(false);
  const attempt = useAttempt();
  const submit = (event: Event) => {
    event.preventDefault();
    setWrong(false);
    void attempt.run(async () => {
      const opened = await ask('unlock', { passphrase, keys: wrappedOf(keys) });
      setPassphrase('');
      if (opened.length === 0) setWrong(true);
      openKeys.value = [...openKeys.value, ...opened];
    });
  };
  return (
    <section class="card" aria-labelledby="older">
      <h2 id="older">{text('older.title')}</h2>
      <p>{text('older.what')}</p>
      <form autocomplete="off" onSubmit={submit}>
        <SecretField
          name="older"
          label={text('unlock.passphrase')}
          value={passphrase}
          onInput={setPassphrase}
        />
        {isWrong && <Notice tone="bad">{text('unlock.wrong')}</Notice>}
        {attempt.error !== null && <Failure error={attempt.error} />}
        <button type="submit" class="button" disabled={attempt.isBusy}>
          {text('older.open')}
        </button>
      </form>
    </section>
  );
}
