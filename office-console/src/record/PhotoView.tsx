// One picture, as large as its place: zoomed with wheel, buttons or keys, moved by dragging, turned by quarters.
// Refuses to change the picture: it is only looked at.

import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { download } from '../api/office.ts';
import { usePhoto } from '../api/photos.ts';
import { text } from '../text/text.ts';

interface Look {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
  readonly turn: number;
}

const FIRST: Look = { zoom: 1, x: 0, y: 0, turn: 0 };
const MOST = 8;
/** The look at the picture on the screen, for the keys of the queue. */
export const look = signal<Look>(FIRST);

export function zoomBy(factor: number): void {
  const { zoom, x, y, turn } = look.value;
  const next = Math.max(1, Math.min(MOST, zoom * factor));
  look.value =
    next === 1 ? { ...FIRST, turn } : { zoom: next, x: (x * next) / zoom, y: (y * next) / zoom, turn };
}

export function turnPhoto(): void {
  look.value = { ...FIRST, turn: (look.value.turn + 90) % 360 };
}

export function resetLook(): void {
  look.value = FIRST;
}

export function PhotoView({ sha256, label }: { sha256: string; label: string }) {
  const isClose = look.value.zoom > 2;
  const screen = usePhoto(sha256, 'screen');
  // The untouched picture, when somebody looks closely.
  const original = usePhoto(isClose ? sha256 : null, 'original');
  const box = useRef<HTMLDivElement>(null);
  const [sideways, setSideways] = useState(1);
  // The server could not read it and hands over what was sent, and this browser cannot read it either.
  const [isUndrawable, setIsUndrawable] = useState(false);
  useEffect(() => {
    resetLook();
    setIsUndrawable(false);
  }, [sha256]);
  useWheel(box);
  const { zoom, x, y, turn } = look.value;
  const loaded = isClose && typeof original === 'object' ? original : screen;
  const fit = turn % 180 === 0 ? 1 : sideways;

  return (
    <div class="photo-view">
      <div class="photo-stage" ref={box} onPointerDown={drag}>
        {isUndrawable ? (
          <p class="photo-wait">{text('photo.undrawable')}</p>
        ) : typeof loaded === 'object' ? (
          <img
            src={loaded.address}
            alt={label}
            draggable={false}
            onError={() => setIsUndrawable(true)}
            onLoad={(event) => setSideways(fitSideways(event.currentTarget, box.current))}
            style={{ transform: `translate(${x}px, ${y}px) rotate(${turn}deg) scale(${zoom * fit})` }}
          />
        ) : (
          <p class="photo-wait">{text(loaded === 'loading' ? 'loading' : 'photo.failed')}</p>
        )}
      </div>
      <div class="photo-tools" role="group" aria-label={text('photo.tools')}>
        <button
          type="button"
          class="button small"
          onClick={() => zoomBy(1.5)}
          aria-label={text('photo.closer')}
        >
          +
        </button>
        <button
          type="button"
          class="button small"
          onClick={() => zoomBy(1 / 1.5)}
          aria-label={text('photo.further')}
        >
          −
        </button>
        <button type="button" class="button small" onClick={resetLook}>
          {text('photo.whole')}
        </button>
        <button type="button" class="button small" onClick={turnPhoto}>
          {text('photo.turn')}
        </button>
        {isUndrawable && (
          <button
            type="button"
            class="button small"
            onClick={() => void download(`/api/v1/photos/${sha256}?size=original`, sha256)}
          >
            {text('photo.original')}
          </button>
        )}
        <output class="photo-zoom">{Math.round(zoom * 100)}%</output>
      </div>
    </div>
  );
}

/** How much smaller a picture has to be to fit after a quarter turn. */
function fitSideways(image: HTMLImageElement, box: HTMLElement | null): number {
  if (box === null || image.clientWidth === 0) return 1;
  return Math.min(box.clientWidth / image.clientHeight, box.clientHeight / image.clientWidth);
}

function useWheel(box: { current: HTMLElement | null }): void {
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const turned = (event: WheelEvent) => {
      event.preventDefault();
      zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2);
    };
    element.addEventListener('wheel', turned, { passive: false });
    return () => element.removeEventListener('wheel', turned);
  }, [box]);
}

function drag(event: PointerEvent): void {
  if (look.value.zoom === 1) return;
  const stage = event.currentTarget as HTMLElement;
  stage.setPointerCapture(event.pointerId);
  const from = { x: event.clientX - look.value.x, y: event.clientY - look.value.y };
  const move = (moved: PointerEvent) => {
    look.value = { ...look.value, x: moved.clientX - from.x, y: moved.clientY - from.y };
  };
  stage.addEventListener('pointermove', move);
  stage.addEventListener('pointerup', () => stage.removeEventListener('pointermove', move), { once: true });
}
