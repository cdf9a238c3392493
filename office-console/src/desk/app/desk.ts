// The state of the desk: its keys as the server lists them, which of them are open in the worker, and where one is.
// Refuses addresses: no screen stands in the URL or the history, so neither tells what was read.

import { computed, signal } from '@preact/signals';
import { keys as askKeys } from '../api/desk.ts';
import { forget, logOut, me } from '../api/session.ts';
import type { DeskKey } from '../api/wire.ts';
import * as worker from '../worker/client.ts';
import type { Readers, WrappedKey } from '../worker/messages.ts';

export type Place =
  | { readonly screen: 'list' | 'register' | 'counts' | 'flood' | 'keys' }
  | { readonly screen: 'thread'; readonly mailbox: string };

/** A key with the fingerprint that was worked out here, from the key itself. */
export interface ListedKey extends DeskKey {
  readonly own_fingerprint: string;
}

export const place = signal<Place>({ screen: 'list' });
export const deskKeys = signal<readonly ListedKey[] | null>(null);
/** Ids of keys in the worker, the recovery key's name among them. */
export const openKeys = signal<readonly string[]>([]);
/** A key was made in this page and its fingerprint is still to be read. */
export const justMade = signal<ListedKey | null>(null);

export const ownKeys = computed(() => (deskKeys.value ?? []).filter((key) => key.wrapped !== null));
/** Those that boxes are sealed to: the others are retired, or their officer may not come in at present. */
export const activeKeys = computed(() => (deskKeys.value ?? []).filter((key) => key.active));
export const hasOwnActive = computed(() => ownKeys.value.some((key) => key.retired_on === null));

export async function loadKeys(): Promise<void> {
  deskKeys.value = await listed(await askKeys());
}

export async function listed(keys: readonly DeskKey[]): Promise<ListedKey[]> {
  const fingerprints = await worker.ask(
    'fingerprints',
    keys.map(({ seal_key, verify_key }) => ({ seal_key, verify_key })),
  );
  return keys.map((key, index) => ({ ...key, own_fingerprint: fingerprints[index] ?? '' }));
}

export function wrappedOf(keys: readonly DeskKey[]): WrappedKey[] {
  return keys.flatMap(({ id, wrapped, seal_key, verify_key }) =>
    wrapped === null || verify_key === null ? [] : [{ id, wrapped, seal_key, verify_key }],
  );
}

/** Everybody who is to read what is sealed now. */
export function readers(): Readers {
  return {
    sealKeys: activeKeys.value.map((key) => key.seal_key),
    verifyKeys: activeKeys.value.flatMap((key) => (key.verify_key === null ? [] : [key.verify_key])),
  };
}

export function go(next: Place): void {
  const isAway = place.value.screen !== 'list';
  place.value = next;
  if (next.screen === 'list') {
    if (isAway) history.back();
  } else if (!isAway) {
    history.pushState(null, '');
  }
}

/** Back from anywhere is the list. */
export function followBackButton(): () => void {
  const back = () => {
    place.value = { screen: 'list' };
  };
  addEventListener('popstate', back);
  return () => removeEventListener('popstate', back);
}

/** How often it was locked. What is shown is made anew each time, so that nothing typed outlives a lock. */
export const locks = signal(0);

/** Ends the worker: keys, opened tips, drafts and whatever else was typed are gone; the session stays. */
export function lock(): void {
  worker.end();
  locks.value += 1;
  openKeys.value = [];
  justMade.value = null;
  if (place.value.screen !== 'list') go({ screen: 'list' });
}

export function leave(): Promise<void> {
  lock();
  deskKeys.value = null;
  return logOut();
}

/** The page goes away: nothing waits for an answer then. */
export function dropEverything(): void {
  worker.end();
  openKeys.value = [];
  deskKeys.value = null;
  forget();
}

export const isMine = (key: DeskKey) => key.officer !== null && key.officer.id === me.value?.id;
