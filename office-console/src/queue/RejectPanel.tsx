// Why evidence goes back: one digit sends it; words may go with it, and must with "other".
// Refuses a rejection without a reason.

import { useState } from 'preact/hooks';
import type { RejectReason } from '../api/office.ts';
import { text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';

export const REASONS: readonly RejectReason[] = [
  'wrong_place',
  'not_installed',
  'unreadable',
  'wrong_text',
  'wrong_size',
  'reused_photo',
  'unsigned',
  'other',
];

export function RejectPanel({
  onReject,
  onClose,
}: {
  cell: string;
  onReject: (reason: RejectReason, comment: string) => void;
  onClose: () => void;
}) {
  const [comment, setComment] = useState('');
  const [needsWords, setNeedsWords] = useState(false);
  const choose = (reason: RejectReason) => {
    if (reason === 'other' && comment.trim() === '') {
      setNeedsWords(true);
      document.getElementById('reject-comment')?.focus();
      return;
    }
    onReject(reason, comment.trim());
  };
  return (
    <Dialog title={text('reject.title')} onClose={onClose}>
      <div
        class="reject"
        role="group"
        aria-label={text('reject.title')}
        onKeyDown={(event) => {
          const isTyping = (event.target as HTMLElement).tagName === 'TEXTAREA';
          const reason = REASONS[Number(event.key) - 1];
          if (isTyping || reason === undefined) return;
          event.preventDefault();
          choose(reason);
        }}
      >
        <ol class="reasons">
          {REASONS.map((reason, index) => (
            <li key={reason}>
              <button
                type="button"
                class="button reason"
                autofocus={index === 0}
                onClick={() => choose(reason)}
              >
                <kbd>{index + 1}</kbd> {text(`reason.${reason}`)}
              </button>
            </li>
          ))}
        </ol>
        <label class="field" for="reject-comment">
          <span>{text('reject.comment')}</span>
          <textarea
            id="reject-comment"
            rows={3}
            maxLength={2000}
            value={comment}
            aria-invalid={needsWords}
            onInput={(event) => setComment(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && event.ctrlKey && needsWords) choose('other');
            }}
          />
        </label>
        {needsWords && (
          <p class="wrong" role="alert">
            {text('reject.words')}{' '}
            <button type="button" class="button small" onClick={() => choose('other')}>
              {text('reject.send')} <kbd>Ctrl+Enter</kbd>
            </button>
          </p>
        )}
        <p class="hint">{text('reject.hint')}</p>
      </div>
    </Dialog>
  );
}
