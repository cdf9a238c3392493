// One place: what has to be shown there, how it stands, and why it came back.
// Refuses to start the camera by itself; the one main button does.

import { day, moment, number } from '@minhchung/web-shared/format/format.ts';
import { StateBadge } from '@minhchung/web-shared/ui/StateBadge.tsx';
import { useEffect } from 'preact/hooks';
import { isReturned, needsPicture, standing } from '../app/place-order.ts';
import { go } from '../app/router.ts';
import { campaign, drafts, evidence, now, places } from '../app/state.ts';
import { cellWords, isCommitment, itemBadge, reasonWords, standingBadge } from '../app/words.ts';
import { permission, startWatching } from '../capture/place.ts';
import { dictionary, t } from '../text/dictionary.ts';
import { MainButton, Notice, Screen, SideButton } from '../ui/parts.tsx';
import { Whereabouts } from '../ui/Whereabouts.tsx';

function BannerText({ cell }: { readonly cell: string }) {
  const banners = campaign.value?.banners;
  const group = banners?.groups.find((one) => one.cell === cell);
  const language = dictionary.language.value;
  if (banners === null || banners === undefined || group === undefined) return null;
  return (
    <section aria-label={t('place.wanted')}>
      <h2>{t('place.wanted')}</h2>
      <div class="banner" lang="vi">
        <p class="banner-head">{group.headline}</p>
        {banners.lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      {group.placeholder !== null && <p>{t('place.placeholder', { dots: group.placeholder })}</p>}
      <p>
        {group.sizes.length === 0
          ? t('place.no-size')
          : t('place.size', {
              size: group.sizes
                .map((size) =>
                  t('place.one-size', {
                    height: number(size.height_m, language, 2),
                    width: number(size.width_m, language, 2),
                  }),
                )
                .join(t('place.or')),
            })}
      </p>
    </section>
  );
}

export function Place({ id }: { readonly id: string }) {
  const place = places.value.find((one) => one.id === id);
  useEffect(() => {
    // Asked for by the camera's screen, with an explanation, if it was never allowed.
    void permission('geolocation').then((state) => {
      if (state === 'granted') startWatching(id);
    });
  }, [id]);
  if (place === undefined) {
    return (
      <Screen title={t('place.gone')} name="place">
        <p>{t('place.gone-why')}</p>
      </Screen>
    );
  }
  const { title } = place;
  const mine = evidence.value.filter((item) => item.assignment === id);
  const how = standing(place, mine, now.value);
  const draft = drafts.value.find((one) => one.assignment === id);
  const returned = isReturned(place, how);
  return (
    <Screen title={title.place} name="place">
      <StateBadge {...standingBadge(how)} />
      {returned && (
        <Notice tone="back">
          <p>
            <strong>{t('place.why-back')}</strong> {reasonWords(place.lastReason)}
          </p>
          {place.lastComment !== null && <blockquote>{place.lastComment}</blockquote>}
        </Notice>
      )}
      <dl class="facts">
        <dt>{t('place.what')}</dt>
        <dd>{cellWords(title.cell)}</dd>
        <dt>{t('place.where')}</dt>
        <dd>{title.village}</dd>
        <dt>{t('place.when')}</dt>
        <dd>{day(place.due)}</dd>
        {place.expectedSigners !== null && (
          <>
            <dt>{t('place.signers')}</dt>
            <dd>{number(place.expectedSigners, dictionary.language.value)}</dd>
          </>
        )}
        {place.note !== null && (
          <>
            <dt>{t('place.note')}</dt>
            <dd>{place.note}</dd>
          </>
        )}
      </dl>
      {isCommitment(title.cell) ? <p>{t('place.sheet-hint')}</p> : <BannerText cell={title.cell} />}
      <Whereabouts />
      {mine.length > 0 && (
        <section>
          <h2>{t('place.sent-before')}</h2>
          {mine.map((item) => (
            <SideButton key={item.id} onClick={() => go({ at: 'item', id: item.id })}>
              <StateBadge {...itemBadge(item)} />
              <span>{moment(item.createdAt)}</span>
            </SideButton>
          ))}
        </section>
      )}
      <div class="bottom">
        {draft !== undefined ? (
          <MainButton onClick={() => go({ at: 'check', id })}>{t('place.go-on')}</MainButton>
        ) : needsPicture(how) ? (
          <MainButton onClick={() => go({ at: 'camera', id })}>
            {returned
              ? t('place.take-again')
              : isCommitment(title.cell)
                ? t('place.take-sheet')
                : t('place.take')}
          </MainButton>
        ) : (
          <SideButton onClick={() => go({ at: 'camera', id })}>{t('place.take-more')}</SideButton>
        )}
      </div>
    </Screen>
  );
}
