// Which screen is shown: one address each, so that "back" and a restart lead where people expect.
// Refuses addresses that no screen has; they lead to the list.

import { signal } from '@preact/signals';

export type Screen =
  | { readonly at: 'places' }
  | { readonly at: 'place' | 'check' | 'saved' | 'item'; readonly id: string }
  /** `instead`: the picture of the draft that is to be taken again. */
  | { readonly at: 'camera'; readonly id: string; readonly instead?: string }
  | { readonly at: 'outbox' | 'propose' | 'settings' | 'help' | 'sign-in' };

const WITH_ID = { place: 'noi', camera: 'chup', check: 'xem', saved: 'da-luu', item: 'tin' } as const;
const PLAIN = {
  outbox: 'hom-thu',
  propose: 'them',
  settings: 'cai-dat',
  help: 'tro-giup',
  'sign-in': 'vao',
} as const;

export function addressOf(screen: Screen): string {
  if (screen.at === 'places') return '#/';
  if (!('id' in screen)) return `#/${PLAIN[screen.at]}`;
  const rest = screen.at === 'camera' && screen.instead !== undefined ? `/${screen.instead}` : '';
  return `#/${WITH_ID[screen.at]}/${screen.id}${rest}`;
}

export function screenOf(address: string): Screen {
  const [name = '', id = '', instead = ''] = address.replace(/^#\/?/, '').split('/');
  for (const [at, word] of Object.entries(WITH_ID) as [keyof typeof WITH_ID, string][]) {
    if (word !== name || id === '') continue;
    return at === 'camera' && instead !== '' ? { at, id, instead } : { at, id };
  }
  for (const [at, word] of Object.entries(PLAIN) as [keyof typeof PLAIN, string][]) {
    if (word === name) return { at };
  }
  return { at: 'places' };
}

/** The code of an enrolment link (`/#enrol=<digits>`), null in any other address. */
export function enrolmentCode(address: string): string | null {
  return /enrol=([\d\s-]{12,20})/.exec(address)?.[1]?.replace(/\D/g, '') ?? null;
}

export const screen = signal<Screen>({ at: 'places' });

interface Behind {
  /** Screens of this app behind this one, that "back" may lead to. */
  readonly depth: number;
  /** The screen behind this one. */
  readonly from: Screen['at'];
}

function behind(): Behind | null {
  return history.state as Behind | null;
}

function depth(): number {
  return behind()?.depth ?? 0;
}

/** Whether "back" leads to `at`. */
export function cameFrom(at: Screen['at']): boolean {
  return depth() > 0 && behind()?.from === at;
}

export function go(to: Screen): void {
  history.pushState({ depth: depth() + 1, from: screen.value.at } satisfies Behind, '', addressOf(to));
  screen.value = to;
}

/** The same without a way back to the present screen. */
export function replace(to: Screen): void {
  history.replaceState(history.state, '', addressOf(to));
  screen.value = to;
}

export function back(): void {
  if (depth() > 0) history.back();
  else replace({ at: 'places' });
}

export function startRouter(): void {
  screen.value = screenOf(location.hash);
  // Also fired when somebody opens a link to another place of this page.
  addEventListener('popstate', () => {
    screen.value = screenOf(location.hash);
  });
}
