// Who sits at the tip desk, and the tokens: in this page's memory alone, so that a reload asks for the password again.
// Refuses every role but the tip officer's: such a session is ended at once, and nothing is shown.

import {
  type Credentials,
  createApi,
  expectData,
  fetchAs,
  nobody,
  type Schemas,
} from '@minhchung/web-shared/api/client.ts';
import { Problem } from '@minhchung/web-shared/api/problem.ts';
import { computed, signal } from '@preact/signals';
import { language } from '../text/text.ts';

interface Session {
  readonly access: string;
  readonly refresh: string;
  readonly user: Schemas['Me'];
  /** Good for setting up one-time codes and nothing else. */
  readonly mustSetUpCodes: boolean;
  /** Of the renewal to come, the same for every try, so that a lost answer does not spend the token. */
  readonly renewal: string;
}

/** Somebody of another role knocked. */
export class NotForThisRole extends Error {
  override readonly name = 'NotForThisRole';
}

const session = signal<Session | null>(null);
export const me = computed(() => session.value?.user ?? null);
export const mustSetUpCodes = computed(() => session.value?.mustSetUpCodes ?? false);

const settings = { language: () => language.value };
const door = createApi({ ...settings, credentials: nobody });

function sessionOf(answer: Schemas['SessionAnswer']): Session {
  return {
    access: answer.access_token,
    refresh: answer.refresh_token,
    user: answer.user,
    mustSetUpCodes: answer.totp_setup_required === true,
    renewal: crypto.randomUUID(),
  };
}

export async function logIn(username: string, password: string, totp: string): Promise<void> {
  const body = { username, password, device_name: 'Bàn tin', request_id: crypto.randomUUID() };
  const asked = door.POST('/api/v1/auth/login', { body: totp === '' ? body : { ...body, totp } });
  const opened = sessionOf(await expectData(asked));
  if (opened.user.role !== 'tip_officer') {
    await end(opened);
    throw new NotForThisRole();
  }
  session.value = opened;
}

/** Forgets the session here; the server is told by `logOut`. */
export function forget(): void {
  session.value = null;
}

export async function logOut(): Promise<void> {
  const present = session.value;
  session.value = null;
  if (present !== null) await end(present);
}

async function end(ended: Session): Promise<void> {
  const body = { refresh_token: ended.refresh, request_id: ended.renewal };
  const credentials: Credentials = {
    access: () => Promise.resolve(ended.access),
    // After an hour the access token has run out, and the session that is to end has not.
    renew: async () => (await expectData(door.POST('/api/v1/auth/refresh', { body }))).access_token,
  };
  // Without an answer the session ends by itself; the tokens are forgotten here either way.
  const told = fetchAs({ ...settings, credentials })(
    new Request(new URL('/api/v1/auth/logout', location.origin), { method: 'POST' }),
  );
  await told.catch(() => undefined);
}

let renewal: Promise<string | null> | null = null;

/** One renewal at a time: a refresh token that is used twice ends the session. */
async function renew(spent: string): Promise<string | null> {
  const present = session.value;
  if (present === null) return null;
  if (present.access !== spent) return present.access;
  renewal ??= renewed(present).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function renewed(present: Session): Promise<string | null> {
  const body = { refresh_token: present.refresh, request_id: present.renewal };
  try {
    const answer = await expectData(door.POST('/api/v1/auth/refresh', { body }));
    if (session.value !== present) return null;
    session.value = sessionOf(answer);
    return session.value.access;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    forget();
    return null;
  }
}

const credentials: Credentials = {
  access: () => Promise.resolve(session.value?.access ?? null),
  renew,
};

export const api = createApi({ ...settings, credentials });
export const fetchDesk = fetchAs({ ...settings, credentials });
