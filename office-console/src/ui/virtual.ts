// Rows that are drawn only where they can be seen: the window of a long list inside its scrolling box.
// Refuses to measure: every row is as high as the list says.

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Rows beyond both edges of the box, so that scrolling meets drawn rows. */
const MARGIN = 8;

export interface RowWindow {
  readonly from: number;
  /** One after the last. */
  readonly to: number;
  readonly above: number;
  readonly below: number;
}

export function useRowWindow(
  box: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  drawAll = false,
): RowWindow {
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      setSeen((before) =>
        before.top === element.scrollTop && before.height === element.clientHeight
          ? before
          : { top: element.scrollTop, height: element.clientHeight },
      );
    };
    const soon = () => {
      frame ||= requestAnimationFrame(look);
    };
    look();
    element.addEventListener('scroll', soon, { passive: true });
    const observer = new ResizeObserver(soon);
    observer.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', soon);
      observer.disconnect();
    };
  }, [box]);
  if (drawAll) return { from: 0, to: count, above: 0, below: 0 };
  const first = Math.floor(seen.top / rowHeight) - MARGIN;
  const from = Math.max(0, Math.min(first, count));
  const to = Math.min(count, Math.ceil((seen.top + seen.height) / rowHeight) + MARGIN);
  return { from, to, above: from * rowHeight, below: Math.max(0, count - to) * rowHeight };
}
