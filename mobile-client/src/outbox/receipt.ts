// Reads the server's receipt (compact JWS) far enough to know what it is for.
// Refuses to check the signature: Chrome 100 has no Ed25519, and the connection it came by is the server's own.

import * as v from 'valibot';

const Payload = v.object({ submission: v.string(), photos: v.array(v.string()) });

/** Whether `receipt` names this submission and every one of `hashes`. Only then may pictures go. */
export function covers(receipt: string, submission: string, hashes: readonly string[]): boolean {
  const payload = v.safeParse(Payload, decoded(receipt));
  if (!payload.success || payload.output.submission !== submission) return false;
  const named = new Set(payload.output.photos.map((hash) => hash.toLowerCase()));
  return hashes.every((hash) => named.has(hash));
}

function decoded(receipt: string): unknown {
  const middle = receipt.split('.')[1] ?? '';
  try {
    const text = atob(middle.replace(/-/g, '+').replace(/_/g, '/'));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  } catch {
    return null;
  }
}

/** What a person reads out on the telephone. */
export function receiptNumber(submission: string): string {
  const tail = submission.replace(/-/g, '').slice(-8).toUpperCase();
  return `${tail.slice(0, 4)}-${tail.slice(4)}`;
}
