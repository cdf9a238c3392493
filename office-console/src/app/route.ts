// Where the console is: screens and their filters in the part of the address after `#`, so that the address can be sent on.
// Refuses to guess: an address that names no screen is `unknown`.

import { computed, signal } from '@preact/signals';

export type Route =
  | { readonly screen: 'board' }
  | { readonly screen: 'cell'; readonly commune: string; readonly cell: string }
  | { readonly screen: 'assignment'; readonly id: string }
  | { readonly screen: 'record'; readonly id: string }
  | { readonly screen: 'queue' }
  | { readonly screen: 'sheet'; readonly commune: string; readonly cell: string }
  | { readonly screen: 'plan' }
  | { readonly screen: 'people' }
  | { readonly screen: 'account' }
  | { readonly screen: 'unknown' };

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

function parts(): { path: string; query: string } {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?', 2);
  return { path, query };
}

export const route = computed<Route>(() => read(parts().path));
/** The filters of the screen. */
export const filters = computed(() => new URLSearchParams(parts().query));

function read(path: string): Route {
  const [first = '', second, third] = path.split('/').map(decode);
  switch (first) {
    case '':
    case 'bang':
      return { screen: 'board' };
    case 'o':
      if (second === undefined) break;
      return { screen: 'cell', commune: second, cell: third ?? 'all' };
    case 'nhiem-vu':
      if (second === undefined) break;
      return { screen: 'assignment', id: second };
    case 'minh-chung':
      if (second === undefined) break;
      return { screen: 'record', id: second };
    case 'hang-doi':
      return { screen: 'queue' };
    case 'bang-anh':
      if (second === undefined || third === undefined) break;
      return { screen: 'sheet', commune: second, cell: third };
    case 'ke-hoach':
      return { screen: 'plan' };
    case 'nguoi-dung':
      return { screen: 'people' };
    case 'tai-khoan':
      return { screen: 'account' };
  }
  return { screen: 'unknown' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a screen. */
export function address(path: string, values: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== '')).toString();
  return `#/${path}${query === '' ? '' : `?${query}`}`;
}

/** Goes there. */
export function go(path: string, values?: Readonly<Record<string, string>>): void {
  location.hash = address(path, values);
}

/** Changes one filter of the present screen without a step in the history. */
export function setFilter(name: string, value: string): void {
  const { path } = parts();
  const values = Object.fromEntries(filters.value);
  values[name] = value;
  history.replaceState(null, '', address(path, values));
  hash.value = location.hash;
}
