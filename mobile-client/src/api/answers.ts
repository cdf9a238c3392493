// What the phone reads of the server's answers, checked before it is believed.
// Refuses to fall over what it does not know: a newer server's new members and states pass.

import { NoAnswer } from '@minhchung/web-shared/api/problem.ts';
import * as v from 'valibot';
import type { Place } from '../outbox/records.ts';

const User = v.object({
  id: v.string(),
  name: v.string(),
  role: v.string(),
  commune: v.optional(v.nullable(v.string()), null),
});

export const Session = v.object({ access_token: v.string(), refresh_token: v.string(), user: User });

const Reason = v.optional(v.nullable(v.string()), null);

export const Submission = v.object({
  id: v.string(),
  state: v.string(),
  received_at: v.optional(v.nullable(v.string()), null),
  missing: v.array(v.string()),
  receipt: v.optional(v.nullable(v.string()), null),
  decision: v.optional(v.nullable(v.object({ reason: Reason, comment: Reason })), null),
});
export type Submission = v.InferOutput<typeof Submission>;

export const Submissions = v.object({
  items: v.array(Submission),
  next: v.optional(v.nullable(v.string()), null),
});

const STATES = ['open', 'arriving', 'pending', 'returned', 'verified', 'proposed', 'cancelled'] as const;

const Assignment = v.object({
  id: v.string(),
  commune: v.string(),
  village: v.string(),
  place: v.string(),
  cell: v.string(),
  due: v.string(),
  // A state that this version does not know is not finished, so it is shown as open.
  state: v.fallback(v.picklist(STATES), 'open'),
  overdue: v.optional(v.boolean(), false),
  last_reason: Reason,
  last_comment: Reason,
  expected_signers: v.optional(v.nullable(v.number()), null),
  note: Reason,
  location: v.optional(v.nullable(v.object({ lat: v.number(), lon: v.number() })), null),
});

export const Assignments = v.object({
  items: v.array(Assignment),
  next: v.optional(v.nullable(v.string()), null),
});

export function placeOf(assignment: v.InferOutput<typeof Assignment>, owner: string): Place {
  const { village, place, cell, last_reason, last_comment, expected_signers, ...same } = assignment;
  return {
    ...same,
    owner,
    title: { place, village, cell },
    lastReason: last_reason,
    lastComment: last_comment,
    expectedSigners: expected_signers,
  };
}

const Label = v.object({ vi: v.string(), en: v.string() });

export const Campaign = v.object({
  name: Label,
  demo: v.optional(v.boolean(), false),
  banners: v.optional(
    v.nullable(
      v.object({
        lines: v.array(v.string()),
        groups: v.array(
          v.object({
            cell: v.string(),
            label: Label,
            places: Label,
            headline: v.string(),
            placeholder: v.optional(v.nullable(v.string()), null),
            sizes: v.array(v.object({ height_m: v.number(), width_m: v.number() })),
          }),
        ),
      }),
    ),
    null,
  ),
  hotline: v.optional(
    v.nullable(
      v.object({
        phones: v.array(v.object({ printed: v.string(), dial: v.string() })),
        hours: v.optional(v.string(), ''),
      }),
    ),
    null,
  ),
  commitments: v.optional(v.array(v.object({ cell: v.string(), label: Label, signers: Label })), []),
});
export type Campaign = v.InferOutput<typeof Campaign>;

/** Members that are not named here pass; keys of other kinds are the business of later versions. */
export const ReceiptKeys = v.object({
  keys: v.array(v.object({ kty: v.string(), crv: v.string(), x: v.string(), kid: v.string() })),
});

/** `value` as `schema` says, or `NoAnswer`: what cannot be read is no answer of our server. */
export function expect<const S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, value);
  if (!read.success) throw new NoAnswer('an answer that cannot be read');
  return read.output;
}
