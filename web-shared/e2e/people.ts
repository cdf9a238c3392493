// The people of a browser test, acting through the API: who plans, who invites a phone, who decides.
// Refuses to look into the server's store: what a test says about the server it asked the server.

import { randomUUID } from 'node:crypto';
import type { components } from '../src/api/schema.gen.ts';
import { PASSWORD } from './server.ts';

type Schemas = components['schemas'];
export type Assignment = Schemas['Assignment'];
export type Submission = Schemas['Submission'];
type Items<T> = { items: T[]; next: string | null };

/** A commune of the shipped campaign. */
export const COMMUNE = '02647';

export interface Head {
  readonly id: string;
  /** Good once, twelve digits. */
  readonly code: string;
  /** `<public_url>/#enrol=<digits>` */
  readonly link: string;
}

export class TestPeople {
  private constructor(
    private readonly url: string,
    private readonly admin: string,
    private readonly verifier: string,
  ) {}

  static async of(url: string): Promise<TestPeople> {
    return new TestPeople(url, await logIn(url, 'admin'), await logIn(url, 'verifier'));
  }

  /** A village head with a code for a phone. */
  async head(name = 'Trưởng thôn Thử', commune = COMMUNE): Promise<Head> {
    const username = `head-${randomUUID().slice(0, 8)}`;
    const user = await this.call<{ id: string }>('POST', '/users', {
      username,
      name,
      role: 'village_head',
      commune,
    });
    const { code, url } = await this.invite(user.id);
    return { id: user.id, code, link: url };
  }

  /** An office account with the tests' password. */
  async officer(role: 'commune_officer' | 'viewer', commune: string | null = COMMUNE): Promise<string> {
    const username = `${role.replace('_', '-')}-${randomUUID().slice(0, 8)}`;
    await this.call('POST', '/users', { username, name: `Thử ${role}`, role, commune, password: PASSWORD });
    return username;
  }

  /** Another code for the same person. */
  invite(user: string): Promise<Schemas['InvitationAnswer']> {
    return this.call('POST', `/users/${user}/enrolment`);
  }

  /** Puts a lost phone out. */
  async dropDevices(user: string): Promise<void> {
    const { devices } = await this.call<Schemas['UserWithDevices']>('GET', `/users/${user}`);
    for (const device of devices) await this.call('DELETE', `/users/${user}/devices/${device.id}`);
  }

  /** A place in the plan. */
  plan(assignee: string, changes: Partial<Schemas['NewAssignment']> = {}): Promise<Assignment> {
    return this.call('POST', '/assignments', {
      commune: COMMUNE,
      village: 'Thôn Nậm Rịa',
      place: 'Cổng nhà văn hóa',
      cell: 'banner.2',
      due: '2099-06-30',
      assignee,
      location: { lat: 22.4855, lon: 103.9706 },
      ...changes,
    });
  }

  assignment(id: string): Promise<Assignment> {
    return this.call('GET', `/assignments/${id}`);
  }

  cancel(assignment: Assignment): Promise<unknown> {
    return this.call('DELETE', `/assignments/${assignment.id}`, undefined, {
      'if-match': `"${assignment.version}"`,
    });
  }

  /** Everything that was sent, oldest first. */
  async submissions(): Promise<Submission[]> {
    const all: Submission[] = [];
    let after = '';
    do {
      const page = await this.call<Items<Submission>>('GET', `/submissions?limit=200${after}`);
      all.push(...page.items);
      after = page.next === null ? '' : `&after=${encodeURIComponent(page.next)}`;
    } while (after !== '');
    return all;
  }

  submission(id: string): Promise<Submission> {
    return this.call('GET', `/submissions/${id}`);
  }

  verify(submission: Submission): Promise<Submission> {
    return this.decide(submission, { decision: 'verify', version: submission.version });
  }

  reject(submission: Submission, reason: Schemas['RejectReason'], comment: string): Promise<Submission> {
    return this.decide(submission, { decision: 'reject', reason, comment, version: submission.version });
  }

  private decide(submission: Submission, review: Schemas['Review']): Promise<Submission> {
    return this.call('POST', `/submissions/${submission.id}/reviews`, review, {}, this.verifier);
  }

  /** Any operation, as the administrator unless another token is given. */
  async call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    token = this.admin,
  ): Promise<T> {
    const init: RequestInit = { method, headers: { ...headers, authorization: `Bearer ${token}` } };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { ...headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    }
    const answer = await fetch(`${this.url}/api/v1${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
}

async function logIn(url: string, username: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  if (!answer.ok) throw new Error(`log-in of ${username}: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as Schemas['SessionAnswer']).access_token;
}
