// Starts the two workers. Trusted Types make their addresses the only two that can become a script here.
// Refuses any other address.

import puzzleUrl from './worker/puzzle.ts?worker&url';
import vaultUrl from './worker/vault.ts?worker&url';

interface ScriptPolicy {
  createScriptURL(url: string): string;
}
declare global {
  interface Window {
    /** Chromium since 83; elsewhere a plain address is taken. */
    readonly trustedTypes?: {
      createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy;
    };
  }
}

const OURS = [vaultUrl, puzzleUrl];

function only(url: string): string {
  if (!OURS.includes(url)) throw new TypeError('not a worker of this page');
  return url;
}

const policy = window.trustedTypes?.createPolicy('minhchung-worker', { createScriptURL: only }) ?? {
  createScriptURL: only,
};

export function startVault(): Worker {
  return new Worker(policy.createScriptURL(vaultUrl), { type: 'module' });
}

export function startPuzzle(): Worker {
  return new Worker(policy.createScriptURL(puzzleUrl), { type: 'module' });
}
