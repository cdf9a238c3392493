// The operations of the API that a phone needs, each with a checked answer.
// Refuses to keep anything; the outbox and the sync decide what is kept.

import { createApi, expectData, fetchAs } from '@minhchung/web-shared/api/client.ts';
import type { Evidence, Place, Proposal, ReceiptKey } from '../outbox/records.ts';
import { Assignments, Campaign, expect, placeOf, ReceiptKeys, Submission, Submissions } from './answers.ts';
import { language } from './language.ts';
import { credentials } from './session.ts';

const settings = { credentials, language, wholeAnswers: true };
const api = createApi(settings);
/** For requests that the typed client has no form for: pieces of pictures. A slow line may take a minute for one. */
export const fetchAsMe = fetchAs({ ...settings, timeoutMs: 60_000 });

const APP = { app: 'minhchung-phone', version: '0.1.0' };
const PAGE = 200;
/** Pages of submissions that are looked through for those this phone knows. */
const MOST_PAGES = 5;

export async function putReport(item: Evidence): Promise<Submission> {
  const { fix } = item;
  const body = {
    assignment_id: item.assignment,
    captured_at: item.capturedAt,
    location:
      fix === null
        ? null
        : {
            lat: fix.lat,
            lon: fix.lon,
            accuracy_m: fix.accuracyM,
            captured_at: new Date(fix.at).toISOString(),
          },
    note: item.note,
    signed_count: item.signedCount,
    photos: item.pictures.map(({ sha256, bytes }) => ({ sha256, bytes })),
    // Its clock at this sending, which the server holds against its own; a repeat says the same at another time.
    client: { ...APP, clock: new Date().toISOString() },
  };
  const asked = api.PUT('/api/v1/submissions/{id}', { params: { path: { id: item.id } }, body });
  return expect(Submission, await expectData(asked));
}

export async function withdraw(id: string): Promise<void> {
  await expectData(api.DELETE('/api/v1/submissions/{id}', { params: { path: { id } } }));
}

export async function sendProposal(item: Proposal): Promise<void> {
  const { fix, title } = item;
  const body = {
    id: item.id,
    village: title.village,
    place: title.place,
    cell: title.cell as 'banner.1',
    location: fix === null ? null : { lat: fix.lat, lon: fix.lon },
    note: item.note,
  };
  await expectData(api.POST('/api/v1/assignments', { body }));
}

/** Every place of the person, all pages. */
export async function fetchPlaces(owner: string): Promise<Place[]> {
  const places: Place[] = [];
  let after: string | null = null;
  do {
    const query: { limit: number; after?: string } =
      after === null ? { limit: PAGE } : { limit: PAGE, after };
    const page = expect(Assignments, await expectData(api.GET('/api/v1/assignments', { params: { query } })));
    places.push(...page.items.map((assignment) => placeOf(assignment, owner)));
    after = page.next;
  } while (after !== null);
  return places;
}

/** How those of `wanted` stand now; those that were not found are left out. */
export async function fetchStates(wanted: ReadonlySet<string>): Promise<Submission[]> {
  const found: Submission[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES && found.length < wanted.size; page += 1) {
    const query: { limit: number; order: string; after?: string } = { limit: PAGE, order: 'newest' };
    if (after !== null) query.after = after;
    const list = expect(Submissions, await expectData(api.GET('/api/v1/submissions', { params: { query } })));
    found.push(...list.items.filter((submission) => wanted.has(submission.id)));
    after = list.next;
    if (after === null) break;
  }
  return found;
}

/** The keys of receipts, past the browser's cache: one that is not known yet may be a minute old. */
export async function fetchReceiptKeys(): Promise<ReceiptKey[]> {
  const asked = api.GET('/api/v1/receipts/keys', { cache: 'no-cache' });
  return expect(ReceiptKeys, await expectData(asked)).keys;
}

export async function fetchCampaign(): Promise<Campaign> {
  return expect(Campaign, await expectData(api.GET('/api/v1/campaign')));
}
