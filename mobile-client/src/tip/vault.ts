// The page's side of the vault: questions in, answers out.
// Refuses to keep anything of what passes; ending the vault ends the thread.

import { NoAnswer } from '@minhchung/web-shared/api/problem.ts';
import type { VaultAnswers, VaultReply, VaultRequest } from './worker-messages.ts';
import { startVault } from './workers.ts';

/** The words and pictures do not fit into one message. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}
/** The browser could not do it, for lack of memory mostly, or the vault was ended meanwhile. */
export class VaultBroken extends Error {
  override readonly name = 'VaultBroken';
}

interface Waiting {
  readonly answered: (value: VaultAnswers[keyof VaultAnswers]) => void;
  readonly failed: (error: Error) => void;
}

export class Vault {
  private readonly worker = startVault();
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private isThere = false;
  /** It takes no more questions; the next vault begins without a thread. */
  isEnded = false;

  constructor() {
    this.worker.onmessage = (event: MessageEvent<VaultReply>) => {
      const reply = event.data;
      this.isThere = true;
      const one = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ('value' in reply) one?.answered(reply.value);
      else one?.failed(reply.failed === 'too_large' ? new TooLarge() : new VaultBroken());
    };
    // Before it ever answered, its script did not come: that is the network's fault, and worth another try.
    this.worker.onerror = () => this.end(this.isThere ? new VaultBroken() : new NoAnswer('no vault'));
  }

  ask<R extends VaultRequest>(request: R): Promise<VaultAnswers[R['ask']]> {
    this.last += 1;
    const id = this.last;
    const answer = new Promise<VaultAnswers[keyof VaultAnswers]>((answered, failed) => {
      this.waiting.set(id, { answered, failed });
    });
    this.worker.postMessage({ id, request });
    return answer as Promise<VaultAnswers[R['ask']]>;
  }

  end(why: Error = new VaultBroken()): void {
    this.isEnded = true;
    this.worker.terminate();
    for (const one of this.waiting.values()) one.failed(why);
    this.waiting.clear();
  }
}
