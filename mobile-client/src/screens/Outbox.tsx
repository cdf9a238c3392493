// What was taken on this phone and how far each is, and the last receipts.
// Refuses to leave anything out: what other accounts left on this phone is counted too.

import { moment } from '@minhchung/web-shared/format/format.ts';
import { StateBadge } from '@minhchung/web-shared/ui/StateBadge.tsx';
import { go } from '../app/router.ts';
import {
  countUnsent,
  draftPictures,
  drafts,
  items,
  mine,
  owner,
  places,
  stuck,
  unsentPictures,
} from '../app/state.ts';
import { hurryUp } from '../app/sync.ts';
import { cellWords, itemBadge } from '../app/words.ts';
import { receiptNumber } from '../outbox/receipt.ts';
import { type Draft, type Item, isFinished } from '../outbox/records.ts';
import { sending } from '../outbox/sender.ts';
import { t } from '../text/dictionary.ts';
import { Banners } from '../ui/Banners.tsx';
import { MainButton, Notice, Screen } from '../ui/parts.tsx';
import { Thumb } from '../ui/Thumb.tsx';

function Row({ item }: { readonly item: Item }) {
  const first = item.kind === 'evidence' ? item.pictures[0] : undefined;
  const content = (
    <>
      {first !== undefined && <Thumb id={first.key} alt="" />}
      <span class="row-text">
        <StateBadge {...itemBadge(item)} />
        <span class="card-title">{item.title.place}</span>
        <span class="card-line">
          {item.title.village} · {cellWords(item.title.cell)}
        </span>
        <span class="card-line">{moment(item.createdAt)}</span>
        {item.kind === 'evidence' && item.receipt !== null && (
          <span class="card-line">{t('item.receipt', { number: receiptNumber(item.id) })}</span>
        )}
        {item.kind === 'proposal' && <span class="card-line">{t('item.proposal')}</span>}
      </span>
    </>
  );
  return (
    <li class={`card card-${itemBadge(item).tone}`}>
      <button type="button" class="row" onClick={() => go({ at: 'item', id: item.id })}>
        {content}
      </button>
    </li>
  );
}

/** Taken, and not handed in: one tap leads back to it. */
function DraftRow({ draft }: { readonly draft: Draft }) {
  const [first] = draft.pictures;
  const place = places.value.find((one) => one.id === draft.assignment);
  return (
    <li class="card">
      <button type="button" class="row" onClick={() => go({ at: 'check', id: draft.assignment })}>
        {first !== undefined && <Thumb id={first.key} alt="" />}
        <span class="row-text">
          <StateBadge tone="calm" word={t('item.draft')} />
          <span class="card-title">{place?.title.place ?? t('place.gone')}</span>
          <span class="card-line">{t('place.go-on')}</span>
        </span>
      </button>
    </li>
  );
}

export function Outbox() {
  const open = mine.value.filter((item) => !isFinished(item));
  const finished = mine.value.filter(isFinished);
  const others = items.value.filter((item) => item.owner !== owner.value && item.kind === 'evidence');
  const strangers = countUnsent(others.filter((item) => item.kind === 'evidence'));
  return (
    <Screen title={t('outbox.title')} name="outbox">
      <Banners />
      <p role="status">
        {unsentPictures.value > 0
          ? t('outbox.unsent', { n: unsentPictures.value })
          : stuck.value > 0
            ? t('outbox.stuck', { n: stuck.value })
            : draftPictures.value > 0
              ? t('outbox.drafts', { n: draftPictures.value })
              : t('outbox.all-sent')}
      </p>
      {strangers > 0 && <Notice tone="calm">{t('outbox.strangers', { n: strangers })}</Notice>}
      {drafts.value.length > 0 && <h2>{t('outbox.not-handed-in')}</h2>}
      <ul class="cards">
        {drafts.value.map((draft) => (
          <DraftRow key={draft.assignment} draft={draft} />
        ))}
      </ul>
      {open.length > 0 && <h2>{t('outbox.open')}</h2>}
      <ul class="cards">
        {open.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
      {finished.length > 0 && <h2>{t('outbox.finished')}</h2>}
      <ul class="cards">
        {finished.map((item) => (
          <Row key={item.id} item={item} />
        ))}
      </ul>
      {mine.value.length === 0 && drafts.value.length === 0 && <p>{t('outbox.none')}</p>}
      {unsentPictures.value > 0 && sending.value === null && (
        <div class="bottom">
          <MainButton onClick={hurryUp}>{t('outbox.now')}</MainButton>
        </div>
      )}
    </Screen>
  );
}
