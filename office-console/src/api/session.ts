// Who is signed in, and the tokens: kept in this browser, renewed by one tab at a time.
// Refuses to use a refresh token twice, which would end the session: tabs take turns, and the request's id is kept first.

import {
  type Credentials,
  createApi,
  expectData,
  nobody,
  type Schemas,
} from '@minhchung/web-shared/api/client.ts';
import { Problem } from '@minhchung/web-shared/api/problem.ts';
import { computed, signal } from '@preact/signals';
import { language } from '../text/text.ts';

export type Role = Schemas['Role'];
type Answer = Schemas['SessionAnswer'];

interface Kept {
  readonly access: string;
  readonly refresh: string;
  readonly user: Schemas['Me'];
  /** Good for setting up one-time codes and nothing else. */
  readonly mustSetUpCodes: boolean;
  /** The renewal that is under way, so that a repeat asks for the same tokens. */
  readonly renewal?: string;
}

const KEPT_UNDER = 'minhchung.office.session';
const kept = signal<Kept | null>(read());
addEventListener('storage', (event) => {
  if (event.key === KEPT_UNDER) kept.value = read();
});

/** The signed-in person; null for nobody. */
export const me = computed(() => kept.value?.user ?? null);
export const mustSetUpCodes = computed(() => kept.value?.mustSetUpCodes ?? false);

/** Whether the signed-in person has one of these roles. */
export function hasRole(...roles: readonly Role[]): boolean {
  const role = me.value?.role;
  return role !== undefined && roles.includes(role);
}

function read(): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT_UNDER) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

function keep(next: Kept | null): void {
  if (next === null) localStorage.removeItem(KEPT_UNDER);
  else localStorage.setItem(KEPT_UNDER, JSON.stringify(next));
  kept.value = next;
}

function keepAnswer(answer: Answer): void {
  keep({
    access: answer.access_token,
    refresh: answer.refresh_token,
    user: answer.user,
    mustSetUpCodes: answer.totp_setup_required === true,
  });
}

const door = createApi({ credentials: nobody, language: () => language.value });

export async function logIn(username: string, password: string, totp: string): Promise<void> {
  const body = { username, password, device_name: browserName(), request_id: crypto.randomUUID() };
  keepAnswer(
    await expectData(door.POST('/api/v1/auth/login', { body: totp === '' ? body : { ...body, totp } })),
  );
}

/** Forgets the session here; the server is told by who calls this. */
export function forget(): void {
  keep(null);
}

/** One tab at a time, where the browser can say so. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as { locks?: LockManager }).locks;
  return locks === undefined ? work() : locks.request('minhchung.office.renewal', work);
}

export const credentials: Credentials = {
  access: () => Promise.resolve(kept.value?.access ?? null),
  renew: (spent) =>
    alone(async () => {
      const present = read();
      if (present === null) return null;
      if (present.access !== spent) {
        kept.value = present;
        return present.access;
      }
      const renewal = present.renewal ?? crypto.randomUUID();
      keep({ ...present, renewal });
      try {
        const body = { refresh_token: present.refresh, request_id: renewal };
        keepAnswer(await expectData(door.POST('/api/v1/auth/refresh', { body })));
        return read()?.access ?? null;
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        keep(null);
        return null;
      }
    }),
};

function browserName(): string {
  const { userAgent } = navigator;
  const program = /(Edg|Firefox|Chrome|Safari)\/\d+/.exec(userAgent)?.[0] ?? 'browser';
  const system = /Windows|Android|Mac OS X|Linux/.exec(userAgent)?.[0] ?? '';
  return `${program} ${system}`.trim();
}
