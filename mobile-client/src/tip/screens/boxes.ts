// Black boxes as shares of a picture's width and height.
// Refuses a box that reaches beyond the picture or vanishes.

import type { Box } from '../pictures/prepare.ts';

const LEAST = 0.02;
export const START_BOX: Box = { left: 0.35, top: 0.4, width: 0.3, height: 0.2 };

const within = (value: number, least: number, most: number) => Math.min(Math.max(value, least), most);

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The box between two points, whichever corner came first. */
export function between(one: Point, other: Point): Box {
  const [left, right] = [Math.min(one.x, other.x), Math.max(one.x, other.x)].map((x) => within(x, 0, 1));
  const [top, bottom] = [Math.min(one.y, other.y), Math.max(one.y, other.y)].map((y) => within(y, 0, 1));
  return {
    left: left ?? 0,
    top: top ?? 0,
    width: (right ?? 0) - (left ?? 0),
    height: (bottom ?? 0) - (top ?? 0),
  };
}

export function moved(box: Box, x: number, y: number): Box {
  return {
    ...box,
    left: within(box.left + x, 0, 1 - box.width),
    top: within(box.top + y, 0, 1 - box.height),
  };
}

export function resized(box: Box, x: number, y: number): Box {
  return {
    ...box,
    width: within(box.width + x, LEAST, 1 - box.left),
    height: within(box.height + y, LEAST, 1 - box.top),
  };
}
