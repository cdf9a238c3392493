// When to send and when to ask: at the start, when the page is seen, when the network or a person says so, and by a timer.
// Refuses to believe `navigator.onLine`: it only hurries; the last real request says how things are.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { signal } from '@preact/signals';
import { fetchCampaign, fetchPlaces, fetchStates } from '../api/server.ts';
import { session } from '../api/session.ts';
import { setMeta } from '../outbox/database.ts';
import type { Evidence } from '../outbox/records.ts';
import { hurry, reached, sendAll } from '../outbox/sender.ts';
import { changeEvidence, replacePlaces } from '../outbox/store.ts';
import { campaign, evidence, now, settings } from './state.ts';

const EVERY_MS = 5 * 60_000;
const CLOCK_MS = 30_000;

/** The list is being asked for. */
export const asking = signal(false);

interface Connection extends EventTarget {
  readonly type?: string;
}

function connection(): Connection | null {
  return (navigator as Navigator & { connection?: Connection }).connection ?? null;
}

/** Whether the phone tells what network it has; else the switch "only on Wi-Fi" is not offered. */
export function tellsNetwork(): boolean {
  return connection()?.type !== undefined;
}

export function waitsForWifi(): boolean {
  const type = connection()?.type;
  return settings.value.wifiOnly && type !== undefined && type !== 'wifi' && type !== 'ethernet';
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Sends what is due, and comes back when more will be. */
export async function send(): Promise<void> {
  const next = await sendAll({ mayUseNetwork: () => !waitsForWifi() });
  if (next === null) return;
  clearTimeout(timer);
  timer = setTimeout(() => void send(), Math.max(250, Math.min(next - Date.now(), EVERY_MS)));
}

/** Background Sync wakes an open page where the system has it; elsewhere the timers do. */
async function askForWakeUp(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = (await navigator.serviceWorker.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  // Refused by the person's settings or not there: the timers go on.
  await registration?.sync?.register('outbox').catch(() => undefined);
}

/** Asks for the places and for what became of what was sent. */
export async function refresh(): Promise<void> {
  const person = session.value;
  if (person === null || person.over || asking.value) return;
  asking.value = true;
  try {
    const places = await fetchPlaces(person.user.id);
    await replacePlaces(person.user.id, places, Date.now());
    reached.value = true;
    await refreshStates(evidence.value.filter((item) => item.receipt !== null && item.stage !== 'verified'));
    await refreshCampaign();
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof Problem)) throw error;
    // The list says how old it is; nothing else has to be said.
    if (error instanceof NoAnswer) reached.value = false;
  } finally {
    asking.value = false;
  }
}

async function refreshStates(known: readonly Evidence[]): Promise<void> {
  if (known.length === 0) return;
  for (const found of await fetchStates(new Set(known.map((item) => item.id)))) {
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
  void askForWakeUp();
  hurryUp();
}
