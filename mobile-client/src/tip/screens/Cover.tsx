// Black boxes over a picture, by finger, mouse or keyboard. They are burned into the pixels when the person is done.
// Refuses boxes that leave the picture, and drawings that only hide: nothing stays below.

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Box } from '../pictures/prepare.ts';
import { t } from '../text/dictionary.ts';
import { Button, Screen } from '../ui.tsx';
import { between, moved, resized, START_BOX } from './boxes.ts';
import { useErased } from './Pictures.tsx';

const VIEW_EDGE = 1280;
const STEP = 0.02;
/** A tap that was not meant as a box. */
const LEAST = 0.02;

interface Props {
  readonly canvas: HTMLCanvasElement;
  readonly onDone: (boxes: readonly Box[]) => void;
}

export function Cover({ canvas, onDone }: Props) {
  const boxes = useSignal<readonly Box[]>([]);
  const drawing = useSignal<{ x: number; y: number; box: Box | null } | null>(null);
  const view = useRef<HTMLCanvasElement>(null);
  const last = useRef<HTMLButtonElement>(null);
  useErased(view);
  useEffect(() => {
    const target = view.current;
    if (target === null) return;
    // As large as the screen takes it, also a small picture.
    const scale = VIEW_EDGE / Math.max(canvas.width, canvas.height);
    target.width = Math.max(1, Math.round(canvas.width * scale));
    target.height = Math.max(1, Math.round(canvas.height * scale));
    target.getContext('2d')?.drawImage(canvas, 0, 0, target.width, target.height);
  }, [canvas]);

  const at = (event: PointerEvent) => {
    const area = view.current?.getBoundingClientRect();
    if (area === undefined) return { x: 0, y: 0 };
    return { x: (event.clientX - area.left) / area.width, y: (event.clientY - area.top) / area.height };
  };
  const begin = (event: PointerEvent) => {
    view.current?.setPointerCapture(event.pointerId);
    drawing.value = { ...at(event), box: null };
  };
  const go = (event: PointerEvent) => {
    const from = drawing.value;
    if (from !== null) drawing.value = { ...from, box: between(from, at(event)) };
  };
  const end = () => {
    const box = drawing.value?.box;
    drawing.value = null;
    if (box != null && box.width >= LEAST && box.height >= LEAST) boxes.value = [...boxes.value, box];
  };
  const add = () => {
    boxes.value = [...boxes.value, START_BOX];
    requestAnimationFrame(() => last.current?.focus());
  };
  const change = (index: number, box: Box) => {
    boxes.value = boxes.value.map((one, other) => (other === index ? box : one));
  };
  const remove = (index: number) => {
    boxes.value = boxes.value.filter((_, other) => other !== index);
  };
  const byKey = (event: KeyboardEvent, index: number, box: Box) => {
    const step = STEPS[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const [x, y] = [step[0] * STEP, step[1] * STEP];
      change(index, event.shiftKey ? resized(box, x, y) : moved(box, x, y));
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      remove(index);
    }
  };

  const shown = drawing.value?.box == null ? boxes.value : [...boxes.value, drawing.value.box];
  return (
    <Screen title={t('cover.title')}>
      <p class="hint">{t('cover.hint')}</p>
      <div class="stage">
        <canvas
          ref={view}
          role="img"
          aria-label={t('cover.picture')}
          onPointerDown={begin}
          onPointerMove={go}
          onPointerUp={end}
          onPointerCancel={end}
        />
        {shown.map((box, index) => (
          <button
            key={index}
            ref={index === shown.length - 1 ? last : null}
            type="button"
            class="black"
            aria-label={t('cover.box', { n: index + 1 })}
            style={{
              left: `${box.left * 100}%`,
              top: `${box.top * 100}%`,
              width: `${box.width * 100}%`,
              height: `${box.height * 100}%`,
            }}
            onKeyDown={(event) => byKey(event, index, box)}
          />
        ))}
      </div>
      <div class="side-by-side">
        <Button onClick={add}>{t('cover.add')}</Button>
        <Button disabled={boxes.value.length === 0} onClick={() => remove(boxes.value.length - 1)}>
          {t('cover.undo')}
        </Button>
      </div>
      <Button kind="main" onClick={() => onDone(boxes.value)}>
        {boxes.value.length === 0 ? t('cover.cancel') : t('cover.done')}
      </Button>
    </Screen>
  );
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
