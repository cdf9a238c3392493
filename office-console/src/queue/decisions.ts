// Decisions on their way: each is held for ten seconds, in which it can be taken back, and is then sent.
// Refuses to lose one: silence is tried again, leaving the page sends what is held, and a conflict stays until it is read;
// and to send one in another person's name: what somebody left unsent waits until they are back.

import { problemFrom } from '@minhchung/web-shared/api/problem.ts';
import { computed, effect, signal } from '@preact/signals';
import { api, ask, fetchRaw, NoAnswer, Problem, type Schemas, type Submission } from '../api/office.ts';
import { me } from '../api/session.ts';

export const HELD_MS = 10_000;
/** As many as one request takes. */
const TOGETHER = 200;

export type Review = Schemas['Review'];

export interface Held {
  /** Tells a decision from an earlier one on the same record. */
  readonly number: number;
  /** Whose decision it is. */
  readonly by: string;
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

const kept = signal<readonly Held[]>([]);
/** What the signed-in person decided and is not sent yet, oldest first. */
export const held = computed(() => kept.value.filter((each) => each.by === me.value?.id));
export const conflicts = signal<readonly Conflict[]>([]);
/** How many were sent since the page was opened. */
export const sentCount = signal(0);
/** Submissions that were decided here, with the decision. */
export const decided = signal<ReadonlyMap<string, Schemas['Decision']>>(new Map());
/** Whether the last attempt met silence. */
export const isWaiting = signal(false);

let timer = 0;
let waitMs = 1000;
let count = 0;
let lastPerson: string | null = null;

effect(() => {
  const person = me.value?.id ?? null;
  if (person === null || person === lastPerson) return;
  // What one person decided says nothing about what the next one has to do.
  if (lastPerson !== null) {
    decided.value = new Map();
    conflicts.value = [];
    sentCount.value = 0;
  }
  lastPerson = person;
  schedule(50);
});

/** Holds a decision. */
export function decide(submission: Submission, review: Review): void {
  const by = me.peek()?.id;
  if (by === undefined) return;
  const sendAt = Date.now() + HELD_MS;
  const entry: Held = { number: ++count, by, submission, review, sendAt, state: 'held' };
  const isReplaced = (each: Held) => each.submission.id === submission.id && each.state === 'held';
  kept.value = [...kept.value.filter((each) => !isReplaced(each)), entry];
  decided.value = new Map(decided.value).set(submission.id, review.decision);
  schedule(HELD_MS);
}

/** Takes the last decision back that was not sent; null when there is none. */
export function undo(): Submission | null {
  const last = held.value.filter((each) => each.state === 'held').at(-1);
  if (last === undefined) return null;
  kept.value = kept.value.filter((each) => each !== last);
  forgetDecided(last.submission.id);
  return last.submission;
}

/** Whether a decision on `id` left this page, so that it can only be changed by reopening the record. */
export function isGone(id: string): boolean {
  return (
    decided.value.has(id) && !held.value.some((each) => each.submission.id === id && each.state === 'held')
  );
}

/** The record waits again, whatever was decided here before. */
export function waitsAgain(id: string): void {
  if (isGone(id) && !held.value.some((each) => each.submission.id === id)) forgetDecided(id);
}

/** Gives up what could not be sent. */
export function giveUp(): void {
  kept.value = kept.value.filter((each) => each.by !== me.value?.id);
}

export function dismiss(conflict: Conflict): void {
  conflicts.value = conflicts.value.filter((each) => each !== conflict);
}

/** Sends everything now, and waits for the answers. */
export async function sendAll(): Promise<void> {
  const own = me.peek()?.id;
  kept.value = kept.value.map((each) => (each.by === own ? { ...each, sendAt: 0 } : each));
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
  const numbers = new Set(due.map((each) => each.number));
  mark(numbers, 'sending');
  try {
    const outcomes = await ask(api.POST('/api/v1/reviews', { body: { reviews: due.map(wire) } }));
    isWaiting.value = false;
    waitMs = 1000;
    settle(due, outcomes.items);
  } catch (error) {
    mark(numbers, 'held');
    if (error instanceof NoAnswer || (error instanceof Problem && isPassing(error.status))) {
      isWaiting.value = true;
      waitMs = Math.min(waitMs * 2, 30_000);
      return;
    }
    if (!(error instanceof Problem)) throw error;
    refuse(due, error);
  }
}

function mark(numbers: ReadonlySet<number>, state: Held['state']): void {
  kept.value = kept.value.map((each) => (numbers.has(each.number) ? { ...each, state } : each));
}

/** Worth another try: nobody is signed in for the moment, or the server is busy. */
function isPassing(status: number): boolean {
  return status === 401 || status === 408 || status === 429 || status >= 500;
}

function wire(each: Held): Schemas['SubmissionReview'] {
  return { submission: each.submission.id, ...each.review };
}

function settle(due: readonly Held[], outcomes: readonly Schemas['ReviewOutcome'][]): void {
  const finished = new Set<number>();
  for (const outcome of outcomes) {
    const own = due.find((each) => each.submission.id === outcome.submission_id);
    if (own === undefined || (outcome.status !== 200 && isPassing(outcome.status))) continue;
    finished.add(own.number);
    if (outcome.status === 200) sentCount.value++;
    else {
      const problem = problemFrom(outcome.problem, outcome.status, null);
      if (problem instanceof Problem) refuse([own], problem);
    }
  }
  kept.value = kept.value.filter((each) => !finished.has(each.number));
  mark(new Set(due.map((each) => each.number)), 'held');
}

/** What did not count is no decision any more: the record says again what the server says. */
function refuse(due: readonly Held[], problem: Problem): void {
  const numbers = new Set(due.map((each) => each.number));
  kept.value = kept.value.filter((each) => !numbers.has(each.number));
  for (const { submission } of due) forgetDecided(submission.id);
  conflicts.value = [
    ...conflicts.value,
    ...due.map(({ submission, review }) => ({ submission, review, problem })),
  ];
}

// Closing the page does not take decisions back: the request outlives it. One that was under way ends with the page, so
// it is sent once more; the server answers a repeat as it answered the first.
addEventListener('pagehide', () => {
  const rest = held.value.slice(0, TOGETHER);
  if (rest.length === 0) return;
  const body = JSON.stringify({ reviews: rest.map(wire) });
  const headers = { 'content-type': 'application/json' };
  fetchRaw('/api/v1/reviews', { method: 'POST', body, headers, keepalive: true }).catch(() => undefined);
});

// The browser asks before it drops what the server has not taken.
addEventListener('beforeunload', (event) => {
  if (isWaiting.value && held.value.length > 0) event.preventDefault();
});
