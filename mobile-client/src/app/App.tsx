// Which screen, for whom: the lock before everything, then the way in, then the person's screens.
// Refuses a screen of its own.

import { assertNever } from '@minhchung/web-shared/assert-never.ts';
import { useEffect, useState } from 'preact/hooks';
import { session } from '../api/session.ts';
import { stopWatching } from '../capture/place.ts';
import { Place } from '../screens/Place.tsx';
import { Places } from '../screens/Places.tsx';
import { dictionary } from '../text/dictionary.ts';
import { lazy } from '../ui/lazy.tsx';
import { locked } from './lock.ts';
import { enrolmentCode, screen } from './router.ts';

/** Screens of one place, from which the phone's place is watched without a break. */
const WATCHING = new Set(['place', 'camera', 'check', 'propose']);

type WithId = { readonly id: string };

const Camera = lazy<WithId & { readonly instead?: string }>(() =>
  import('../screens/Camera.tsx').then((file) => file.Camera),
);
const Check = lazy<WithId>(() => import('../screens/Check.tsx').then((file) => file.Check));
const Saved = lazy<WithId>(() => import('../screens/Saved.tsx').then((file) => file.Saved));
const ItemView = lazy<WithId>(() => import('../screens/ItemView.tsx').then((file) => file.ItemView));
const Outbox = lazy(() => import('../screens/Outbox.tsx').then((file) => file.Outbox));
const Propose = lazy(() => import('../screens/Propose.tsx').then((file) => file.Propose));
const Settings = lazy(() => import('../screens/Settings.tsx').then((file) => file.Settings));
const Help = lazy(() => import('../screens/Help.tsx').then((file) => file.Help));
const SignIn = lazy<{ code: string | null }>(() =>
  import('../screens/SignIn.tsx').then((file) => file.SignIn),
);
const LockScreen = lazy<{ forgotten: () => void }>(() =>
  import('../screens/LockScreen.tsx').then((file) => file.LockScreen),
);

export function App() {
  const [forgotten, setForgotten] = useState(false);
  // Every text of the screen changes with the language.
  const language = dictionary.language.value;
  const code = enrolmentCode(location.hash);
  const watches = !locked.value && WATCHING.has(screen.value.at);
  useEffect(() => {
    if (!watches) stopWatching();
  }, [watches]);
  if (locked.value && !forgotten) return <LockScreen key={language} forgotten={() => setForgotten(true)} />;
  const at = screen.value;
  if (session.value === null || locked.value || code !== null)
    return <SignIn key={`${language} ${code ?? ''}`} code={code} />;
  switch (at.at) {
    case 'places':
      return <Places />;
    case 'place':
      return <Place key={at.id} id={at.id} />;
    case 'camera':
      return <Camera key={`${at.id} ${at.instead ?? ''}`} {...at} />;
    case 'check':
      return <Check key={at.id} id={at.id} />;
    case 'saved':
      return <Saved key={at.id} id={at.id} />;
    case 'item':
      return <ItemView key={at.id} id={at.id} />;
    case 'outbox':
      return <Outbox />;
    case 'propose':
      return <Propose />;
    case 'settings':
      return <Settings />;
    case 'help':
      return <Help />;
    case 'sign-in':
      return <SignIn code={null} />;
    default:
      return assertNever(at);
  }
}
