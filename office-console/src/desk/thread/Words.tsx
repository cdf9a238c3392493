// What a person wrote, as the text that it is: never markup, never wider than the page, its direction its own.
// Refuses to hide letters that are not seen.

import { text } from '../text/text.ts';
import { piecesOf } from './marks.ts';

export function Words({ of: written }: { of: string }) {
  const pieces = piecesOf(written);
  const hasMarks = pieces.some((piece) => piece.kind === 'mark');
  return (
    <>
      <div class="words" dir="auto">
        {pieces.map((piece, index) =>
          piece.kind === 'words' ? (
            piece.text
          ) : (
            <span key={index} class="unseen" dir="ltr">
              {piece.text}
            </span>
          ),
        )}
      </div>
      {hasMarks && <p class="hint">{text('words.marks')}</p>}
    </>
  );
}
