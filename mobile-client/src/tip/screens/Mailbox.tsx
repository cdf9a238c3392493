// The thread of a receipt: the answers that are truly the desk's, and what the person can do.
// Refuses to show anything that no pinned officer signed, and to pass over a gap in the answers' signed numbers.

import { day } from '@minhchung/web-shared/format/format.ts';
import { useSignal } from '@preact/signals';
import type { Remark } from '../letters.ts';
import { note, thread, wipe } from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice, Screen } from '../ui.tsx';
import { deleteThread, readAgain, type Trouble, writeMore } from '../visit.ts';

export function Mailbox() {
  const trouble = useSignal<Trouble | null>(null);
  const isAsking = useSignal(false);
  const found = thread.value;
  if (found === null) return null;
  const isEmpty = found.sent === 0;
  const again = async () => {
    note.value = null;
    trouble.value = await readAgain();
  };
  return (
    <Screen title={t('mailbox.title')}>
      {note.value !== null && <Notice tone="good">{t(`note.${note.value}`)}</Notice>}
      {isEmpty && <Notice tone="calm">{t('mailbox.empty')}</Notice>}
      {!isEmpty && <p class="hint">{t('mailbox.sent', { n: found.sent })}</p>}
      {!isEmpty && found.letters.shown.length === 0 && <Notice tone="calm">{t('mailbox.none')}</Notice>}
      {found.letters.remarks.map((remark, index) => (
        <Notice tone={remark.is === 'older' ? 'calm' : 'bad'} key={index}>
          {remarkWords(remark)}
        </Notice>
      ))}
      {found.letters.shown.map((letter, index) => (
        <section class="answer" key={index}>
          <h2>{t('mailbox.answer', { n: letter.number, day: day(letter.writtenOn) })}</h2>
          <p>{letter.text}</p>
        </section>
      ))}
      {trouble.value !== null && <Notice tone="bad">{t(`trouble.${trouble.value}`)}</Notice>}
      {!isEmpty && (
        <Button kind="main" onClick={writeMore}>
          {t('mailbox.more')}
        </Button>
      )}
      <Button onClick={() => void again()}>{t('mailbox.reload')}</Button>
      {!isEmpty && !isAsking.value && (
        <Button
          kind="danger"
          onClick={() => {
            isAsking.value = true;
          }}
        >
          {t('mailbox.delete')}
        </Button>
      )}
      {isAsking.value && <Deletion trouble={trouble} isAsking={isAsking} />}
      <Button onClick={() => wipe()}>{t('mailbox.leave')}</Button>
    </Screen>
  );
}

function remarkWords(remark: Remark): string {
  if (remark.is === 'days') return t('mailbox.days');
  const { from, to } = remark;
  return t(`mailbox.${remark.is}`, { numbers: from === to ? String(from) : `${from}–${to}` });
}

interface DeletionProps {
  readonly trouble: { value: Trouble | null };
  readonly isAsking: { value: boolean };
}

function Deletion({ trouble, isAsking }: DeletionProps) {
  return (
    <Notice tone="bad">
      <p>{t('mailbox.delete-ask')}</p>
      <div class="side-by-side">
        <Button
          kind="danger"
          onClick={() =>
            void deleteThread().then((result) => {
              trouble.value = result;
            })
          }
        >
          {t('mailbox.delete-yes')}
        </Button>
        <Button
          onClick={() => {
            isAsking.value = false;
          }}
        >
          {t('mailbox.delete-no')}
        </Button>
      </div>
    </Notice>
  );
}
