// The frame of the tip desk: the door, the key, then the screens. What is shown depends on who is here and what is open.
// Refuses to show a screen before the session is a tip officer's and a key is open.

import { assertNever } from '@minhchung/web-shared/assert-never.ts';
import { useEffect } from 'preact/hooks';
import { me, mustSetUpCodes } from '../api/session.ts';
import { CountsScreen } from '../counts/CountsScreen.tsx';
import { CodesSetUp } from '../door/CodesSetUp.tsx';
import { Door } from '../door/Door.tsx';
import { FloodScreen } from '../flood/FloodScreen.tsx';
import { KeysScreen } from '../keys/KeysScreen.tsx';
import { MadeKeyCard } from '../keys/MadeKeyCard.tsx';
import { MakeKey } from '../keys/MakeKey.tsx';
import { Unlock } from '../keys/Unlock.tsx';
import { ListScreen } from '../list/ListScreen.tsx';
import { RegisterScreen } from '../register/RegisterScreen.tsx';
import { language, text } from '../text/text.ts';
import { ThreadScreen } from '../thread/ThreadScreen.tsx';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { loadCommunes } from './communes.ts';
import {
  deskKeys,
  followBackButton,
  justMade,
  leave,
  loadKeys,
  lock,
  locks,
  openKeys,
  ownKeys,
  place,
} from './desk.ts';
import { Head } from './Head.tsx';
import { isLockNear, watchIdle } from './idle.ts';
import { watchNews } from './news.ts';

export function App() {
  useEffect(() => watchIdle({ lock, leave: () => void leave() }), []);
  const person = me.value;
  if (person === null) return <Door key={locks.value} />;
  if (mustSetUpCodes.value) return <CodesSetUp key={locks.value} />;
  return <Desk key={person.id} />;
}

function Desk() {
  const keys = useAttempt();
  const ask = () =>
    void keys.run(async () => {
      await Promise.all([loadKeys(), loadCommunes()]);
    });
  useEffect(() => {
    ask();
    const stops = [watchNews(), followBackButton()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  const present = place.value.screen;
  const isOpen = openKeys.value.length > 0;
  useEffect(() => {
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [present, isOpen, language.value]);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {text('app.skip')}
      </button>
      <Head />
      {isLockNear.value && isOpen && <Notice tone="warn">{text('app.lock_near')}</Notice>}
      <main id="main" tabIndex={-1} class={`screen desk-screen desk-${isOpen ? present : 'shut'}`}>
        {keys.error !== null && <Failure error={keys.error} retry={ask} />}
        {deskKeys.value !== null ? (
          <Inside key={locks.value} />
        ) : (
          keys.error === null && <p class="loading">{text('loading')}</p>
        )}
      </main>
    </>
  );
}

function Inside() {
  if (justMade.value !== null) return <MadeKeyCard made={justMade.value} />;
  if (openKeys.value.length > 0) return <Screen />;
  return ownKeys.value.length === 0 ? <MakeKey /> : <Unlock />;
}

function Screen() {
  const present = place.value;
  switch (present.screen) {
    case 'list':
      return <ListScreen />;
    case 'thread':
      return <ThreadScreen key={present.mailbox} mailbox={present.mailbox} />;
    case 'register':
      return <RegisterScreen />;
    case 'counts':
      return <CountsScreen />;
    case 'flood':
      return <FloodScreen />;
    case 'keys':
      return <KeysScreen />;
    default:
      return assertNever(present);
  }
}
