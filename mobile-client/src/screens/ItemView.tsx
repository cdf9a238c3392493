// One item of the outbox: its pictures, its receipt, and what a person can do when something is wrong.
// Refuses to throw evidence away without being asked twice.

import { bytes, metres, moment, number } from '@minhchung/web-shared/format/format.ts';
import { StateBadge } from '@minhchung/web-shared/ui/StateBadge.tsx';
import { useState } from 'preact/hooks';
import { back, go } from '../app/router.ts';
import { mine, places } from '../app/state.ts';
import { send } from '../app/sync.ts';
import { cellWords, itemBadge, reasonWords, refusalWords } from '../app/words.ts';
import { receiptNumber } from '../outbox/receipt.ts';
import type { Evidence, Item } from '../outbox/records.ts';
import { hurry } from '../outbox/sender.ts';
import { changeItem, removeItem } from '../outbox/store.ts';
import { dictionary, t } from '../text/dictionary.ts';
import { Large } from '../ui/Large.tsx';
import { MainButton, Notice, Screen, SideButton } from '../ui/parts.tsx';

async function giveUp(item: Item): Promise<void> {
  // The server has a part of it, so it has to hear of it too.
  if (item.kind === 'evidence' && item.reported)
    await changeItem(item.id, (now) => ({ ...now, stage: 'dropping', nextAt: 0 }));
  else await removeItem(item.id);
  void send();
}

async function tryAgain(item: Item): Promise<void> {
  const place = item.kind === 'evidence' ? item.assignment : item.id;
  // A proposal that was refused took its evidence with it; neither goes without the other.
  const together = mine.value.filter(
    (one) =>
      one.id === item.id ||
      (one.stage === 'refused' && one.kind === 'proposal' && one.id === place) ||
      (one.stage === 'refused' &&
        one.kind === 'evidence' &&
        item.kind === 'proposal' &&
        one.assignment === place),
  );
  for (const one of together) {
    await changeItem(one.id, (now) => ({ ...now, stage: 'waiting', attempts: 0, nextAt: 0, refusal: null }));
  }
  await hurry(item.id);
  void send();
}

function Facts({ item }: { readonly item: Evidence }) {
  const language = dictionary.language.value;
  const total = item.pictures.reduce((sum, picture) => sum + picture.bytes, 0);
  return (
    <dl class="facts">
      {item.receipt !== null && (
        <>
          <dt>{t('item.receipt-number')}</dt>
          <dd class="receipt">{receiptNumber(item.id)}</dd>
        </>
      )}
      {item.receivedAt !== null && (
        <>
          <dt>{t('item.received-at')}</dt>
          <dd>{moment(Date.parse(item.receivedAt))}</dd>
        </>
      )}
      <dt>{t('item.taken-at')}</dt>
      <dd>{moment(Date.parse(item.capturedAt))}</dd>
      <dt>{t('item.fix-name')}</dt>
      <dd>
        {item.fix === null
          ? t('check.no-place')
          : t('item.fix', { accuracy: metres(Math.round(item.fix.accuracyM), language) })}
      </dd>
      <dt>{t('item.pictures')}</dt>
      <dd>{t('item.pictures-size', { n: item.pictures.length, size: bytes(total, language) })}</dd>
      {item.signedCount !== null && (
        <>
          <dt>{t('check.signed')}</dt>
          <dd>{number(item.signedCount, language)}</dd>
        </>
      )}
    </dl>
  );
}

export function ItemView({ id }: { readonly id: string }) {
  const [sure, setSure] = useState(false);
  const item = mine.value.find((one) => one.id === id);
  if (item === undefined) {
    return (
      <Screen title={t('item.gone')} name="item">
        <p>{t('item.gone-why')}</p>
      </Screen>
    );
  }
  const stuck = item.stage === 'refused' || item.stage === 'ghost';
  const assignment = item.kind === 'evidence' ? item.assignment : item.id;
  const canRetake =
    (stuck || item.stage === 'returned') && places.value.some((place) => place.id === assignment);
  return (
    <Screen title={item.title.place} name="item">
      <StateBadge {...itemBadge(item)} />
      <p>
        {item.title.village} · {cellWords(item.title.cell)}
      </p>
      {item.refusal !== null && (
        <Notice tone="back">
          <p>
            <strong>{t('item.why-refused')}</strong> {refusalWords(item.refusal.code, item.refusal.sentence)}
          </p>
        </Notice>
      )}
      {item.stage === 'ghost' && <Notice tone="late">{t('item.why-ghost')}</Notice>}
      {item.kind === 'evidence' && item.stage === 'returned' && item.verdict !== null && (
        <Notice tone="back">
          <p>
            <strong>{t('place.why-back')}</strong> {reasonWords(item.verdict.reason)}
          </p>
          {item.verdict.comment !== null && <blockquote>{item.verdict.comment}</blockquote>}
        </Notice>
      )}
      {item.kind === 'evidence' && <Facts item={item} />}
      {item.kind === 'evidence' &&
        item.pictures.map((picture, index) => (
          <Large key={picture.key} picture={picture} alt={t('check.picture', { number: index + 1 })} />
        ))}
      <div class="bottom">
        {canRetake && (
          <MainButton onClick={() => go({ at: 'camera', id: assignment })}>
            {t('place.take-again')}
          </MainButton>
        )}
        {(item.stage === 'refused' || item.stage === 'waiting') && (
          <SideButton onClick={() => void tryAgain(item)}>{t('item.try-again')}</SideButton>
        )}
        {stuck && !sure && <SideButton onClick={() => setSure(true)}>{t('item.give-up')}</SideButton>}
        {stuck && sure && (
          <Notice tone="late">
            <p>{t('item.give-up-sure')}</p>
            <SideButton
              onClick={() => {
                void giveUp(item).then(back);
              }}
            >
              {t('item.give-up-yes')}
            </SideButton>
          </Notice>
        )}
      </div>
    </Screen>
  );
}
