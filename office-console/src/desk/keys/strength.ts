// How hard a passphrase is to guess, roughly and rather too low: what people make up is worth less than its length.
// The plain rule: four different words and fourteen letters at least, and then not what guessers try first.
// Refuses to call anything strong that is short, repeats itself, or is on everybody's list.

export type Strength = 'too_short' | 'weak' | 'fair' | 'strong';

export const MIN_LETTERS = 14;
export const MIN_WORDS = 4;
const FAIR_BITS = 36;
const STRONG_BITS = 47;

/** What guessers try first, without accents and spaces. */
const COMMON = [
  'matkhau',
  'password',
  'minhchung',
  'bantin',
  'togiac',
  'congan',
  'laocai',
  'sapa',
  'vietnam',
  'anhyeuem',
  'emyeuanh',
  'yeuem',
  'qwerty',
  'asdfgh',
  'zxcvbn',
  'abcdef',
  '123456',
  '654321',
  '112233',
  'iloveyou',
  'admin',
] as const;

export function strengthOf(passphrase: string, names: readonly string[] = []): Strength {
  const typed = passphrase.normalize('NFC').trim();
  if (typed.length < MIN_LETTERS || wordsOf(folded(typed)).size < MIN_WORDS) return 'too_short';
  const bits = bitsOf(typed, names);
  if (bits < FAIR_BITS) return 'weak';
  return bits < STRONG_BITS ? 'fair' : 'strong';
}

/** Whether it may lock a key. */
export const isEnough = (strength: Strength) => strength === 'fair' || strength === 'strong';

function bitsOf(typed: string, names: readonly string[]): number {
  let plain = folded(typed);
  for (const known of [...COMMON, ...names.map(folded).filter((name) => name.length > 2)])
    plain = plain.replaceAll(spaced(known), ' * ');
  // Words that come twice count once; so do runs of one letter and steps through the alphabet.
  return [...wordsOf(plain)].reduce((sum, word) => sum + bitsOfWord(word), 0);
}

/** However somebody puts blanks between its letters: "mật khẩu" is "matkhau". */
function spaced(known: string): RegExp {
  const letters = Array.from(known).filter((letter) => letter.trim() !== '');
  return new RegExp(letters.map((letter) => letter.replace(/[^\da-z]/, '\\$&')).join('\\s*'), 'g');
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter((word) => word !== ''));
}

function bitsOfWord(word: string): number {
  let bits = 0;
  let before = 0;
  let step = Number.NaN;
  const seen = new Set<string>();
  for (const letter of word) {
    const code = letter.codePointAt(0) ?? 0;
    const isRun = code - before === step || code === before;
    step = code - before;
    before = code;
    const worth = /\d/.test(letter) ? 2.2 : /[a-z]/.test(letter) ? 2.4 : letter === '*' ? 1 : 3.5;
    bits += isRun ? 0.3 : seen.has(letter) ? worth * 0.7 : worth;
    seen.add(letter);
  }
  // A word of the language is worth no more than its place in a list of some thousands.
  return /^[a-z]+$/.test(word) ? Math.min(bits, 11) : bits;
}

function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/đ/gi, 'd').toLowerCase();
}
