// Every question that the tip desk asks the server. What goes out or comes in about a tip is sealed by then.
// Refuses to put words of a tip anywhere: paths carry ids, states and channels only.

import { expectData } from '@minhchung/web-shared/api/client.ts';
import { NoAnswer, Problem, problemOf } from '@minhchung/web-shared/api/problem.ts';
import { api, fetchDesk } from './session.ts';
import type {
  Category,
  Channel,
  Commune,
  DeskKey,
  Flood,
  MonthCounts,
  NewKey,
  Page,
  Purge,
  Tip,
  TipState,
  TipWithBox,
} from './wire.ts';

const ROOT = '/api/v1/desk';
const PAGE = 100;

async function call(method: string, path: string, body?: BodyInit, kind?: string): Promise<Response> {
  const init: RequestInit = { method, cache: 'no-store' };
  if (body !== undefined) init.body = body;
  if (kind !== undefined) init.headers = { 'content-type': kind };
  const response = await fetchDesk(new Request(new URL(ROOT + path, location.origin), init));
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function read<T>(method: string, path: string, body?: unknown): Promise<T> {
  const json = body === undefined ? undefined : JSON.stringify(body);
  return answerOf<T>(await call(method, path, json, json === undefined ? undefined : 'application/json'));
}

async function answerOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new NoAnswer(String(error));
  }
}

const octets = (method: string, path: string, bytes: Uint8Array<ArrayBuffer>) =>
  call(method, path, bytes, 'application/octet-stream');

export function tips(state: TipState | '', after: string | null): Promise<Page<Tip>> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (state !== '') query.set('state', state);
  if (after !== null) query.set('after', after);
  return read('GET', `/tips?${query.toString()}`);
}

/** Every box of one mailbox. */
export async function thread(mailbox: string): Promise<Tip[]> {
  const found: Tip[] = [];
  let after: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), thread: mailbox });
    if (after !== null) query.set('after', after);
    const page: Page<Tip> = await read('GET', `/tips?${query.toString()}`);
    found.push(...page.items.filter((tip) => tip.thread === mailbox));
    after = page.next;
  } while (after !== null);
  return found;
}

export const tip = (id: string) => read<TipWithBox>('GET', `/tips/${id}`);

export const change = (id: string, changes: { state?: TipState; category?: Category | null }) =>
  read<Tip>('PATCH', `/tips/${id}`, changes);

/** One that is gone already is fine: notes go with the last message of their thread. */
export async function shred(id: string): Promise<void> {
  try {
    await call('DELETE', `/tips/${id}`);
  } catch (error) {
    if (!(error instanceof Problem && error.status === 404)) throw error;
  }
}

/** @param frame the nonce and the box, so that the same bytes again make no second one. */
export async function put(channel: Channel, frame: Uint8Array<ArrayBuffer>): Promise<Tip> {
  return answerOf<Tip>(await octets('POST', `/tips?channel=${channel}`, frame));
}

/** @param number what is sealed inside; the server refuses it when a colleague was faster. */
export async function reply(id: string, number: number, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
  await octets('POST', `/tips/${id}/replies?number=${number}`, sealed);
}

export const purge = (which: Purge) => read<{ shredded: number }>('POST', '/tips/purge', which);
export const flood = () => read<Flood>('GET', '/flood');
export const setLeastLevel = (least_level: number) => read<Flood>('PATCH', '/flood', { least_level });
export const counts = (year: number) => read<{ months: MonthCounts[] }>('GET', `/counts?year=${year}`);
export const notice = () => read<{ slot: string; news: boolean }>('GET', '/notice');

export const keys = async () => (await read<{ items: DeskKey[] }>('GET', '/keys')).items;
export const addKey = (key: NewKey) => read<DeskKey>('POST', '/keys', key);
export async function retireKey(id: string): Promise<void> {
  await call('DELETE', `/keys/${id}`);
}

export async function communes(): Promise<Commune[]> {
  return await expectData(api.GET('/api/v1/communes'));
}
