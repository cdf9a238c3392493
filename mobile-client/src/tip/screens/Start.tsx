// The first screen: the promise, the limits in short sentences, and two ways on.
// Refuses to let anybody write before the limits stood above the button.

import { note, screen } from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice, Screen } from '../ui.tsx';
import { beginMessage } from '../visit.ts';

const LIMITS = ['network', 'server', 'words', 'receipt', 'browser'] as const;

export function Start() {
  const why = note.value;
  return (
    <Screen title={t('start.title')} isFirst={why === null}>
      {why !== null && <Notice tone="calm">{t(`note.${why}`)}</Notice>}
      <p class="promise">{t('start.promise')}</p>
      <h2>{t('start.limits')}</h2>
      <ul class="limits">
        {LIMITS.map((limit) => (
          <li key={limit}>{t(`start.limit.${limit}`)}</li>
        ))}
      </ul>
      <Button kind="main" onClick={beginMessage}>
        {t('start.write')}
      </Button>
      <Button
        onClick={() => {
          note.value = null;
          screen.value = 'enter';
        }}
      >
        {t('start.return')}
      </Button>
    </Screen>
  );
}
