// Watches where the phone is, from the moment a place is opened, and keeps the best fix.
// Refuses to stand in the way: without a place evidence is sent all the same, and the screen says so plainly.

import { signal } from '@preact/signals';
import type { Fix } from '../outbox/records.ts';

export type Watching =
  | { readonly is: 'off' }
  | { readonly is: 'looking' }
  | { readonly is: 'found'; readonly fix: Fix }
  | { readonly is: 'denied' }
  | { readonly is: 'unavailable' };

/** How far a person may have walked since a fix, per second: its circle grows by that. */
const WALKED_M_PER_S = 1;
/** So wide a circle is what "approximate" gives, not a weak signal. */
export const APPROXIMATE_M = 1_000;
/** Within this a later fix of the same person standing there may still be worse. */
export const WEAK_M = 50;

export const watching = signal<Watching>({ is: 'off' });
let watch: number | null = null;
let watchedFor = '';

/** The one to keep: the smaller circle, after the older one has grown by what a person walks. */
export function better(one: Fix | null, other: Fix, now: number): Fix {
  if (one === null) return other;
  const grown = one.accuracyM + (WALKED_M_PER_S * Math.abs(now - one.at)) / 1000;
  return other.accuracyM <= grown ? other : one;
}

/** Whether the system would ask now, or has answered already. */
export async function permission(name: 'camera' | 'geolocation'): Promise<PermissionState> {
  try {
    return (await navigator.permissions.query({ name: name })).state;
  } catch {
    // A browser that does not tell; it will ask by itself.
    return 'prompt';
  }
}

/** Watches for the place `id`, and goes on watching from screen to screen: a first fix takes half a minute. */
export function startWatching(id: string): void {
  if (watch !== null && watchedFor === id) return;
  stopWatching();
  watchedFor = id;
  if (!('geolocation' in navigator)) {
    watching.value = { is: 'unavailable' };
    return;
  }
  watching.value = { is: 'looking' };
  const options = { enableHighAccuracy: true, maximumAge: 10_000, timeout: 60_000 };
  watch = navigator.geolocation.watchPosition(found, failed, options);
}

export function stopWatching(): void {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
  watching.value = { is: 'off' };
}

export function bestFix(): Fix | null {
  return watching.value.is === 'found' ? watching.value.fix : null;
}

function found({ coords, timestamp }: GeolocationPosition): void {
  const fix: Fix = { lat: coords.latitude, lon: coords.longitude, accuracyM: coords.accuracy, at: timestamp };
  watching.value = { is: 'found', fix: better(bestFix(), fix, Date.now()) };
}

function failed(error: GeolocationPositionError): void {
  // A place that was found stays good; only its age grows.
  if (watching.value.is === 'found') return;
  watching.value = { is: error.code === error.PERMISSION_DENIED ? 'denied' : 'unavailable' };
}
