// Screens that are fetched when they are first needed (the service worker has them, also offline).
// Refuses to leave the person before an empty page: a screen that cannot be fetched says what to do.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
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
    if (failed) return <p class="screen">{t('app.no-screen')}</p>;
    const Loaded = loaded;
    return Loaded === null ? null : <Loaded {...props} />;
  };
}
