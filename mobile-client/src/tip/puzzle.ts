// One puzzle at a time, solved while the person writes.
// Refuses to hand out a solution that may be out of time: then a new challenge is fetched.

import { NoAnswer } from '@minhchung/web-shared/api/problem.ts';
import type { Bytes } from '@minhchung/web-shared/tip/bytes.ts';
import { PUZZLE_PARTS } from '@minhchung/web-shared/tip/puzzle.ts';
import { signal } from '@preact/signals';
import { newChallenge } from './api/tips.ts';
import type { PuzzleReply } from './worker-messages.ts';
import { startPuzzle } from './workers.ts';

/** Share of the puzzle that is solved, 0 to 1. */
export const puzzleDone = signal(0);

/** How many workers may fail at one puzzle. */
const TRIES = 3;
/** Sending 1.6 MB takes a while too. */
const SPARE_S = 300;

interface Ticket {
  readonly challenge: Bytes;
  readonly solution: Bytes;
  /** By this browser's running clock; the phone's date may be wrong. */
  readonly goodUntilMs: number;
}

export class PuzzleFailed extends Error {
  override readonly name = 'PuzzleFailed';
}

/** Aborted when nobody wants the present puzzle any more; whoever waits for it hears of it. */
let wanted = new AbortController();
let ticket: Promise<Ticket> | null = null;

const GIVEN_UP = 'the puzzle was given up';

function solve(challenge: Bytes, signal: AbortSignal): Promise<Bytes> {
  if (signal.aborted) throw new NoAnswer(GIVEN_UP);
  const running = startPuzzle();
  return new Promise<Bytes>((solved, failed) => {
    running.onmessage = (event: MessageEvent<PuzzleReply>) => {
      const reply = event.data;
      if (reply.is === 'progress') puzzleDone.value = reply.done / PUZZLE_PARTS;
      else if (reply.is === 'solved') solved(reply.solution);
      else failed(new PuzzleFailed());
    };
    signal.addEventListener('abort', () => failed(new NoAnswer(GIVEN_UP)), { once: true });
    // What the worker does wrong it says; an error is a script that did not come.
    running.onerror = () => failed(new NoAnswer('the puzzle’s worker did not load'));
    running.postMessage(challenge);
  }).finally(() => running.terminate());
}

async function fetchAndSolve(signal: AbortSignal): Promise<Ticket> {
  const { challenge, expiresInS } = await newChallenge();
  const goodUntilMs = performance.now() + (expiresInS - SPARE_S) * 1000;
  for (let tries = 1; ; tries += 1) {
    try {
      return { challenge, solution: await solve(challenge, signal), goodUntilMs };
    } catch (error) {
      // Memory that was short a moment ago may be there for the next worker.
      if (!(error instanceof PuzzleFailed) || tries === TRIES) throw error;
    }
  }
}

function begin(): Promise<Ticket> {
  puzzleDone.value = 0;
  const begun = fetchAndSolve(wanted.signal);
  ticket = begun;
  begun.catch(() => {
    // Whoever waits for it hears of it; the next one who asks starts anew.
    if (ticket === begun) ticket = null;
  });
  return begun;
}

/** Starts early, so that it is solved by the time the message is written. */
export function startEarly(): void {
  if (ticket === null) void begin().catch(() => undefined);
}

/** `challenge ‖ solution` as two parts, solved and in time. */
export async function solved(): Promise<Ticket> {
  const found = await (ticket ?? begin());
  return performance.now() < found.goodUntilMs ? found : begin();
}

/** Good for one message, or refused: the next one needs another. */
export function useUp(): void {
  wanted.abort();
  wanted = new AbortController();
  ticket = null;
  puzzleDone.value = 0;
}
