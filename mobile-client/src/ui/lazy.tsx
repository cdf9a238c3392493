// Screens that are fetched when they are first needed (the service worker has them, also offline).
// Refuses to leave the person before an empty page: a screen that cannot be fetched says what to do.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { back } from '../app/router.ts';
import { t } from '../text/dictionary.ts';

/** Of a screen that needs to be told nothing. */
interface NoProperties {
  readonly id?: never;
}

export function lazy<P extends object = NoProperties>(
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, setState] = useState<'loading' | 'here' | 'failed'>('loading');
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (component) => {
          loaded = component;
          setState('here');
        },
        () => setFailed(true),
      );
    }, []);
    if (failed) {
      return (
        <main class="screen">
          <h1>{t('app.name')}</h1>
          <p role="alert">{t('app.no-screen')}</p>
          <button type="button" class="button button-main" onClick={() => location.reload()}>
            {t('app.again')}
          </button>
          <button type="button" class="button" onClick={back}>
            {t('bar.back')}
          </button>
        </main>
      );
    }
    const Loaded = loaded;
    return Loaded === null ? null : <Loaded {...props} />;
  };
}
