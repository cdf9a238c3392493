// The arithmetic of pictures: how large, in which quality, and the frame that a banner should fill.
// Refuses to enlarge.

export const LONG_EDGE = 1600;
export const TARGET_BYTES = 400_000;
export const SMALL_EDGE = 320;
/** Tried in this order until the picture is small enough; below the last, letters are not readable any more. */
export const QUALITIES = [0.85, 0.75, 0.65, 0.55, 0.45] as const;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** `size` made to fit into a square of `edge`, never larger than it was. */
export function fitInto(size: Size, edge: number): Size {
  const scale = Math.min(1, edge / Math.max(size.width, size.height));
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
  };
}

/** Height to width of the banners of a group, widest first: `[0.5]` for 0.8 × 1.6 m; empty where no size is given. */
export function guides(sizes: readonly { readonly height_m: number; readonly width_m: number }[]): number[] {
  const ratios = sizes.filter((size) => size.width_m > 0).map((size) => size.height_m / size.width_m);
  return [...new Set(ratios)].sort((one, other) => one - other);
}

/** The original is sent when it is upright, small enough, and no heavier than what was made of it. */
export function prefersOriginal(
  original: { bytes: number; size: Size; upright: boolean },
  made: number,
): boolean {
  return (
    original.upright &&
    Math.max(original.size.width, original.size.height) <= LONG_EDGE &&
    original.bytes <= made
  );
}
