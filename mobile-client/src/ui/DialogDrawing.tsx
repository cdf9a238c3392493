// A drawing of the system's question, so that nobody is frightened by it.
// Refuses to be taken for the question itself: it is a picture with a hand that points.

import { t } from '../text/dictionary.ts';

export function DialogDrawing() {
  return (
    <figure class="drawing" role="img" aria-label={t('camera.drawing')}>
      <div class="drawing-dialog" aria-hidden="true">
        <p>{t('camera.drawing-question')}</p>
        <p class="drawing-no">{t('camera.drawing-no')}</p>
        <p class="drawing-yes">
          {t('camera.drawing-yes')} <span class="drawing-hand">☜</span>
        </p>
      </div>
    </figure>
  );
}
