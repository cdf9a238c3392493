// How much still fits into an answer, said in words rather than bytes.
// Refuses nothing: what is too long is refused by who sends.

import { text } from '../text/text.ts';

/** `REPLY_TEXT_MAX_BYTES` of the shared cryptography, which the page does not load; a test compares the two. */
export const REPLY_MAX_BYTES = 2854;
/** A Vietnamese word with its blank, in UTF-8, is seldom longer. */
const BYTES_PER_WORD = 7;

const encoder = new TextEncoder();
export const bytesOf = (words: string) => encoder.encode(words.normalize('NFC')).length;

export function roomWords(room: number): string {
  const about = Math.ceil(Math.abs(room) / BYTES_PER_WORD);
  if (room < 0) return text('room.over', { n: about });
  if (about < 10) return text('room.little');
  // In steps, so that it is not read out at every letter.
  return text('room.left', { n: Math.floor(about / 10) * 10 });
}
