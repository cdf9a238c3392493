// The frame: quick exit and language always in sight, the warning before everything is wiped, and one screen.
// Refuses to put the screen's name anywhere outside of the page: address and title stay the same.

import { assertNever } from '@minhchung/web-shared/assert-never.ts';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { stay, wipedInS } from './leaving.ts';
import { Enter } from './screens/Enter.tsx';
import { Mailbox } from './screens/Mailbox.tsx';
import { Confirm, Done, Receipt } from './screens/Receipt.tsx';
import { SendingScreen } from './screens/Sending.tsx';
import { Start } from './screens/Start.tsx';
import { Write } from './screens/Write.tsx';
import { tryNow } from './sending.ts';
import { screen } from './state.ts';
import { dictionary, t } from './text/dictionary.ts';
import { Button, Notice } from './ui.tsx';

interface Props {
  readonly leave: () => void;
}

export function App({ leave }: Props) {
  return (
    <>
      <header>
        <div class="bar">
          <button
            type="button"
            class="language"
            lang={dictionary.language.value === 'vi' ? 'en' : 'vi'}
            onClick={() => void dictionary.change(dictionary.language.value === 'vi' ? 'en' : 'vi')}
          >
            {t('language')}
          </button>
          <button type="button" class="exit" onClick={leave}>
            ✕ {t('exit')}
          </button>
        </div>
        <Warning />
        <Offline />
      </header>
      <Current leave={leave} />
    </>
  );
}

function Warning() {
  const seconds = wipedInS.value;
  if (seconds === null) return null;
  return (
    <div class="warning">
      {/* Read out once, not every second. */}
      <p role="alert">{t('idle.soon', { seconds: Math.ceil(seconds / 20) * 20 })}</p>
      <Button onClick={stay}>{t('idle.stay')}</Button>
    </div>
  );
}

function Offline() {
  const isOff = useSignal(!navigator.onLine);
  useEffect(() => {
    const look = () => {
      isOff.value = !navigator.onLine;
      if (navigator.onLine) tryNow();
    };
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, [isOff]);
  return isOff.value ? <Notice tone="bad">{t('offline')}</Notice> : null;
}

function Current({ leave }: Props) {
  switch (screen.value) {
    case 'start':
      return <Start />;
    case 'write':
      return <Write />;
    case 'sending':
      return <SendingScreen />;
    case 'receipt':
      return <Receipt />;
    case 'confirm':
      return <Confirm />;
    case 'done':
      return <Done leave={leave} />;
    case 'enter':
      return <Enter />;
    case 'mailbox':
      return <Mailbox />;
    default:
      return assertNever(screen.value);
  }
}
