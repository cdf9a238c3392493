// The check of a receipt in this browser: the server's public keys, the signature, and whether it speaks of this record.
// Refuses to call a receipt good that this browser cannot check.

import { api, ask, type Submission } from '../api/office.ts';

export type ReceiptVerdict = 'good' | 'wrong_signature' | 'other_record' | 'unknown_key' | 'not_checkable';

interface PublicKey extends JsonWebKey {
  readonly kid?: string;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function jsonOf(text: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(bytesOf(text))) as Record<string, unknown>;
}

export async function checkReceipt(receipt: string, submission: Submission): Promise<ReceiptVerdict> {
  const [head = '', body = '', signature = ''] = receipt.split('.');
  const keys = (await ask(api.GET('/api/v1/receipts/keys'))) as unknown as { keys: readonly PublicKey[] };
  const key = keys.keys.find((each) => each.kid === jsonOf(head)['kid']);
  if (key === undefined) return 'unknown_key';
  const { kty, crv, x } = key;
  if (kty === undefined || crv === undefined || x === undefined) return 'unknown_key';
  let isGood: boolean;
  try {
    const subtle = (crypto as { subtle?: SubtleCrypto }).subtle;
    if (subtle === undefined) return 'not_checkable';
    const imported = await subtle.importKey('jwk', { kty, crv, x }, { name: 'Ed25519' }, false, ['verify']);
    const signed = new TextEncoder().encode(`${head}.${body}`);
    isGood = await subtle.verify({ name: 'Ed25519' }, imported, bytesOf(signature), signed);
  } catch {
    return 'not_checkable';
  }
  if (!isGood) return 'wrong_signature';
  return speaksOf(jsonOf(body), submission) ? 'good' : 'other_record';
}

function speaksOf(said: Readonly<Record<string, unknown>>, submission: Submission): boolean {
  const photos = submission.photos.map((photo) => photo.sha256);
  return (
    said['submission'] === submission.id &&
    said['assignment'] === submission.assignment_id &&
    Array.isArray(said['photos']) &&
    said['photos'].length === photos.length &&
    photos.every((photo) => (said['photos'] as unknown[]).includes(photo))
  );
}
