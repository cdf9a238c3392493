// A state as word, shape and colour at once, so that neither sunlight nor colour blindness hides it.
// Refuses to stand without its word.

export type Tone = 'calm' | 'moving' | 'done' | 'back' | 'late' | 'off';

/** One path per tone in a box of 16: the shapes differ as outlines, not only as colours. */
const SHAPES: Readonly<Record<Tone, string>> = {
  calm: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm0 2.2a4.8 4.8 0 1 1 0 9.6 4.8 4.8 0 0 1 0-9.6z',
  moving: 'M8 1l6 6h-3.6v8H5.6V7H2z',
  done: 'M6.2 14.2L.8 8.8l2.4-2.4 3 3L12.8 2.4l2.4 2.4z',
  back: 'M7 2v3.2c5 .2 8 3.2 8 8.8-1.800-3.600-4-4.800-8-4.800v3.300L1 7.200z',
  late: 'M8 .8l7.600 14.200H.4zM7 6v4.500h2V6zm0 5.600v1.900h2v-1.900z',
  off: 'M3.200 1L8 5.800 12.800 1 15 3.200 10.200 8 15 12.800 12.800 15 8 10.200 3.200 15 1 12.800 5.800 8 1 3.200z',
};

export function StateShape({ tone }: { tone: Tone }) {
  return (
    <svg class="state-shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[tone]} fill="currentColor" fill-rule="evenodd" />
    </svg>
  );
}

export function StateBadge({ tone, word }: { tone: Tone; word: string }) {
  return (
    <span class={`state state-${tone}`}>
      <StateShape tone={tone} />
      {word}
    </span>
  );
}
