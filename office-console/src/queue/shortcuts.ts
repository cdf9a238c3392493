// Single keys for the queue, which can be switched off (WCAG 2.1.4).
// Refuses keys that belong to a field, a dialog or the browser, and a key that lies pressed: one press, one decision.

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const KEPT_UNDER = 'minhchung.office.shortcuts';
export const shortcuts = signal(localStorage.getItem(KEPT_UNDER) !== 'off');

export function switchShortcuts(isOn: boolean): void {
  shortcuts.value = isOn;
  localStorage.setItem(KEPT_UNDER, isOn ? 'on' : 'off');
}

/** Keys that may be held down. */
const HELD_DOWN: ReadonlySet<string> = new Set(['+', '=', '-']);

type Keys = Readonly<Record<string, () => unknown>>;

export function useShortcuts(isActive: boolean, keys: Keys, isOn = true): void {
  // What holds at the moment of the press, not what held when the listener was put there.
  const latest = useRef({ keys, isListening: isActive && isOn });
  latest.current = { keys, isListening: isActive && isOn };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!latest.current.isListening) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const target = event.target as HTMLElement;
      if (target.closest('input, select, textarea, dialog, [contenteditable]') !== null) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = latest.current.keys[key];
      if (act === undefined) return;
      event.preventDefault();
      if (!event.repeat || HELD_DOWN.has(key)) act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
