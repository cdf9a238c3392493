// The API as the signed-in person, and the short names of its forms.
// Refuses to hide a failure: what is no success is thrown, as `Problem` or `NoAnswer`.

import { createApi, expectData, fetchAs, type Schemas } from '@minhchung/web-shared/api/client.ts';
import { NoAnswer, problemOf } from '@minhchung/web-shared/api/problem.ts';
import { language } from '../text/text.ts';
import { credentials, forget, me } from './session.ts';

export type { Schemas } from '@minhchung/web-shared/api/client.ts';
export { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
export type Submission = Schemas['Submission'];
export type Assignment = Schemas['Assignment'];
export type Figures = Schemas['Figures'];
export type Completion = Schemas['Completion'];
export type Person = Schemas['UserAnswer'];
export type RejectReason = Schemas['RejectReason'];
export type SubmissionState = Schemas['SubmissionState'];
export type AssignmentState = Schemas['AssignmentState'];

const settings = { credentials, language: () => language.value };
export const api = createApi(settings);
export const ask = expectData;
const fetchOffice = fetchAs(settings);

/** An answer that is no JSON: a picture, a file, a stream of events. */
export async function fetchRaw(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetchOffice(new Request(new URL(path, location.origin), init));
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** An answer without a body. */
export async function done(asked: Promise<{ response: Response; error?: unknown }>): Promise<void> {
  const result = await asked.catch((error: unknown) => {
    throw error instanceof Error ? error : new NoAnswer(String(error));
  });
  if (!result.response.ok) await expectData(Promise.resolve(result));
}

export async function logOut(): Promise<void> {
  try {
    if (me.value !== null) await done(api.POST('/api/v1/auth/logout'));
  } finally {
    forget();
  }
}

/** Saves an answer as a file. */
export async function download(path: string, name: string): Promise<void> {
  const blob = await (await fetchRaw(path)).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
