// Going away: the quick exit, the tab that is closed, the person who does not touch the page any more.
// Refuses to leave a way back: the page's place in the history is taken by an empty one.

import { signal } from '@preact/signals';
import { render } from 'preact';
import { type Note, screen, wipe } from './state.ts';

const IDLE_MS = 5 * 60_000;
const WARNING_MS = 60_000;
/** A warning stays so long after a touch: what it pushed down must not move while the finger is on it. */
const FINGER_MS = 500;

/** Seconds until everything is wiped, while the warning stands; null otherwise. */
export const wipedInS = signal<number | null>(null);

let touchedMs = performance.now();

function touched(): void {
  touchedMs = performance.now();
}

/** The person says that somebody is there. */
export function stay(): void {
  touched();
  wipedInS.value = null;
}

function look(): void {
  if (screen.value === 'start') {
    wipedInS.value = null;
    return;
  }
  const idle = performance.now() - touchedMs;
  const left = IDLE_MS - idle;
  if (left <= 0) {
    wipedInS.value = null;
    wipe(whyIdle());
  } else if (left <= WARNING_MS) {
    wipedInS.value = Math.ceil(left / 1000);
  } else if (idle > FINGER_MS) {
    wipedInS.value = null;
  }
}

/** What became of the message is said too: whoever put the phone aside after "Gửi" would else not know. */
function whyIdle(): Note {
  if (screen.value === 'sending') return 'idle_sending';
  return screen.value === 'receipt' || screen.value === 'confirm' ? 'idle_receipt' : 'idle';
}

/** An empty page that no network has to bring, instead of this one. */
export function leaveQuickly(root: HTMLElement): void {
  empty(root);
  location.replace('about:blank');
}

function empty(root: HTMLElement): void {
  wipe();
  render(null, root);
}

/** @param again draws the page anew, when the browser brings it back out of its memory. */
export function watchLeaving(root: HTMLElement, again: () => void): void {
  // What a person does. A page that scrolls is none of it: it scrolls by itself when the warning pushes its content down.
  for (const kind of ['pointerdown', 'touchmove', 'wheel', 'keydown', 'input'] as const) {
    document.addEventListener(kind, touched, { capture: true, passive: true });
  }
  setInterval(look, 1000);
  // A tab in the background runs no timers; it looks at the clock when it is seen again.
  document.addEventListener('visibilitychange', look);
  window.addEventListener('pagehide', () => empty(root));
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) again();
  });
}
