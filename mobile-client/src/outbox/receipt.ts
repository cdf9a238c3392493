// Reads the server's receipt (compact JWS): what it is for, and whether the server sealed it.
// Refuses to call a signature right that this browser cannot check: Ed25519 came to Chrome with 137.

import * as v from 'valibot';
import type { ReceiptKey } from './records.ts';

const Header = v.object({ alg: v.literal('EdDSA'), kid: v.string() });
const Payload = v.object({ submission: v.string(), photos: v.array(v.string()) });

/** Whether `receipt` names this submission and every one of `hashes`. Only then may pictures go. */
export function covers(receipt: string, submission: string, hashes: readonly string[]): boolean {
  const payload = v.safeParse(Payload, json(part(receipt, 1)));
  if (!payload.success || payload.output.submission !== submission) return false;
  const named = new Set(payload.output.photos.map((hash) => hash.toLowerCase()));
  return hashes.every((hash) => named.has(hash));
}

export type Seal = 'right' | 'wrong' | 'unknown-key' | 'cannot-check';

/** Whether this browser knows Ed25519 at all. */
async function canCheck(): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify']);
    return true;
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'NotSupportedError');
  }
}

/** Whether one of `keys` sealed `receipt`. An older browser is not asked for keys that it could not use. */
export async function sealOf(receipt: string, keys: readonly ReceiptKey[]): Promise<Seal> {
  if (!(await canCheck())) return 'cannot-check';
  const header = v.safeParse(Header, json(part(receipt, 0)));
  if (!header.success) return 'wrong';
  const key = keys.find((one) => one.kid === header.output.kid);
  if (key === undefined) return 'unknown-key';
  const { kty, crv, x } = key;
  let known: CryptoKey;
  try {
    known = await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify']);
  } catch {
    return 'wrong';
  }
  const signed = new TextEncoder().encode(receipt.slice(0, receipt.lastIndexOf('.')));
  const signature = bytes(part(receipt, 2));
  const isRight = signature !== null && (await crypto.subtle.verify('Ed25519', known, signature, signed));
  return isRight ? 'right' : 'wrong';
}

function part(receipt: string, index: 0 | 1 | 2): string {
  return receipt.split('.')[index] ?? '';
}

/** Of base64url; null when it is none. */
function bytes(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes(text) ?? new Uint8Array()));
  } catch {
    return null;
  }
}

/** What a person reads out on the telephone. */
export function receiptNumber(submission: string): string {
  const tail = submission.replace(/-/g, '').slice(-8).toUpperCase();
  return `${tail.slice(0, 4)}-${tail.slice(4)}`;
}
