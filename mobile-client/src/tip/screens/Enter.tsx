// Coming back: 25 digits, checked here before anything is asked of the server.
// Refuses to be filled in by the browser, and to keep the digits after the thread is open.

import { digitsOf, isReceipt, RECEIPT_DIGITS } from '@minhchung/web-shared/tip/receipt.ts';
import { useSignal } from '@preact/signals';
import { wipe } from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice, Screen } from '../ui.tsx';
import { comeBack, type Trouble } from '../visit.ts';

export function Enter() {
  const typed = useSignal('');
  const isOpening = useSignal(false);
  const wrong = useSignal<Trouble | 'digits' | null>(null);
  const digits = digitsOf(typed.value);
  const open = async () => {
    if (!isReceipt(digits)) {
      wrong.value = 'digits';
      return;
    }
    wrong.value = null;
    isOpening.value = true;
    wrong.value = await comeBack(digits);
    isOpening.value = false;
  };
  return (
    <Screen title={t('enter.title')}>
      <label class="field">
        {t('enter.label')}
        <span class="hint">{t('enter.hint')}</span>
        <textarea
          rows={2}
          inputMode="numeric"
          autocomplete="off"
          autocorrect="off"
          spellcheck={false}
          class="digits"
          value={typed.value}
          onInput={(event) => {
            typed.value = grouped(event.currentTarget.value);
            wrong.value = null;
          }}
        />
      </label>
      <p class="hint">{t('enter.count', { n: Math.min(digits.length, RECEIPT_DIGITS) })}</p>
      {wrong.value === 'digits' && <Notice tone="bad">{t('enter.wrong')}</Notice>}
      {wrong.value !== null && wrong.value !== 'digits' && (
        <Notice tone="bad">{t(`trouble.${wrong.value}`)}</Notice>
      )}
      {isOpening.value && <p role="status">{t('enter.opening')}</p>}
      <Button
        kind="main"
        disabled={digits.length < RECEIPT_DIGITS || isOpening.value}
        onClick={() => void open()}
      >
        {t('enter.open')}
      </Button>
      <Button onClick={() => wipe()}>{t('back')}</Button>
    </Screen>
  );
}

/** As on the paper: five by five. */
function grouped(typed: string): string {
  return digitsOf(typed)
    .slice(0, RECEIPT_DIGITS)
    .replace(/(\d{5})(?=\d)/g, '$1 ');
}
