// New versions of the app: fetched in the background, put to use when nothing is under way.
// Refuses to reload while something is being sent, a picture is being taken or a form is being filled in.

import { signal } from '@preact/signals';
import { sending } from '../outbox/sender.ts';
import { screen } from './router.ts';

/** A new version waits. */
export const updateWaits = signal(false);
const LOOK_EVERY_MS = 60 * 60_000;

/** Screens that hold nothing but what is stored. */
const RESTING = new Set(['places', 'outbox', 'help', 'settings']);

function isQuiet(): boolean {
  return (
    sending.value === null && RESTING.has(screen.value.at) && document.activeElement?.tagName !== 'INPUT'
  );
}

export async function startUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  let hadOne = navigator.serviceWorker.controller !== null;
  let outdated = false;
  const registration = await navigator.serviceWorker.register('/service-worker.js', {
    updateViaCache: 'none',
  });
  const look = (): void => {
    updateWaits.value = outdated || registration.waiting !== null;
    if (!isQuiet()) return;
    // Another window of this phone let the new version in while something was under way here.
    if (outdated) location.reload();
    else registration.waiting?.postMessage('take-over');
  };
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The first one takes over a page that is as new as itself.
    if (hadOne) outdated = true;
    hadOne = true;
    look();
  });
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', look),
  );
  sending.subscribe(look);
  screen.subscribe(look);
  // Without a network there is nothing new.
  setInterval(() => void registration.update().catch(() => undefined), LOOK_EVERY_MS);
  look();
}
