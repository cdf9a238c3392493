// The desk's own door: user name, password, one-time code. It says who this is for and nothing about what lies behind.
// Refuses to keep the password anywhere but in the field.

import { Problem } from '@minhchung/web-shared/api/problem.ts';
import { useState } from 'preact/hooks';
import { logIn } from '../api/session.ts';
import { LanguageButton } from '../app/Head.tsx';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';

export function Door() {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [wantsCode, setWantsCode] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await logIn(username.trim(), password, code.trim());
    } catch (failure) {
      const isCodeWanted = failure instanceof Problem && failure.code === 'totp-required';
      if (isCodeWanted) setWantsCode(true);
      setCode('');
      setError(isCodeWanted && !wantsCode ? null : failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="door">
      <form class="card door-card" autocomplete="off" onSubmit={(event) => void submit(event)}>
        <h1>{text('app.title')}</h1>
        <p class="hint">{text('door.for_whom')}</p>
        <label class="field">
          <span>{text('door.username')}</span>
          <input
            name="username"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            value={username}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{text('door.password')}</span>
          <input
            name="password"
            type="password"
            autocomplete="off"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {wantsCode && (
          <label class="field">
            <span>{text('door.code')}</span>
            <input
              name="totp"
              inputMode="numeric"
              autocomplete="one-time-code"
              required
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          </label>
        )}
        {error !== null && <Failure error={error} />}
        <button type="submit" class="button main" disabled={isBusy}>
          {text('door.enter')}
        </button>
        <div class="door-foot">
          <LanguageButton />
        </div>
      </form>
    </main>
  );
}
