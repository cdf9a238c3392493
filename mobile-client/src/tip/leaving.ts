// Going away: the quick exit, the tab that is closed, the person who does not touch the page any more.
// Refuses to leave a way back: the page's place in the history is taken by an empty one.

import { IdleClock } from '@minhchung/web-shared/ui/idle.ts';
import { signal } from '@preact/signals';
import { render } from 'preact';
import { type Note, screen, wipe } from './state.ts';

const IDLE_MS = 5 * 60_000;
const WARNING_MS = 60_000;
/** A warning stays until the finger is gone and so long after a touch: what it pushed down must not move under it. */
const FINGER_MS = 500;

/** Seconds until everything is wiped, while the warning stands; null otherwise. */
export const wipedInS = signal<number | null>(null);

const clock = new IdleClock();
/** A finger that is down, or a button of a mouse. */
let isHeld = false;

function touched(event: Event): void {
  if (event.type === 'pointerdown') isHeld = true;
  if (!clock.isSign(event)) return;
  // Whoever wakes a phone that slept is not whoever wrote.
  look();
  clock.touch();
}

/** The person says that somebody is there. */
export function stay(): void {
  clock.touch();
  wipedInS.value = null;
}

function look(): void {
  if (screen.value === 'start') {
    wipedInS.value = null;
    return;
  }
  const idle = clock.idleMs;
  const left = IDLE_MS - idle;
  if (left <= 0) {
    wipedInS.value = null;
    wipe(whyIdle());
  } else if (left <= WARNING_MS) {
    wipedInS.value = Math.ceil(left / 1000);
  } else if (idle > FINGER_MS && !isHeld) {
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
  for (const kind of ['pointerdown', 'touchmove', 'wheel', 'keydown', 'input', 'click'] as const) {
    document.addEventListener(kind, touched, { capture: true, passive: true });
  }
  for (const kind of ['pointerup', 'pointercancel'] as const) {
    document.addEventListener(
      kind,
      () => {
        isHeld = false;
      },
      { capture: true, passive: true },
    );
  }
  setInterval(look, 1000);
  // A tab in the background runs its timers late; it looks at the clocks when it is seen again.
  document.addEventListener('visibilitychange', look);
  // And one that is frozen runs none: what is written would lie there until somebody comes.
  document.addEventListener('freeze', () => {
    if (screen.value !== 'start') wipe(whyIdle());
  });
  window.addEventListener('pagehide', () => empty(root));
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) again();
  });
}
