// The page's side of the vault: questions in, answers out.
// Refuses to keep anything of what passes; ending the vault ends the thread.

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

  constructor() {
    this.worker.onmessage = (event: MessageEvent<VaultReply>) => {
      const reply = event.data;
      const one = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ('value' in reply) one?.answered(reply.value);
      else one?.failed(reply.failed === 'too_large' ? new TooLarge() : new VaultBroken());
    };
    this.worker.onerror = () => this.end();
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

  end(): void {
    this.worker.terminate();
    for (const one of this.waiting.values()) one.failed(new VaultBroken());
    this.waiting.clear();
  }
}
