// What a person says: words, what it is about, pictures. Padded with zeros to the length of its class, and signed.
// Refuses a payload with anything behind its pictures, or with fields of other forms.

import * as v from 'valibot';
import { type Bytes, fromBase64, isZero, join, readU32, textOf, toBase64, u32, utf8 } from './bytes.ts';
import { sha256 } from './ciphers.ts';
import { isSigned, sign } from './signature.ts';
import {
  KEY_BYTES,
  PICTURE_MAX_BYTES,
  payloadBytes,
  room,
  SEAL_KEY_BYTES,
  SIGNATURE_BYTES,
  type SizeClass,
  TEXT_MAX_BYTES,
} from './sizes.ts';

const CONTEXT = utf8('minhchung tip 1 message');

export const CATEGORIES = ['selling', 'using', 'storing', 'transport', 'growing', 'other'] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Message {
  readonly text: string;
  readonly category: Category | null;
  /** Code of a commune, five digits. */
  readonly commune: string | null;
  /** Day in Vietnam, `YYYY-MM-DD`. */
  readonly writtenOn: string;
  readonly verifyKey: Bytes;
  readonly replyKey: Bytes;
  /** JPEG files. */
  readonly pictures: readonly Bytes[];
}

const Head = v.object({
  text: v.string(),
  category: v.optional(v.picklist(CATEGORIES)),
  commune: v.optional(v.pipe(v.string(), v.regex(/^\d{5}$/))),
  verify_key: v.string(),
  reply_key: v.string(),
  written_on: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
});

/** More words or pictures than the box has room for. */
export class MessageTooLarge extends Error {}

/** @returns the payload, as long as its class wants it. */
export function encodeMessage(
  message: Message,
  size: SizeClass,
  header: Uint8Array,
  signingSeed: Uint8Array,
): Bytes {
  const { pictures } = message;
  const text = message.text.normalize('NFC');
  const head = utf8(
    JSON.stringify({
      text,
      ...(message.category === null ? {} : { category: message.category }),
      ...(message.commune === null ? {} : { commune: message.commune }),
      verify_key: toBase64(message.verifyKey),
      reply_key: toBase64(message.replyKey),
      written_on: message.writtenOn,
    }),
  );
  const said = join(
    u32(head.length),
    head,
    Uint8Array.of(pictures.length),
    ...pictures.flatMap((picture) => [u32(picture.length), picture]),
  );
  const payload = new Uint8Array(payloadBytes(size));
  const fits =
    utf8(text).length <= TEXT_MAX_BYTES &&
    pictures.length <= room(size) &&
    pictures.every((picture) => picture.length <= PICTURE_MAX_BYTES) &&
    SIGNATURE_BYTES + said.length <= payload.length;
  if (!fits) throw new MessageTooLarge();
  payload.set(said, SIGNATURE_BYTES);
  payload.set(sign(signingSeed, CONTEXT, header, sha256(payload.subarray(SIGNATURE_BYTES))));
  return payload;
}

/** Whether the payload of the box with this header was signed by the holder of `verifyKey`. */
export function isSignedMessage(payload: Uint8Array, header: Uint8Array, verifyKey: Uint8Array): boolean {
  const signature = payload.subarray(0, SIGNATURE_BYTES);
  return isSigned(verifyKey, signature, CONTEXT, header, sha256(payload.subarray(SIGNATURE_BYTES)));
}

/** Null when the payload has another form. Says nothing about who signed it. */
export function decodeMessage(payload: Uint8Array, size: SizeClass): Message | null {
  try {
    return decode(payload, size);
  } catch {
    return null;
  }
}

function decode(payload: Uint8Array, size: SizeClass): Message | null {
  let at = SIGNATURE_BYTES;
  const take = (length: number): Bytes => {
    if (length > payload.length - at) throw new Error('a length beyond the end');
    at += length;
    return join(payload.subarray(at - length, at));
  };
  const head = v.parse(Head, JSON.parse(textOf(take(readU32(take(4), 0)))));
  const count = take(1)[0] ?? 0;
  if (count > room(size)) return null;
  const pictures = Array.from({ length: count }, () => take(readU32(take(4), 0)));
  const verifyKey = fromBase64(head.verify_key);
  const replyKey = fromBase64(head.reply_key);
  const isWhole =
    verifyKey.length === KEY_BYTES &&
    replyKey.length === SEAL_KEY_BYTES &&
    pictures.every((picture) => picture.length <= PICTURE_MAX_BYTES) &&
    utf8(head.text).length <= TEXT_MAX_BYTES &&
    isZero(payload.subarray(at));
  if (!isWhole) return null;
  return {
    text: head.text,
    category: head.category ?? null,
    commune: head.commune ?? null,
    writtenOn: head.written_on,
    verifyKey,
    replyKey,
    pictures,
  };
}
