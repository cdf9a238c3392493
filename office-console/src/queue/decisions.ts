// Decisions on their way: each is held for ten seconds, in which it can be taken back, and is then sent.
// Refuses to lose one: silence is tried again, leaving the page sends what is held, and a conflict stays until it is read.

import { problemFrom } from '@minhchung/web-shared/api/problem.ts';
import { signal } from '@preact/signals';
import { api, ask, fetchRaw, NoAnswer, Problem, type Schemas, type Submission } from '../api/office.ts';

export const HELD_MS = 10_000;
/** As many as one request takes. */
const TOGETHER = 200;

export type Review = Schemas['Review'];

export interface Held {
  readonly submission: Submission;
  readonly review: Review;
  readonly sendAt: number;
  readonly state: 'held' | 'sending';
}

/** A decision that did not count, and why. */
export interface Conflict {
  readonly submission: Submission;
  readonly review: Review;
  readonly problem: Problem;
}

/** What is not sent yet, oldest first. */
export const held = signal<readonly Held[]>([]);
export const conflicts = signal<readonly Conflict[]>([]);
/** How many were sent since the page was opened. */
export const sentCount = signal(0);
/** Submissions that were decided here, with the decision. */
export const decided = signal<ReadonlyMap<string, Schemas['Decision']>>(new Map());
/** Whether the last attempt met silence. */
export const isWaiting = signal(false);

let timer = 0;
let waitMs = 1000;

/** Holds a decision. */
export function decide(submission: Submission, review: Review): void {
  const entry: Held = { submission, review, sendAt: Date.now() + HELD_MS, state: 'held' };
  held.value = [...held.value.filter((each) => each.submission.id !== submission.id), entry];
  decided.value = new Map(decided.value).set(submission.id, review.decision);
  schedule(HELD_MS);
}

/** Takes the last decision back that was not sent; null when there is none. */
export function undo(): Submission | null {
  const last = held.value.filter((each) => each.state === 'held').at(-1);
  if (last === undefined) return null;
  held.value = held.value.filter((each) => each !== last);
  forgetDecided(last.submission.id);
  return last.submission;
}

export function dismiss(conflict: Conflict): void {
  conflicts.value = conflicts.value.filter((each) => each !== conflict);
}

/** Sends everything now, and waits for the answers. */
export async function sendAll(): Promise<void> {
  held.value = held.value.map((each) => ({ ...each, sendAt: 0 }));
  await send();
}

function forgetDecided(id: string): void {
  const next = new Map(decided.value);
  next.delete(id);
  decided.value = next;
}

function schedule(milliseconds: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void send(), Math.max(50, milliseconds));
}

let sending: Promise<void> | null = null;

/** Sends what is due; one request at a time. */
function send(): Promise<void> {
  sending ??= sendDue().finally(() => {
    sending = null;
    const next = held.value[0];
    if (next !== undefined) schedule(isWaiting.value ? waitMs : next.sendAt - Date.now());
  });
  return sending;
}

async function sendDue(): Promise<void> {
  const now = Date.now();
  const due = held.value.filter((each) => each.sendAt <= now + 50).slice(0, TOGETHER);
  if (due.length === 0) return;
  const ids = new Set(due.map((each) => each.submission.id));
  mark(ids, 'sending');
  try {
    const outcomes = await ask(api.POST('/api/v1/reviews', { body: { reviews: due.map(wire) } }));
    isWaiting.value = false;
    waitMs = 1000;
    settle(due, outcomes.items);
  } catch (error) {
    mark(ids, 'held');
    if (error instanceof NoAnswer || (error instanceof Problem && isPassing(error.status))) {
      isWaiting.value = true;
      waitMs = Math.min(waitMs * 2, 30_000);
      return;
    }
    if (!(error instanceof Problem)) throw error;
    refuse(due, error);
  }
}

function mark(ids: ReadonlySet<string>, state: Held['state']): void {
  held.value = held.value.map((each) => (ids.has(each.submission.id) ? { ...each, state } : each));
}

/** Worth another try: nobody is signed in for the moment, or the server is busy. */
function isPassing(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

function wire(each: Held): Schemas['SubmissionReview'] {
  return { submission: each.submission.id, ...each.review };
}

function settle(due: readonly Held[], outcomes: readonly Schemas['ReviewOutcome'][]): void {
  const finished = new Set<string>();
  for (const outcome of outcomes) {
    const own = due.find((each) => each.submission.id === outcome.submission_id);
    if (own === undefined || (outcome.status !== 200 && isPassing(outcome.status))) continue;
    finished.add(own.submission.id);
    if (outcome.status === 200) sentCount.value++;
    else {
      const problem = problemFrom(outcome.problem, outcome.status, null);
      if (problem instanceof Problem) refuse([own], problem);
    }
  }
  held.value = held.value
    .filter((each) => !finished.has(each.submission.id))
    .map((each) => ({ ...each, state: 'held' }));
}

function refuse(due: readonly Held[], problem: Problem): void {
  const ids = new Set(due.map((each) => each.submission.id));
  held.value = held.value.filter((each) => !ids.has(each.submission.id));
  conflicts.value = [
    ...conflicts.value,
    ...due.map(({ submission, review }) => ({ submission, review, problem })),
  ];
}

// Closing the page does not take decisions back: the request outlives it.
addEventListener('pagehide', () => {
  const rest = held.value.filter((each) => each.state === 'held').slice(0, TOGETHER);
  if (rest.length === 0) return;
  const body = JSON.stringify({ reviews: rest.map(wire) });
  const headers = { 'content-type': 'application/json' };
  void fetchRaw('/api/v1/reviews', { method: 'POST', body, headers, keepalive: true });
});
