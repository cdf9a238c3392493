// Whether something came, asked once for each slot of fifteen minutes, so that the asking tells nobody anything.
// Refuses to say how many or what: the server does not either.

import { signal } from '@preact/signals';
import { notice } from '../api/desk.ts';

const SLOT_MS = 15 * 60_000;
/** The server has turned the slot over by then. */
const LATER_MS = 20_000;

export type News = 'yes' | 'no' | 'unknown';
export const news = signal<News>('unknown');
/** Counts the wishes to see the list anew. */
export const listTurn = signal(0);

/** The list is read again, so what was news is not any more. */
export function readListAgain(): void {
  news.value = 'no';
  listTurn.value += 1;
}

export function watchNews(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWatching = true;
  const hear = (heard: News) => {
    if (!isWatching) return;
    news.value = heard;
    timer = setTimeout(askNow, SLOT_MS - (Date.now() % SLOT_MS) + LATER_MS);
  };
  const askNow = () => {
    notice().then(
      (answer) => hear(answer.news ? 'yes' : 'no'),
      () => hear('unknown'),
    );
  };
  askNow();
  return () => {
    isWatching = false;
    clearTimeout(timer);
    news.value = 'unknown';
  };
}
