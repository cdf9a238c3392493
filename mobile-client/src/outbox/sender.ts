// Sends what waits, oldest first, one sender for all tabs of this phone.
// Refuses to show success for a part, and to free a picture before the receipt that names it is here.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { signal } from '@preact/signals';
import type { Submission } from '../api/answers.ts';
import { putReport, sendProposal, withdraw } from '../api/server.ts';
import { session } from '../api/session.ts';
import { upload } from '../api/upload.ts';
import { isDue, waitMs } from './back-off.ts';
import { PhoneFull } from './database.ts';
import { sha256 } from './ids.ts';
import { covers } from './receipt.ts';
import type { Evidence, Item, SentPicture } from './records.ts';
import { allItems, changeEvidence, changeItem, pictureBytes, removeItem, settle } from './store.ts';
import { ReceiptNotTrusted, trustReceipt } from './trust.ts';
import { verdictOn } from './verdict.ts';

/** What this tab sends right now: bytes that the server has of the item's pictures. */
export const sending = signal<{
  readonly id: string;
  readonly arrived: number;
  readonly total: number;
} | null>(null);
/** The last real request was answered; what the phone says of its network is not believed. */
export const reached = signal<boolean | null>(null);

/** How many things the server has taken over from this tab, so that the list is asked for again. */
export const takenOver = signal(0);

/** Reports and pictures are asked for again this often before the item goes back to waiting. */
const MOST_ROUNDS = 3;
const LOCK = 'outbox-sender';

interface Conditions {
  /** False while the person wants Wi-Fi and there is none. */
  readonly mayUseNetwork: () => boolean;
}

let queued = false;

/**
 * Sends everything that is due. Returns the moment at which something else will be, or null. Tabs wait for each other:
 * the one that comes second looks again, so nothing that was put in meanwhile is left lying.
 */
export async function sendAll(conditions: Conditions): Promise<number | null> {
  if (queued) return null;
  queued = true;
  return navigator.locks.request(LOCK, () => {
    queued = false;
    return drain(conditions);
  });
}

async function drain(conditions: Conditions): Promise<number | null> {
  for (;;) {
    if (session.value === null || session.value.over || !conditions.mayUseNetwork()) return null;
    const mine = (await allItems()).filter((item) => item.owner === session.value?.user.id);
    const open = mine.filter((item) => item.stage === 'waiting' || item.stage === 'dropping').sort(byTurn);
    const ready = open.filter((item) => !isBlocked(item, mine));
    const next = ready.find((item) => isDue(item.nextAt, Date.now()));
    if (next === undefined) return ready.length === 0 ? null : Math.min(...ready.map((item) => item.nextAt));
    const outcome = await sendOne(next);
    if (outcome === 'pause') return null;
    // Without a network every other item would only wait for its deadline too.
    if (outcome === 'silence')
      return (await allItems()).find((item) => item.id === next.id)?.nextAt ?? Date.now();
  }
}

/** Oldest first, but one that keeps failing does not stand before the others. */
function byTurn(one: Item, other: Item): number {
  return one.attempts - other.attempts || one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1);
}

/** Evidence for a place that the server has not heard of waits for its proposal. */
function isBlocked(item: Item, all: readonly Item[]): boolean {
  return (
    item.kind === 'evidence' && all.some((other) => other.kind === 'proposal' && other.id === item.assignment)
  );
}

async function sendOne(item: Item): Promise<'go-on' | 'pause' | 'silence'> {
  try {
    if (item.kind === 'proposal') await sendPlace(item.id, () => sendProposal(item));
    else if (item.stage === 'dropping') await dropAtServer(item);
    else await sendEvidence(item);
    reached.value = true;
    return 'go-on';
  } catch (error) {
    return await afterFailure(item, error);
  } finally {
    sending.value = null;
  }
}

async function sendPlace(id: string, send: () => Promise<void>): Promise<void> {
  await send();
  takenOver.value += 1;
  // The place itself stays in the list; from now on the server knows it.
  await removeItem(id);
}

async function dropAtServer(item: Evidence): Promise<void> {
  try {
    await withdraw(item.id);
  } catch (error) {
    // It never arrived, or somebody has decided on it meanwhile: either way this phone is done with it.
    if (!(error instanceof Problem && (error.status === 404 || error.status === 409))) throw error;
  }
  await removeItem(item.id);
}

async function sendEvidence(item: Evidence): Promise<void> {
  const total = item.pictures.reduce((sum, picture) => sum + picture.bytes, 0);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const answer = await putReport(item);
    const missing = new Set(answer.missing);
    const { receipt } = answer;
    const hashes = item.pictures.map((picture) => picture.sha256);
    if (missing.size === 0 && receipt !== null && covers(receipt, item.id, hashes)) {
      await trustReceipt(receipt);
      await settle(item.id, (now) => received(now, answer, receipt));
      takenOver.value += 1;
      return;
    }
    await noteDown(changeEvidence(item.id, (now) => arrivedSoFar(now, missing)));
    let arrived = item.pictures
      .filter((picture) => !missing.has(picture.sha256))
      .reduce((sum, picture) => sum + picture.bytes, 0);
    for (const picture of item.pictures.filter((one) => missing.has(one.sha256))) {
      const before = arrived;
      await sendPicture(item, picture, (bytes) => {
        sending.value = { id: item.id, arrived: before + bytes, total };
      });
      arrived += picture.bytes;
    }
  }
  throw new NoAnswer('everything was sent and no receipt came');
}

function received(item: Evidence, answer: Submission, receipt: string): Evidence {
  const pictures = item.pictures.map((picture) => ({ ...picture, stored: true, uploadUrl: null }));
  const { received_at: receivedAt } = answer;
  return {
    ...item,
    pictures,
    stage: 'received',
    reported: true,
    attempts: 0,
    receipt,
    receivedAt,
    refusal: null,
  };
}

function arrivedSoFar(item: Evidence, missing: ReadonlySet<string>): Evidence {
  const pictures = item.pictures.map((picture) => ({ ...picture, stored: !missing.has(picture.sha256) }));
  return { ...item, pictures, reported: true, attempts: 0 };
}

class PictureLost extends Error {
  constructor(readonly key: string) {
    super('a picture is not on the phone any more');
  }
}

async function sendPicture(
  item: Evidence,
  picture: SentPicture,
  progress: (bytes: number) => void,
): Promise<void> {
  const bytes = await pictureBytes(picture.key);
  if (bytes === null || bytes.byteLength !== picture.bytes || (await sha256(bytes)) !== picture.sha256) {
    throw new PictureLost(picture.key);
  }
  const now = (await allItems()).find((one) => one.id === item.id);
  const kept = now?.kind === 'evidence' ? now.pictures.find((one) => one.key === picture.key) : undefined;
  let furthest = 0;
  await upload({
    submission: item.id,
    sha256: picture.sha256,
    type: picture.type,
    bytes,
    url: kept?.uploadUrl ?? null,
    remember: (url) =>
      noteDown(changeEvidence(item.id, (current) => withPicture(current, picture.key, { uploadUrl: url }))),
    progress(arrived) {
      progress(arrived);
      if (arrived > furthest && furthest > 0) reached.value = true;
      furthest = arrived;
    },
  });
  await noteDown(
    changeEvidence(item.id, (current) =>
      withPicture(current, picture.key, { stored: true, uploadUrl: null }),
    ),
  );
}

/**
 * Notes on the way, which the server would tell again: without room for them sending goes on, for only the receipt
 * makes room.
 */
async function noteDown(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof PhoneFull)) throw error;
  }
}

function withPicture(item: Evidence, key: string, change: Partial<SentPicture>): Evidence {
  // Something got through, so the next wait is a short one again.
  return {
    ...item,
    attempts: 0,
    pictures: item.pictures.map((one) => (one.key === key ? { ...one, ...change } : one)),
  };
}

async function afterFailure(item: Item, error: unknown): Promise<'go-on' | 'pause' | 'silence'> {
  if (error instanceof PictureLost) {
    await changeEvidence(item.id, (now) => ({
      ...withPicture(now, error.key, { lost: true }),
      stage: 'ghost',
    }));
    return 'go-on';
  }
  if (error instanceof ReceiptNotTrusted) {
    await changeItem(item.id, (now) => ({ ...now, refusal: { code: 'receipt-not-trusted', sentence: '' } }));
    await wait(item, null);
    return 'go-on';
  }
  const verdict = verdictOn(error);
  if (verdict === null) {
    // A fault of our own. The item waits; the console has it, and the next start tries again.
    console.error(error);
    await wait(item, null);
    return 'go-on';
  }
  switch (verdict.is) {
    case 'sign-in':
      reached.value = true;
      return 'pause';
    case 'refused':
      reached.value = true;
      await refuse(item, { code: verdict.code, sentence: verdict.sentence });
      return 'go-on';
    case 'wait':
      reached.value = !(error instanceof NoAnswer);
      await wait(item, verdict.retryAfterS);
      return error instanceof NoAnswer ? 'silence' : 'go-on';
  }
}

async function wait(item: Item, retryAfterS: number | null): Promise<void> {
  await changeItem(item.id, (now) => ({
    ...now,
    attempts: now.attempts + 1,
    nextAt: Date.now() + waitMs(now.attempts, Math.random(), retryAfterS),
    asked: retryAfterS !== null,
  }));
}

async function refuse(item: Item, reason: { code: string; sentence: string }): Promise<void> {
  if (item.stage === 'dropping') {
    await removeItem(item.id);
    return;
  }
  await changeItem(item.id, (now) => ({ ...now, stage: 'refused', refusal: reason }));
  if (item.kind !== 'proposal') return;
  // What was taken for a place that will not be is refused with the same words.
  for (const other of await allItems()) {
    if (other.kind === 'evidence' && other.assignment === item.id && other.stage === 'waiting') {
      await changeItem(other.id, (now) => ({ ...now, stage: 'refused', refusal: reason }));
    }
  }
}

/** Whether something of the signed-in person is still to be sent, now or later. */
export async function stillWaits(): Promise<boolean> {
  const person = session.value;
  if (person === null || person.over) return false;
  return (await allItems()).some(
    (item) => item.owner === person.user.id && (item.stage === 'waiting' || item.stage === 'dropping'),
  );
}

/** The network may be back, or a person is in a hurry: whatever waits is due now. A server's own wait is kept. */
export async function hurry(id?: string): Promise<void> {
  for (const item of await allItems()) {
    if (item.nextAt !== 0 && (id === undefined ? !item.asked : item.id === id)) {
      await noteDown(changeItem(item.id, (now) => ({ ...now, nextAt: 0, asked: false })));
    }
  }
}
