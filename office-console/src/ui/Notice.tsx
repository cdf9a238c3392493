// Sentences about what went wrong or what was done, read out to those who cannot see them.
// Refuses raw statuses and stacks: a problem's own sentence, or that nothing answered.

import type { ComponentChildren } from 'preact';
import { NoAnswer, Problem } from '../api/office.ts';
import { text } from '../text/text.ts';

export type NoticeTone = 'info' | 'good' | 'warn' | 'bad';

/** What to tell people about `error`. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Problem) {
    const fields = error.fields.slice(0, 5).map((field) => field.detail);
    return [error.sentence, ...fields].filter((part) => part !== '').join(' ');
  }
  if (error instanceof NoAnswer) return text('error.no_answer');
  return text('error.unexpected');
}

export function Notice({ tone, children }: { tone: NoticeTone; children: ComponentChildren }) {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <Notice tone="bad">
      <span>{sentenceOf(error)}</span>
      {retry && (
        <button type="button" class="button small" onClick={retry}>
          {text('action.retry')}
        </button>
      )}
    </Notice>
  );
}
