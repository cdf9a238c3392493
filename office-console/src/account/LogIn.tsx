// The door: user name, password, and the one-time code when the account has one.
// Refuses to keep the password anywhere but in the field.

import { useState } from 'preact/hooks';
import { Problem } from '../api/office.ts';
import { logIn } from '../api/session.ts';
import { text } from '../text/text.ts';
import { LanguageButton } from '../ui/LanguageButton.tsx';
import { Failure } from '../ui/Notice.tsx';

export function LogIn() {
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
      setError(isCodeWanted && !wantsCode ? null : failure);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="door">
      <form class="card door-card" onSubmit={(event) => void submit(event)}>
        <h1>Minh chứng</h1>
        <p class="hint">{text('login.office')}</p>
        <label class="field">
          <span>{text('login.username')}</span>
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={username}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{text('login.password')}</span>
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        {wantsCode && (
          <label class="field">
            <span>{text('login.code')}</span>
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
          {text('login.enter')}
        </button>
        <div class="door-foot">
          <LanguageButton />
        </div>
      </form>
    </main>
  );
}
