// When to send and when to ask: at the start, when the page is seen, when the network or a person says so, and by a timer.
// Refuses to believe `navigator.onLine`: it only hurries; the last real request says how things are.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { signal } from '@preact/signals';
import type { Submission } from '../api/answers.ts';
import { fetchCampaign, fetchPlaces, fetchStates } from '../api/server.ts';
import { session } from '../api/session.ts';
import { meta, PhoneFull, setMeta } from '../outbox/database.ts';
import { connection, costsMoney } from '../outbox/network.ts';
import type { Evidence } from '../outbox/records.ts';
import { hurry, reached, sendAll, stillWaits, takenOver } from '../outbox/sender.ts';
import { changeEvidence, replacePlaces } from '../outbox/store.ts';
import { learnReceiptKeys } from '../outbox/trust.ts';
import { campaign, evidence, now, settings } from './state.ts';

const EVERY_MS = 5 * 60_000;
const CLOCK_MS = 30_000;

/** The list is being asked for. */
export const asking = signal(false);

/** Whether the phone tells what network it has; else the switch "only on Wi-Fi" is not offered. */
export function tellsNetwork(): boolean {
  return connection()?.type !== undefined;
}

export function waitsForWifi(): boolean {
  return settings.value.wifiOnly && costsMoney();
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** After a fault of the store: a full phone may have room again. */
const AFTER_FAULT_MS = 60_000;

/** Sends what is due, and comes back when more will be. */
export async function send(): Promise<void> {
  const before = takenOver.value;
  let next: number | null;
  try {
    // First of all, so that the service worker goes on should the system kill this page in the middle.
    if (await stillWaits()) await askForWakeUp();
    next = await sendAll({ mayUseNetwork: () => !waitsForWifi() });
  } catch (error) {
    // The store refused. Everything is still in it, and `isFull` says the rest on the screen.
    console.error(error);
    next = Date.now() + AFTER_FAULT_MS;
  }
  if (takenOver.value !== before) void refresh();
  if (next === null) return;
  clearTimeout(timer);
  timer = setTimeout(() => void send(), Math.max(250, Math.min(next - Date.now(), EVERY_MS)));
}

/** Background Sync, where the system has it: the service worker sends when the network is back, also without a page. */
async function askForWakeUp(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = (await navigator.serviceWorker.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  // Refused by the person's settings or not there: the timers go on.
  await registration?.sync?.register('outbox').catch(() => undefined);
}

let wishes = 0;

/** Asks for the places and for what became of what was sent. Asked meanwhile, it asks once more afterwards. */
export async function refresh(): Promise<void> {
  wishes += 1;
  if (asking.value) return;
  asking.value = true;
  try {
    for (let heard = 0; heard !== wishes; ) {
      heard = wishes;
      await refreshOnce();
    }
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Problem || error instanceof PhoneFull)) throw error;
    // The list says how old it is; nothing else has to be said.
    if (error instanceof NoAnswer) reached.value = false;
  } finally {
    asking.value = false;
  }
}

async function refreshOnce(): Promise<void> {
  const person = session.value;
  if (person === null || person.over) return;
  const places = await fetchPlaces(person.user.id);
  reached.value = true;
  // Both before either is kept: a place that came back and an item that did not would contradict each other.
  const known = evidence.value.filter((item) => item.receipt !== null);
  const states = known.length === 0 ? [] : await fetchStates(new Set(known.map((item) => item.id)));
  await replacePlaces(person.user.id, places, Date.now());
  await keepStates(known, states);
  await refreshCampaign();
  // Later ones are asked for when a receipt names one.
  if ((await meta('receiptKeys')) === null) await learnReceiptKeys();
}

async function keepStates(known: readonly Evidence[], states: readonly Submission[]): Promise<void> {
  for (const found of states) {
    const stage =
      found.state === 'verified' ? 'verified' : found.state === 'rejected' ? 'returned' : 'received';
    const verdict = stage === 'returned' ? found.decision : null;
    const before = known.find((item) => item.id === found.id);
    if (before?.stage === stage && before.verdict?.comment === verdict?.comment) continue;
    await changeEvidence(found.id, (item) => ({ ...item, stage, verdict }));
  }
}

async function refreshCampaign(): Promise<void> {
  const fresh = await fetchCampaign();
  campaign.value = fresh;
  await setMeta('campaign', fresh);
}

async function tryNow(): Promise<void> {
  await hurry();
  await Promise.all([send(), refresh()]);
}

/** Something happened that makes another try worth it. */
export function hurryUp(): void {
  void tryNow();
}

export function startSync(): void {
  addEventListener('online', hurryUp);
  addEventListener('offline', () => {
    reached.value = false;
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') hurryUp();
  });
  connection()?.addEventListener('change', hurryUp);
  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.addEventListener('message', (event) => {
      if (event.data === 'send-now') hurryUp();
    });
  }
  setInterval(() => {
    now.value = Date.now();
  }, CLOCK_MS);
  setInterval(() => void Promise.all([send(), refresh()]), EVERY_MS);
  hurryUp();
}
