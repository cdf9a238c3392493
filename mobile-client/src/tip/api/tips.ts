// What the page asks of the server: today's keys, a challenge, the mailbox; and the one way to hand a message in.
// Refuses cookies, referrers and caches; and every answer of another form.

import { NoAnswer, Problem, problemOf } from '@minhchung/web-shared/api/problem.ts';
import { type Bytes, fromBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import { CHALLENGE_BYTES } from '@minhchung/web-shared/tip/puzzle.ts';
import { KEY_BYTES, REPLY_BYTES, SEAL_KEY_BYTES, SLOTS } from '@minhchung/web-shared/tip/sizes.ts';
import * as v from 'valibot';
import type { DeskKeys } from '../worker-messages.ts';

export interface Commune {
  readonly code: string;
  readonly name: string;
}

const SHORT_MS = 30_000;
/** The largest message at 4 KiB a second, below which the server cuts it, and its half minute of grace. */
const LONG_MS = 430_000;

const octets = (length: number) =>
  v.pipe(
    v.string(),
    v.transform((text): Bytes => fromBase64(text)),
    v.check((bytes) => bytes.length === length),
  );

const DeskWire = v.object({
  open: v.boolean(),
  keys: v.pipe(
    v.array(v.object({ seal_key: octets(SEAL_KEY_BYTES), verify_key: v.nullish(octets(KEY_BYTES), null) })),
    v.maxLength(SLOTS),
  ),
  today: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
});
const ChallengeWire = v.object({ challenge: octets(CHALLENGE_BYTES), expires_in: v.number() });
const MailboxWire = v.object({ items: v.array(octets(REPLY_BYTES)) });
const Communes = v.array(v.object({ code: v.string(), name: v.string() }));

async function ask(path: string, init: RequestInit, timeoutMs = SHORT_MS): Promise<unknown> {
  const deadline = new AbortController();
  const stop = () => deadline.abort();
  const timer = setTimeout(stop, timeoutMs);
  init.signal?.addEventListener('abort', stop);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/v1${path}`, {
      ...init,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'error',
      signal: deadline.signal,
    });
    if (!response.ok) throw await problemOf(response);
    text = await response.text();
  } catch (error) {
    if (error instanceof Problem || error instanceof NoAnswer) throw error;
    throw new NoAnswer('nothing came back');
  } finally {
    clearTimeout(timer);
    init.signal?.removeEventListener('abort', stop);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A hotspot's page, not our server.
    throw new NoAnswer('an answer that is not from our server');
  }
}

function read<T>(form: v.GenericSchema<unknown, T>, answer: unknown): T {
  const read = v.safeParse(form, answer);
  if (!read.success) throw new NoAnswer('an answer that is not from our server');
  return read.output;
}

const inJson = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Today's keys; null while the desk has no officer who could read. */
export async function desk(): Promise<DeskKeys | null> {
  const { open, keys, today } = read(DeskWire, await ask('/tips/desk', { method: 'GET' }));
  if (!open || keys.length === 0) return null;
  return {
    sealKeys: keys.map((key) => key.seal_key),
    verifyKeys: keys.flatMap((key) => (key.verify_key === null ? [] : [key.verify_key])),
    today,
  };
}

export async function communes(): Promise<readonly Commune[]> {
  return read(Communes, await ask('/communes', { method: 'GET' }));
}

export async function newChallenge(): Promise<{ readonly challenge: Bytes; readonly expiresInS: number }> {
  const { challenge, expires_in } = read(ChallengeWire, await ask('/tips/challenges', { method: 'POST' }));
  return { challenge, expiresInS: expires_in };
}

/** @param frame challenge, solution, nonce and box. The same bytes may be sent again after silence.
 * @param signal ends it where it stands */
export async function send(frame: Bytes, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await ask('/tips', { method: 'POST', headers, body: frame, signal }, LONG_MS);
  read(v.object({ received_on: v.string() }), answer);
}

export async function mailbox(id: string): Promise<readonly Bytes[]> {
  return read(MailboxWire, await ask('/tips/mailbox', inJson({ mailbox: id }))).items;
}

export async function deleteMailbox(id: string): Promise<void> {
  await ask('/tips/mailbox/delete', inJson({ mailbox: id }));
}
