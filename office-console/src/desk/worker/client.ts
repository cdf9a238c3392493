// The page's side of the worker with the keys: one at a time, questions by number.
// Refuses to survive a lock: ending it fails every open question, and the next one starts with an empty keyring.

import workerUrl from './desk.worker.ts?worker&url';
import type { Kind, Reply, Work, WorkFailure } from './messages.ts';

interface ScriptUrls {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** Why the worker could not do it. */
export class WorkRefused extends Error {
  override readonly name = 'WorkRefused';
  constructor(readonly failure: WorkFailure | 'locked') {
    super(failure);
  }
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: WorkRefused) => void;
}

let worker: Worker | null = null;
let count = 0;
const waiting = new Map<number, Waiting>();

/** The page may start this one script and no other; the policy's name stands in the page's headers. */
function scriptUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: ScriptUrls };
  if (trustedTypes === undefined) return workerUrl;
  policy ??= trustedTypes.createPolicy('minhchung-worker', {
    createScriptURL: (url) => {
      if (url !== workerUrl) throw new TypeError('no other script');
      return url;
    },
  });
  return policy.createScriptURL(workerUrl);
}
let policy: ReturnType<ScriptUrls['createPolicy']> | null = null;

function started(): Worker {
  if (worker !== null) return worker;
  worker = new Worker(scriptUrl(), { type: 'module' });
  worker.addEventListener('message', (event: MessageEvent<Reply>) => {
    const reply = event.data;
    const asker = waiting.get(reply.number);
    waiting.delete(reply.number);
    if ('failure' in reply) asker?.reject(new WorkRefused(reply.failure));
    else asker?.resolve(reply.answer as never);
  });
  worker.addEventListener('error', () => end('broken'));
  return worker;
}

export function ask<K extends Kind>(kind: K, question: Work[K]['question']): Promise<Work[K]['answer']> {
  const number = ++count;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    started().postMessage({ number, kind, question });
  });
}

/** Ends the worker and with it every key in memory. */
export function end(why: 'locked' | 'broken' = 'locked'): void {
  worker?.terminate();
  worker = null;
  for (const asker of waiting.values()) asker.reject(new WorkRefused(why));
  waiting.clear();
}
