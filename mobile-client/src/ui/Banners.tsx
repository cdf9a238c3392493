// What a person has to know before anything else: signed out, no Wi-Fi, the wrong browser, a new version.
// Refuses more than plain sentences.

import { session } from '../api/session.ts';
import { go } from '../app/router.ts';
import { unsentPictures } from '../app/state.ts';
import { waitsForWifi } from '../app/sync.ts';
import { updateWaits } from '../app/update.ts';
import { isFull } from '../outbox/database.ts';
import { reached } from '../outbox/sender.ts';
import { t } from '../text/dictionary.ts';
import { Notice, SideButton } from './parts.tsx';

/** Browsers inside other apps forget what they keep and cannot work offline. */
export function isInsideAnotherApp(agent: string): boolean {
  return /Zalo|FBAN|FBAV|FB_IAB|Instagram|Line\/|TikTok|musical_ly/i.test(agent);
}

export function InsideAnotherApp() {
  if (!isInsideAnotherApp(navigator.userAgent)) return null;
  const { host, pathname, search, hash } = location;
  return (
    <Notice tone="late">
      <p>{t('app.other-browser')}</p>
      <a
        class="button button-main"
        href={`intent://${host}${pathname}${search}${hash}#Intent;scheme=https;package=com.android.chrome;S.browser_fallback_url=${encodeURIComponent(location.origin + hash)};end`}
      >
        {t('app.open-chrome')}
      </a>
      <p>{t('app.copy-address', { address: location.origin })}</p>
    </Notice>
  );
}

export function Banners() {
  return (
    <>
      <InsideAnotherApp />
      {session.value?.over === true && (
        <Notice tone="late">
          <p>
            {unsentPictures.value > 0
              ? t('session.over-unsent', { n: unsentPictures.value })
              : t('session.over')}
          </p>
          <SideButton onClick={() => go({ at: 'sign-in' })}>{t('session.enter')}</SideButton>
        </Notice>
      )}
      {isFull.value && (
        <Notice tone="late">
          <p role="alert">{t('app.full')}</p>
        </Notice>
      )}
      {reached.value === false && <Notice tone="calm">{t('app.offline')}</Notice>}
      {waitsForWifi() && <Notice tone="calm">{t('app.waits-wifi')}</Notice>}
      {updateWaits.value && <Notice tone="calm">{t('app.update-waits')}</Notice>}
    </>
  );
}
