// Language, sending, the lock, and leaving.
// Refuses to log out over unsent evidence without saying what becomes of it.

import { useEffect, useState } from 'preact/hooks';
import { logOut, session } from '../api/session.ts';
import { setLock } from '../app/lock.ts';
import { replace } from '../app/router.ts';
import { changeSettings, draftPictures, settings, stuck, unsentPictures } from '../app/state.ts';
import { send, tellsNetwork } from '../app/sync.ts';
import { t } from '../text/dictionary.ts';
import { Languages } from '../ui/Languages.tsx';
import { MainButton, Notice, Screen, SideButton } from '../ui/parts.tsx';

interface SwitchProps {
  readonly label: string;
  readonly hint: string;
  readonly on: boolean;
  readonly change: (on: boolean) => void;
}

function Switch({ label, hint, on, change }: SwitchProps) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => change(event.currentTarget.checked)} />
      <span>
        <strong>{label}</strong> – {on ? t('settings.on') : t('settings.off')}
        <span class="hint">{hint}</span>
      </span>
    </label>
  );
}

function Lock() {
  const [digits, setDigits] = useState('');
  const isOn = settings.value.lock !== null;
  if (isOn) return <SideButton onClick={() => void setLock(null)}>{t('lock.remove')}</SideButton>;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void setLock(digits).then(() => setDigits(''));
      }}
    >
      <label class="field">
        {t('lock.choose')}
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
      <SideButton type="submit" disabled={digits.length !== 4}>
        {t('lock.set')}
      </SideButton>
    </form>
  );
}

function Leave() {
  const [asked, setAsked] = useState(false);
  const kept = unsentPictures.value + draftPictures.value + stuck.value;
  const leave = (): void => {
    void logOut().then(() => replace({ at: 'places' }));
  };
  if (!asked)
    return <SideButton onClick={() => (kept > 0 ? setAsked(true) : leave())}>{t('leave.open')}</SideButton>;
  return (
    <Notice tone="late">
      <p role="alert">{t('leave.unsent', { n: kept })}</p>
      <MainButton onClick={() => setAsked(false)}>{t('leave.stay')}</MainButton>
      <SideButton onClick={leave}>{t('leave.go')}</SideButton>
    </Notice>
  );
}

export function Settings() {
  const [isKept, setKept] = useState<boolean | null>(null);
  useEffect(() => {
    if ('storage' in navigator) void navigator.storage.persisted().then(setKept);
  }, []);
  const user = session.value?.user;
  return (
    <Screen title={t('settings.title')} name="settings">
      <Languages />
      <section>
        <h2>{t('settings.sending')}</h2>
        {tellsNetwork() && (
          <Switch
            label={t('settings.wifi')}
            hint={t('settings.wifi-hint')}
            on={settings.value.wifiOnly}
            change={(wifiOnly) => void changeSettings({ wifiOnly }).then(send)}
          />
        )}
        <Switch
          label={t('settings.original')}
          hint={t('settings.original-hint')}
          on={settings.value.keepOriginal}
          change={(keepOriginal) => void changeSettings({ keepOriginal })}
        />
      </section>
      <section>
        <h2>{t('lock.title')}</h2>
        <p class="hint">{t('lock.hint')}</p>
        <Lock />
      </section>
      <section>
        <h2>{t('settings.account')}</h2>
        <p>{user?.name}</p>
        {isKept !== null && <p class="hint">{isKept ? t('settings.kept') : t('settings.not-kept')}</p>}
        <Leave />
      </section>
    </Screen>
  );
}
