// What happens to the message, in words, while it is on its way or when it was not taken.
// Refuses to say "sent" for anything but the server's answer.

import { puzzleDone } from '../puzzle.ts';
import { tryNow } from '../sending.ts';
import { screen, sending } from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice, Screen } from '../ui.tsx';

export function SendingScreen() {
  const state = sending.value;
  if (state.is === 'failed') {
    return (
      <Screen key="failed" title={t('failed.title')}>
        <Notice tone="bad">{t(`failed.${state.why}`)}</Notice>
        <Button
          kind="main"
          onClick={() => {
            screen.value = 'write';
          }}
        >
          {t('failed.back')}
        </Button>
      </Screen>
    );
  }
  const isWaiting = state.is === 'silence' || state.is === 'busy';
  return (
    <Screen key="sending" title={t('sending.title')}>
      <progress aria-label={t('sending.title')} />
      {isWaiting ? (
        <>
          <Notice tone="calm">{t(`sending.${state.is}`, { seconds: state.againInS })}</Notice>
          <Button onClick={tryNow}>{t('sending.again')}</Button>
        </>
      ) : (
        <p role="status">{t(`sending.${state.is}`, { percent: Math.floor(puzzleDone.value * 100) })}</p>
      )}
      <p class="hint">{t('sending.keep-open')}</p>
    </Screen>
  );
}
