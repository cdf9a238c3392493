// Texts by key, from one JSON file per language: Vietnamese is in the first bundle, others are fetched when wanted.
// Refuses a missing key: every language has to have exactly the keys of the Vietnamese file, or it does not compile.

import { type ReadonlySignal, signal } from '@preact/signals';

export type Language = 'vi' | 'en';
type Values = Readonly<Record<string, string | number>>;
/** Keys without the endings that pick a number. */
type Plain<K extends string> = Exclude<K, `${string}_one`>;

export interface Dictionary<K extends string> {
  readonly language: ReadonlySignal<Language>;
  /** Fetches the texts of `language` first; the screen changes when they are here. */
  change(language: Language): Promise<void>;
  /** The text with `{name}` filled in. With `n: 1`, the key ending in `_one` where there is one. */
  text(key: Plain<K>, values?: Values): string;
  /** The same for a key that comes from data, such as a reason's code; null when there is none. */
  lookup(key: string, values?: Values): string | null;
}

export function createDictionary<K extends string>(
  vietnamese: Readonly<Record<K, string>>,
  others: Readonly<Record<Exclude<Language, 'vi'>, () => Promise<Readonly<Record<K, string>>>>>,
): Dictionary<K> {
  const language = signal<Language>('vi');
  const texts = signal<Readonly<Record<string, string>>>(vietnamese);

  function lookup(key: string, values: Values = {}): string | null {
    const single = values['n'] === 1 ? texts.value[`${key}_one`] : undefined;
    const found = single ?? texts.value[key];
    return found === undefined ? null : fill(found, values);
  }
  return {
    language,
    async change(wanted) {
      texts.value = wanted === 'vi' ? vietnamese : await others[wanted]();
      language.value = wanted;
      document.documentElement.lang = wanted;
    },
    text: (key, values) => lookup(key, values) ?? key,
    lookup,
  };
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The names in braces, sorted; two languages have to agree on them. */
export function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort();
}
