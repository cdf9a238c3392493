// What the server says when it says no (RFC 9457), as one typed error.
// Refuses to believe a page that is not ours: a hotspot's log-in page or a proxy's 403 is `NoAnswer`, never a verdict.

import * as v from 'valibot';

const Wire = v.object({
  code: v.string(),
  status: v.number(),
  title: v.string(),
  detail: v.optional(v.nullable(v.string()), ''),
  request_id: v.optional(v.string(), ''),
  fields: v.optional(
    v.array(
      v.object({ pointer: v.string(), code: v.string(), detail: v.optional(v.nullable(v.string()), '') }),
    ),
    [],
  ),
});

export interface WrongField {
  /** JSON pointer into the body, `?name` of the query, or `/rows/<line>/<column>` of an import. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** The server's no. */
export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly status: number,
    /** Kebab-case, listed in api-spec/problems.md. */
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly fields: readonly WrongField[],
    readonly requestId: string,
    /** Seconds to wait, when the server said so. */
    readonly retryAfterS: number | null,
  ) {
    super(`${status} ${code}`);
  }

  /** The sentence for people: the detail where there is one. */
  get sentence(): string {
    return this.detail === '' ? this.title : this.detail;
  }
}

/** Silence, a cut, or an answer that is not our server's. Always worth another try. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  constructor(
    why: string,
    readonly retryAfterS: number | null = null,
  ) {
    super(why);
  }
}

/** `Retry-After` in seconds: a number, or a date by the server's own clock. */
export function retryAfter(headers: Headers): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const until = Date.parse(value) - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(until) ? Math.max(0, Math.ceil(until / 1000)) : null;
}

/** The error that `response`, which is no success, stands for. Reads its body. */
export async function problemOf(response: Response): Promise<Problem | NoAnswer> {
  const wait = retryAfter(response.headers);
  const kind = response.headers.get('content-type') ?? '';
  if (!kind.startsWith('application/problem+json')) {
    return new NoAnswer(`${response.status} that is not from our server`, wait);
  }
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return new NoAnswer(`${response.status} whose body was cut`, wait);
  }
  return problemFrom(body, response.status, wait);
}

/** The same from a body that was read already. */
export function problemFrom(body: unknown, status: number, wait: number | null): Problem | NoAnswer {
  const wire = v.safeParse(Wire, body);
  if (!wire.success) return new NoAnswer(`${status} without a problem`, wait);
  const { code, title, detail, request_id, fields } = wire.output;
  const wrong = fields.map((field) => ({ ...field, detail: field.detail ?? '' }));
  return new Problem(status, code, title, detail ?? '', wrong, request_id, wait);
}
