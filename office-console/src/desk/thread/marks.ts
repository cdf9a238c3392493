// Letters that are not seen but change what is seen: marks of direction, joiners, blanks of no width.
// Refuses to drop them: they are shown by their number, so that a reader knows what was written.

/** Control and format letters, and the separators that Unicode has for lines and paragraphs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Lines and tabs are seen; families of emoji and some scripts are made with the zero-width joiners. */
const HARMLESS = '\n\r\t\u200c\u200d';

export interface Piece {
  readonly kind: 'words' | 'mark';
  readonly text: string;
}

/** The words, and between them the names of the unseen letters. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let words = '';
  for (const letter of text) {
    if (HARMLESS.includes(letter) || !UNSEEN.test(letter)) {
      words += letter;
      continue;
    }
    if (words !== '') pieces.push({ kind: 'words', text: words });
    words = '';
    pieces.push({ kind: 'mark', text: nameOf(letter) });
  }
  if (words !== '') pieces.push({ kind: 'words', text: words });
  return pieces;
}

function nameOf(letter: string): string {
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
