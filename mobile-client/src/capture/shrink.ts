// Asks the worker for a smaller picture and says what it is.
// Refuses to hold more than one large picture at a time: pictures wait for each other.

import { newId, sha256 } from '../outbox/ids.ts';
import type { Picture } from '../outbox/records.ts';
import type { ShrinkAnswer, ShrinkRequest } from '../worker/shrink.ts';

export interface Taken {
  readonly picture: Picture;
  readonly bytes: ArrayBuffer;
  readonly small: Blob;
}

/** The browser cannot read it: HEIC, or broken bytes. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

let worker: Worker | null = null;
let turn: Promise<unknown> = Promise.resolve();

export function take(file: Blob, keepOriginal: boolean): Promise<Taken> {
  const next = turn.then(() => shrinkOne(file, keepOriginal));
  // The next picture does not care how this one ended.
  turn = next.catch(() => undefined);
  return next;
}

async function shrinkOne(file: Blob, keepOriginal: boolean): Promise<Taken> {
  const answer = await ask({ file, keepOriginal });
  if (answer.is === 'unreadable') throw new Unreadable();
  const { bytes, type, size, small } = answer;
  const picture = { key: newId(), sha256: await sha256(bytes), bytes: bytes.byteLength, type, ...size };
  return { picture, bytes, small };
}

function ask(request: ShrinkRequest): Promise<ShrinkAnswer> {
  worker ??= new Worker(new URL('../worker/shrink.ts', import.meta.url), { type: 'module' });
  const running = worker;
  return new Promise((answered, failed) => {
    running.onmessage = (event: MessageEvent<ShrinkAnswer>) => answered(event.data);
    running.onerror = () => {
      running.terminate();
      worker = null;
      failed(new Unreadable());
    };
    running.postMessage(request);
  });
}
