// Sentences about what went wrong or was done, read out to those who cannot see them.
// Refuses raw statuses, stacks and anything out of a tip.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import type { ComponentChildren } from 'preact';
import { NotForThisRole } from '../api/session.ts';
import { text } from '../text/text.ts';
import { WorkRefused } from '../worker/client.ts';

export type NoticeTone = 'info' | 'good' | 'warn' | 'bad';

export function sentenceOf(error: unknown): string {
  if (error instanceof Problem) {
    const fields = error.fields.slice(0, 5).map((field) => field.detail);
    return [error.sentence, ...fields].filter((part) => part !== '').join(' ');
  }
  if (error instanceof NoAnswer) return text('error.no_answer');
  if (error instanceof NotForThisRole) return text('door.not_here');
  if (error instanceof WorkRefused) return text(`work.${error.failure}`);
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
