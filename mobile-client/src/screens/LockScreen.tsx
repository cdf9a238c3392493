// Asks for the four digits.
// Refuses to lock anybody out for good: a new code from the officer opens it too.

import { useState } from 'preact/hooks';
import { barredForS, unlock } from '../app/lock.ts';
import { t } from '../text/dictionary.ts';
import { MainButton, SideButton } from '../ui/parts.tsx';

export function LockScreen({ forgotten }: { readonly forgotten: () => void }) {
  const [digits, setDigits] = useState('');
  const [trouble, setTrouble] = useState('');
  const attempt = async (): Promise<void> => {
    const wait = barredForS(Date.now());
    if (wait > 0) {
      setTrouble(t('lock.wait', { n: wait }));
      return;
    }
    if (!(await unlock(digits))) setTrouble(t('lock.wrong'));
    setDigits('');
  };
  return (
    <main class="screen screen-lock">
      <h1>{t('lock.locked')}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void attempt();
        }}
      >
        <label class="field">
          {t('lock.enter')}
          <input
            class="digits"
            type="password"
            inputMode="numeric"
            autocomplete="off"
            maxLength={4}
            value={digits}
            onInput={(event) => setDigits(event.currentTarget.value.replace(/\D/g, ''))}
          />
        </label>
        <p role="alert">{trouble}</p>
        <div class="bottom">
          <MainButton type="submit" disabled={digits.length !== 4}>
            {t('lock.open')}
          </MainButton>
          <SideButton onClick={forgotten}>{t('lock.forgotten')}</SideButton>
        </div>
      </form>
    </main>
  );
}
