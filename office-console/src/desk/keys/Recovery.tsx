// The recovery key, typed in from its paper: it opens what no officer's key opens any more.
// Refuses a key whose public half is not the desk's; it goes to the worker and nowhere else.

import { useState } from 'preact/hooks';
import type { DeskKey } from '../api/wire.ts';
import { openKeys } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { SecretField } from '../ui/SecretField.tsx';
import { ask } from '../worker/client.ts';
import { RECOVERY } from '../worker/messages.ts';

export function Recovery({ recovery }: { recovery: DeskKey }) {
  const [seed, setSeed] = useState('');
  const [isWrong, setWrong] = useState(false);
  const attempt = useAttempt();
  const isOpen = openKeys.value.includes(RECOVERY);
  const submit = (event: Event) => {
    event.preventDefault();
    setWrong(false);
    void attempt.run(async () => {
      const isRight = await ask('recover', { seed, sealKey: recovery.seal_key });
      setSeed('');
      setWrong(!isRight);
      if (isRight) openKeys.value = [...openKeys.value, RECOVERY];
    });
  };
  return (
    <section class="card" aria-labelledby="recovery">
      <h2 id="recovery">{text('recovery.title')}</h2>
      <p>{text('recovery.what')}</p>
      {isOpen ? (
        <Notice tone="good">{text('recovery.open')}</Notice>
      ) : (
        <form autocomplete="off" onSubmit={submit}>
          <SecretField
            name="recovery"
            label={text('recovery.seed')}
            hint={text('recovery.hint')}
            value={seed}
            onInput={setSeed}
          />
          {isWrong && <Notice tone="bad">{text('recovery.wrong')}</Notice>}
          {attempt.error !== null && <Failure error={attempt.error} />}
          <button type="submit" class="button" disabled={attempt.isBusy}>
            {text('recovery.do')}
          </button>
        </form>
      )}
    </section>
  );
}
