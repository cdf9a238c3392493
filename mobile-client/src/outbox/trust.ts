// Whether a receipt may be believed: it names everything, and one of the server's keys sealed it.
// Refuses to free a picture for a seal that is wrong; where the browser cannot check one, the names alone decide.

import { NoAnswer, Problem } from '@minhchung/web-shared/api/problem.ts';
import { fetchReceiptKeys } from '../api/server.ts';
import { changeMeta, meta } from './database.ts';
import { sealOf } from './receipt.ts';
import type { ReceiptKey } from './records.ts';

/** The server's receipt is not its own. The evidence is kept and asked for again. */
export class ReceiptNotTrusted extends Error {
  override readonly name = 'ReceiptNotTrusted';
}

/** Asks the server for its keys and keeps them; a key that is known already stays as it is. */
export async function learnReceiptKeys(): Promise<readonly ReceiptKey[]> {
  const named = await fetchReceiptKeys().catch((error: unknown) => {
    // No verdict on the evidence, whatever the server says about its keys.
    throw error instanceof Problem ? new NoAnswer(error.message, error.retryAfterS) : error;
  });
  return changeMeta('receiptKeys', (before) => {
    const known = before ?? [];
    const kids = new Set(known.map((key) => key.kid));
    return [...known, ...named.filter((key) => !kids.has(key.kid))];
  });
}

/** Throws `ReceiptNotTrusted`, or what hindered the phone from asking for a key that it does not know. */
export async function trustReceipt(receipt: string): Promise<void> {
  let seal = await sealOf(receipt, (await meta('receiptKeys')) ?? []);
  if (seal === 'unknown-key') seal = await sealOf(receipt, await learnReceiptKeys());
  if (seal === 'wrong' || seal === 'unknown-key') throw new ReceiptNotTrusted();
}
