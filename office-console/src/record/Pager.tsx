// From one picture of a submission to the next. Refuses to be there for a single one.

import { text } from '../text/text.ts';

export function Pager({
  number,
  count,
  onTurn,
}: {
  /** From 0. */
  number: number;
  count: number;
  onTurn: (way: 1 | -1) => void;
}) {
  if (count < 2) return null;
  return (
    <div class="pager" role="group" aria-label={text('photo.pages')}>
      <button type="button" class="button small" onClick={() => onTurn(-1)} aria-label={text('photo.before')}>
        ←
      </button>
      <span>{text('photo.of', { number: number + 1, count })}</span>
      <button type="button" class="button small" onClick={() => onTurn(1)} aria-label={text('photo.after')}>
        →
      </button>
    </div>
  );
}
