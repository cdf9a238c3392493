// The typed client of the API: Bearer token, one renewal after a 401, the reader's language, problems as errors.
// Refuses to keep tokens: `Credentials` does, each client in its own way.

import createClient, { type Client } from 'openapi-fetch';
import { NoAnswer, Problem, problemOf } from './problem.ts';
import type { components, paths } from './schema.gen.ts';

export type Schemas = components['schemas'];
export type Api = Client<paths>;

/** Who asks. */
export interface Credentials {
  /** The access token to try, null for nobody. */
  access(): Promise<string | null>;
  /** A new one instead of `spent`; null when the session is over. Throws `NoAnswer` while that is not known. */
  renew(spent: string): Promise<string | null>;
}

export interface ApiSettings {
  readonly credentials: Credentials;
  /** `vi` or `en`. */
  readonly language: () => string;
  /** Milliseconds after which a request counts as unanswered. */
  readonly timeoutMs?: number;
  /** The deadline holds for the body too. Not for streams, nor for what may be large. */
  readonly wholeAnswers?: boolean;
  /** Sees every answer, for the demo's mark and the server's clock. */
  readonly onAnswer?: (response: Response) => void;
}

/** Nobody: for log-in, enrolment and refresh. */
export const nobody: Credentials = {
  access: () => Promise.resolve(null),
  renew: () => Promise.resolve(null),
};

/** `fetch` as one person, in one language, with a deadline. Rejects with `NoAnswer` when nothing came. */
export function fetchAs(settings: ApiSettings): (request: Request) => Promise<Response> {
  return async (request) => {
    const token = await settings.credentials.access();
    const again = token === null ? null : request.clone();
    const first = await send(request, token, settings);
    if (first.status !== 401 || token === null || again === null) return first;
    const renewed = await settings.credentials.renew(token);
    return renewed === null ? first : send(again, renewed, settings);
  };
}

async function send(request: Request, token: string | null, settings: ApiSettings): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('accept-language', settings.language());
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), settings.timeoutMs ?? 30_000);
  request.signal.addEventListener('abort', () => deadline.abort());
  try {
    const response = await fetch(
      new Request(request, { headers, signal: deadline.signal, credentials: 'omit' }),
    );
    settings.onAnswer?.(response);
    return settings.wholeAnswers === true ? await whole(response) : response;
  } catch (error) {
    throw new NoAnswer(String(error));
  } finally {
    clearTimeout(timer);
  }
}

/** `response` with its body in memory: a line that dies in the middle of an answer is silence, not an endless wait. */
async function whole(response: Response): Promise<Response> {
  const { status, statusText, headers } = response;
  const body = await response.arrayBuffer();
  const mayHaveBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(mayHaveBody ? body : null, { status, statusText, headers });
}

/** The typed client. */
export function createApi(settings: ApiSettings): Api {
  return createClient<paths>({ baseUrl: location.origin, fetch: fetchAs(settings) });
}

type Result<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; a `Problem` or `NoAnswer` is thrown. */
export async function expectData<T>(asked: Promise<Result<T>>): Promise<NonNullable<T>> {
  let result: Result<T>;
  try {
    result = await asked;
  } catch (error) {
    if (error instanceof Problem || error instanceof NoAnswer) throw error;
    // A body that was cut while it was read.
    throw new NoAnswer(String(error));
  }
  if (result.response.ok && result.data !== undefined && result.data !== null) return result.data;
  if (result.response.ok) throw new NoAnswer('an empty answer');
  throw await problemOf(rebuilt(result));
}

// The body was read by then; what was read stands in `error`.
function rebuilt(result: Result<unknown>): Response {
  const { headers, status } = result.response;
  const body = typeof result.error === 'string' ? result.error : JSON.stringify(result.error ?? null);
  return new Response(body, { headers, status });
}
