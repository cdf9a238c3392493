// The message: two optional questions, the words, the pictures, and how ready the machine is.
// Refuses to be remembered: no names, no autofill, no spelling service that would send the words away.

import { utf8 } from '@minhchung/web-shared/tip/bytes.ts';
import { CATEGORIES, type Category } from '@minhchung/web-shared/tip/message.ts';
import { TEXT_MAX_BYTES } from '@minhchung/web-shared/tip/sizes.ts';
import { useSignal } from '@preact/signals';
import { type Box, PictureRefused, type Refusal } from '../pictures/prepare.ts';
import { puzzleDone } from '../puzzle.ts';
import { handIn } from '../sending.ts';
import {
  category,
  commune,
  communes,
  desk,
  isLater,
  type Picture,
  pictures,
  screen,
  text,
  wipe,
  wipeDraft,
} from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice, Screen } from '../ui.tsx';
import { Cover } from './Cover.tsx';
import { covered, Pictures } from './Pictures.tsx';

/** Bytes of one Vietnamese syllable with its space, on average. */
const BYTES_PER_WORD = 6;
const PLENTY_WORDS = 1000;

function bytesLeft(): number {
  return TEXT_MAX_BYTES - utf8(text.value.normalize('NFC')).length;
}

/** How much room is left, in words a person counts in. */
function room(): string {
  const left = bytesLeft();
  const words = Math.max(10, Math.round(Math.abs(left) / BYTES_PER_WORD / 10) * 10);
  if (left < 0) return t('write.over', { words });
  return words > PLENTY_WORDS ? t('write.left-much') : t('write.left', { words });
}

function Readiness() {
  const state = desk.value;
  if (state === 'unknown') return <p class="hint readiness">{t('write.desk-unknown')}</p>;
  if (state === 'silent') return <Notice tone="calm">{t('write.desk-silent')}</Notice>;
  if (state === 'closed') return <Notice tone="bad">{t('write.desk-closed')}</Notice>;
  const share = puzzleDone.value;
  return (
    <p class="hint readiness" role="status">
      {share >= 1 ? t('write.ready') : t('write.puzzle', { percent: Math.floor(share * 100) })}
    </p>
  );
}

export function Write() {
  const said = useSignal(false);
  const isBusy = useSignal(false);
  const covering = useSignal<Picture | null>(null);
  const refusal = useSignal<Refusal | null>(null);
  /** “Send” was pressed while a picture was being cleaned. Nothing goes by itself later: the screen may show something else. */
  const isTooEarly = useSignal(false);
  const isEmpty = () => text.value.trim() === '' && pictures.value.length === 0;
  const submit = () => {
    said.value = true;
    isTooEarly.value = isBusy.value;
    if (isEmpty() || bytesLeft() < 0 || isBusy.value) return;
    void handIn();
  };
  const drop = () => {
    if (!isLater.value) {
      wipe();
      return;
    }
    wipeDraft();
    screen.value = 'mailbox';
  };
  const cover = async (picture: Picture, boxes: readonly Box[]) => {
    covering.value = null;
    isBusy.value = true;
    try {
      await covered(picture, boxes);
    } catch (error) {
      if (!(error instanceof PictureRefused)) throw error;
      refusal.value = error.why;
    } finally {
      isBusy.value = false;
    }
  };
  const chosen = covering.value;
  if (chosen?.canvas != null) {
    return <Cover key="cover" canvas={chosen.canvas} onDone={(boxes) => void cover(chosen, boxes)} />;
  }
  return (
    <Screen key="write" title={isLater.value ? t('write.more') : t('write.title')}>
      <label class="field">
        {t('write.text')}
        <span class="hint">{t('write.text-hint')}</span>
        <textarea
          rows={8}
          autocomplete="off"
          autocorrect="off"
          spellcheck={false}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      </label>
      <p class={bytesLeft() < 0 ? 'wrong' : 'hint'}>{room()}</p>
      <Pictures isBusy={isBusy} covering={covering} refusal={refusal} />
      {!isLater.value && <Questions />}
      <Readiness />
      {isTooEarly.value && isBusy.value && <Notice tone="calm">{t('write.wait')}</Notice>}
      {isTooEarly.value && !isBusy.value && refusal.value === null && (
        <Notice tone="calm">{t('write.waited')}</Notice>
      )}
      {said.value && isEmpty() && !isBusy.value && <Notice tone="bad">{t('write.empty')}</Notice>}
      <Button kind="main" disabled={desk.value === 'closed'} onClick={submit}>
        {t('write.send')}
      </Button>
      <Button kind="danger" onClick={drop}>
        {t('write.drop')}
      </Button>
    </Screen>
  );
}

function Questions() {
  return (
    <>
      <label class="field">
        {t('write.category')}
        <select
          autocomplete="off"
          value={category.value ?? ''}
          onChange={(event) => {
            const value = event.currentTarget.value;
            category.value = CATEGORIES.find((one): one is Category => one === value) ?? null;
          }}
        >
          <option value="">{t('write.none')}</option>
          {CATEGORIES.map((one) => (
            <option key={one} value={one}>
              {t(`category.${one}`)}
            </option>
          ))}
        </select>
      </label>
      {/* It stands there before the list came: nothing below it may move away under a finger. */}
      <label class="field">
        {t('write.commune')}
        <select
          autocomplete="off"
          value={commune.value ?? ''}
          onChange={(event) => {
            const value = event.currentTarget.value;
            commune.value = value === '' ? null : value;
          }}
        >
          <option value="">{t('write.none')}</option>
          {communes.value.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}
