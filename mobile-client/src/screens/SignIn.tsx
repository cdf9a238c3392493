// How a phone joins: by the link, by scanning, or by typing the twelve digits. A password works for those who have one.
// Refuses to forget what waits on the phone: coming back as the same person goes on sending it.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { useState } from 'preact/hooks';
import { enrol, logIn, session } from '../api/session.ts';
import { locked, setLock } from '../app/lock.ts';
import { enrolmentCode, replace } from '../app/router.ts';
import { readStore, unsentPictures } from '../app/state.ts';
import { hurryUp } from '../app/sync.ts';
import { t } from '../text/dictionary.ts';
import { InsideAnotherApp } from '../ui/Banners.tsx';
import { Languages } from '../ui/Languages.tsx';
import { lazy } from '../ui/lazy.tsx';
import { MainButton, Notice, Screen, SideButton } from '../ui/parts.tsx';

const Scanner = lazy<{ onCode: (code: string) => void }>(() =>
  import('../ui/Scanner.tsx').then((file) => file.Scanner),
);

/** What the list of devices shows when nobody says more. */
function guessedName(): string {
  const model = /Android[^;]*; ([^;)]+)/.exec(navigator.userAgent)?.[1]?.trim() ?? '';
  return model.length > 2 && model !== 'K' ? model : t('enter.device-default');
}

function grouped(digits: string): string {
  return digits
    .replace(/\D/g, '')
    .slice(0, 12)
    .replace(/(\d{4})(?=\d)/g, '$1 ');
}

function troubleWords(error: unknown): string {
  if (error instanceof Problem) return error.sentence;
  if (error instanceof NoAnswer) return t('enter.no-network');
  throw error;
}

export function SignIn({ code: linked }: { readonly code: string | null }) {
  const [way, setWay] = useState<'code' | 'scan' | 'password'>('code');
  const [code, setCode] = useState(grouped(linked ?? ''));
  const [name, setName] = useState(guessedName());
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);

  const enter = async (how: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setTrouble('');
    try {
      await how();
      // At once: whoever goes on from the list while the rest is done stays where they went.
      replace({ at: 'places' });
      // Whoever forgot the digits of the lock comes in by a new code.
      if (locked.value) await setLock(null);
      locked.value = false;
      await readStore();
      if ('storage' in navigator) await navigator.storage.persist();
      hurryUp();
    } catch (error) {
      setTrouble(troubleWords(error));
    } finally {
      setBusy(false);
    }
  };
  const complete = code.replace(/\D/g, '').length === 12;
  const canScan = 'BarcodeDetector' in globalThis;

  return (
    <Screen title={t('enter.title')} name="sign-in" isStart={session.value === null}>
      <InsideAnotherApp />
      {unsentPictures.value > 0 && (
        <Notice tone="calm">{t('session.over-unsent', { n: unsentPictures.value })}</Notice>
      )}
      {trouble !== '' && (
        <Notice tone="late">
          <p role="alert">{trouble}</p>
        </Notice>
      )}
      {way === 'scan' && (
        <Scanner
          onCode={(text) => {
            const found = enrolmentCode(text) ?? text.replace(/\D/g, '');
            if (found.length !== 12) return;
            setCode(grouped(found));
            setWay('code');
          }}
        />
      )}
      {way === 'password' ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void enter(() => logIn(username.trim(), password, name));
          }}
        >
          <label class="field">
            {t('enter.username')}
            <input
              type="text"
              autocomplete="username"
              autocapitalize="none"
              value={username}
              onInput={(event) => setUsername(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            {t('enter.password')}
            <input
              type="password"
              autocomplete="current-password"
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          </label>
          <div class="bottom">
            <MainButton type="submit" disabled={busy || username.trim() === '' || password === ''}>
              {busy ? t('enter.busy') : t('enter.go')}
            </MainButton>
            <SideButton onClick={() => setWay('code')}>{t('enter.by-code')}</SideButton>
          </div>
        </form>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void enter(() =>
              enrol(code.replace(/\D/g, ''), name.trim() === '' ? guessedName() : name.trim()),
            );
          }}
        >
          <p>{t('enter.how')}</p>
          <label class="field">
            {t('enter.code')}
            <input
              class="digits"
              type="text"
              inputMode="numeric"
              autocomplete="one-time-code"
              placeholder="0000 0000 0000"
              value={code}
              onInput={(event) => setCode(grouped(event.currentTarget.value))}
            />
          </label>
          <label class="field">
            {t('enter.device')}
            <input
              type="text"
              maxLength={60}
              autocomplete="off"
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
          <div class="bottom">
            <MainButton type="submit" disabled={busy || !complete}>
              {busy ? t('enter.busy') : t('enter.go')}
            </MainButton>
            {canScan && way === 'code' && (
              <SideButton onClick={() => setWay('scan')}>{t('enter.scan')}</SideButton>
            )}
            <SideButton onClick={() => setWay('password')}>{t('enter.by-password')}</SideButton>
          </div>
        </form>
      )}
      <Languages />
    </Screen>
  );
}
