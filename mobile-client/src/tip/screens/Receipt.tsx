// The receipt: shown once as five groups, checked by two of them, and gone.
// Refuses to go on before two groups were typed from the person's own paper.

import { random } from '@minhchung/web-shared/tip/bytes.ts';
import { digitsOf, groupsOf } from '@minhchung/web-shared/tip/receipt.ts';
import { useSignal } from '@preact/signals';
import { endThread, receipt, screen } from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice, Screen } from '../ui.tsx';

export function Receipt() {
  return (
    <Screen title={t('receipt.title')}>
      <p>{t('receipt.what')}</p>
      <ol class="groups" aria-label={t('receipt.label')}>
        {groupsOf(receipt.value).map((group, index) => (
          <li key={index}>
            <span class="visually-hidden">{t('receipt.group', { n: index + 1 })}: </span>
            {group}
          </li>
        ))}
      </ol>
      <p class="hint">{t('receipt.secret')}</p>
      <Button
        kind="main"
        onClick={() => {
          screen.value = 'confirm';
        }}
      >
        {t('receipt.noted')}
      </Button>
    </Screen>
  );
}

/** Two different groups, in order. */
function twoGroups(): readonly [number, number] {
  const [first = 0, second = 0] = random(2);
  const one = first % 5;
  const other = (one + 1 + (second % 4)) % 5;
  return [Math.min(one, other), Math.max(one, other)];
}

export function Confirm() {
  const asked = useSignal(twoGroups());
  const typed = useSignal<readonly [string, string]>(['', '']);
  const isWrong = useSignal(false);
  const check = () => {
    const groups = groupsOf(receipt.value);
    const isRight = asked.value.every((group, index) => digitsOf(typed.value[index] ?? '') === groups[group]);
    isWrong.value = !isRight;
    if (!isRight) return;
    endThread();
    screen.value = 'done';
  };
  return (
    <Screen title={t('confirm.title')}>
      <p>{t('confirm.what')}</p>
      {asked.value.map((group, index) => (
        <label class="field" key={group}>
          {t('confirm.group', { n: group + 1 })}
          <input
            type="text"
            inputMode="numeric"
            autocomplete="off"
            class="digits"
            maxLength={7}
            value={typed.value[index] ?? ''}
            onInput={(event) => {
              const value = event.currentTarget.value;
              const [one, other] = typed.value;
              typed.value = index === 0 ? [value, other] : [one, value];
            }}
          />
        </label>
      ))}
      {isWrong.value && <Notice tone="bad">{t('confirm.wrong')}</Notice>}
      <Button kind="main" onClick={check}>
        {t('confirm.check')}
      </Button>
      <Button
        onClick={() => {
          screen.value = 'receipt';
        }}
      >
        {t('confirm.again')}
      </Button>
    </Screen>
  );
}

export function Done({ leave }: { readonly leave: () => void }) {
  return (
    <Screen title={t('done.title')}>
      <p>{t('done.what')}</p>
      <p>{t('done.traces')}</p>
      <Button kind="main" onClick={leave}>
        {t('done.leave')}
      </Button>
    </Screen>
  );
}
