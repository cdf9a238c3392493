// The record and its pictures are on the phone's disk: a success, also without a network.
// Refuses to say "sent" before the server's receipt.

import { StateBadge, StateShape } from '@minhchung/web-shared/ui/StateBadge.tsx';
import { replace } from '../app/router.ts';
import { evidence } from '../app/state.ts';
import { itemBadge } from '../app/words.ts';
import { receiptNumber } from '../outbox/receipt.ts';
import { t } from '../text/dictionary.ts';
import { MainButton, Screen } from '../ui/parts.tsx';

export function Saved({ id }: { readonly id: string }) {
  const item = evidence.value.find((one) => one.id === id);
  if (item === undefined) {
    return (
      <Screen title={t('item.gone')} name="saved">
        <p>{t('item.gone-why')}</p>
      </Screen>
    );
  }
  const received = item.receipt !== null;
  return (
    <Screen title={received ? t('saved.received') : t('saved.title')} name="saved">
      <p class="success">
        <StateShape tone="done" />
      </p>
      <p>{received ? t('saved.receipt', { number: receiptNumber(item.id) }) : t('saved.why')}</p>
      <p role="status">
        <StateBadge {...itemBadge(item)} />
      </p>
      <div class="bottom">
        <MainButton onClick={() => replace({ at: 'places' })}>{t('saved.next')}</MainButton>
      </div>
    </Screen>
  );
}
