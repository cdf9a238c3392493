// Who this phone is: enrolment, log-in, renewal of tokens, log-out.
// Refuses to lose a session to a lost answer: the id of a request is kept before the request is sent.

import { type Credentials, createApi, expectData, nobody } from '@minhchung/web-shared/api/client.ts';
import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { signal } from '@preact/signals';
import { announce } from '../outbox/changes.ts';
import { meta, setMeta } from '../outbox/database.ts';
import type { Session as Stored, User } from '../outbox/records.ts';
import { forgetPerson } from '../outbox/store.ts';
import { expect, Session } from './answers.ts';
import { language } from './language.ts';

/** Null before it was read, and for nobody. */
export const session = signal<Stored | null>(null);

const anonymous = createApi({ credentials: nobody, language, wholeAnswers: true });

export async function readSession(): Promise<void> {
  session.value = await meta('session');
}

async function keep(stored: Stored): Promise<void> {
  await setMeta('session', stored);
  session.value = stored;
  await announce();
}

async function begin(answer: Promise<unknown>): Promise<User> {
  const { access_token, refresh_token, user } = expect(Session, await answer);
  await keep({ access: access_token, refresh: refresh_token, refreshRequest: null, user, over: false });
  return user;
}

/** Joins with a one-time code. Sent twice it is the same session. */
export async function enrol(code: string, deviceName: string): Promise<User> {
  const device = (await meta('device')) ?? crypto.randomUUID();
  await setMeta('device', device);
  const body = { code, device_name: deviceName, device_id: device };
  return begin(expectData(anonymous.POST('/api/v1/auth/enrol', { body })));
}

export async function logIn(username: string, password: string, deviceName: string): Promise<User> {
  const body = { username, password, device_name: deviceName, request_id: crypto.randomUUID() };
  return begin(expectData(anonymous.POST('/api/v1/auth/login', { body })));
}

/** Ends the session here in any case, and at the server when it can be reached. */
export async function logOut(): Promise<void> {
  const stored = session.value;
  await forgetPerson();
  session.value = null;
  if (stored === null) return;
  const leaving = createApi({
    credentials: { ...nobody, access: () => Promise.resolve(stored.access) },
    language,
    wholeAnswers: true,
  });
  // Without a network the session ends by itself at the server, or when an officer puts the phone out.
  await leaving.POST('/api/v1/auth/logout').catch(() => undefined);
}

async function renew(spent: string): Promise<string | null> {
  const stored = await meta('session');
  if (stored === null || stored.over) return null;
  // Another tab was faster.
  if (stored.access !== spent) return stored.access;
  const request = stored.refreshRequest ?? crypto.randomUUID();
  await setMeta('session', { ...stored, refreshRequest: request });
  const body = { refresh_token: stored.refresh, request_id: request };
  try {
    await begin(expectData(anonymous.POST('/api/v1/auth/refresh', { body })));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status !== 401) throw new NoAnswer(error.message, error.retryAfterS);
    await keep({ ...stored, over: true });
    return null;
  }
  return session.value?.access ?? null;
}

export const credentials: Credentials = {
  async access() {
    const stored = await meta('session');
    return stored === null || stored.over ? null : stored.access;
  },
  renew: (spent) => navigator.locks.request('session', () => renew(spent)),
};
