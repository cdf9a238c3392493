// An answer of the desk: always 4,096 bytes, sealed to the person and signed by an officer with its number and its day.
// Refuses to show what no pinned key has signed, for this mailbox and this person's key.

import { type Bytes, isZero, join, readU16, readU32, textOf, toHex, u16, u32, utf8 } from './bytes.ts';
import { sha256 } from './ciphers.ts';
import { opener, sealKeyOf, sealTo } from './hpke.ts';
import { isSigned, sign, verifyKeyOf } from './signature.ts';
import { ENC_BYTES, KEY_BYTES, REPLY_BYTES, SIGNATURE_BYTES, TAG_BYTES } from './sizes.ts';
import type { ThreadKeys } from './thread-keys.ts';

const INFO = 'minhchung tip 1 reply';
const CONTEXT = utf8('minhchung tip 1 answer');
const PLAIN_BYTES = REPLY_BYTES - ENC_BYTES - TAG_BYTES;
const DAY_MS = 86_400_000;
/** Behind the signature: verify key, number, day, length of the text. */
const NUMBER_AT = KEY_BYTES;
const DAY_AT = NUMBER_AT + 4;
const LENGTH_AT = DAY_AT + 4;
const TEXT_AT = SIGNATURE_BYTES + LENGTH_AT + 2;
/** UTF-8 bytes of an answer. */
export const REPLY_TEXT_MAX_BYTES = PLAIN_BYTES - TEXT_AT;

export interface Recipient {
  readonly mailbox: Uint8Array;
  /** Out of the head of the person's first message. */
  readonly replyKey: Uint8Array;
}

export interface Answer {
  /** Its place among the answers of the thread; the first is 1. */
  readonly number: number;
  /** Day in Vietnam, `YYYY-MM-DD`. */
  readonly writtenOn: string;
  readonly text: string;
}

export async function sealReply(
  to: Recipient,
  officerSigningSeed: Uint8Array,
  answer: Answer,
): Promise<Bytes> {
  const words = utf8(answer.text.normalize('NFC'));
  const day = Date.parse(answer.writtenOn) / DAY_MS;
  if (words.length > REPLY_TEXT_MAX_BYTES) throw new Error('an answer that is too long');
  if (!(Number.isInteger(day) && day >= 0 && Number.isInteger(answer.number) && answer.number > 0))
    throw new Error('an answer without number or day');
  const plain = new Uint8Array(PLAIN_BYTES);
  plain.set(
    join(verifyKeyOf(officerSigningSeed), u32(answer.number), u32(day), u16(words.length), words),
    SIGNATURE_BYTES,
  );
  const rest = plain.subarray(SIGNATURE_BYTES);
  plain.set(sign(officerSigningSeed, CONTEXT, to.mailbox, sha256(to.replyKey), rest));
  return sealTo(to.replyKey, INFO, to.mailbox, plain);
}

export interface OpenedReply extends Answer {
  /** The officer's signature: what two different answers never share. */
  readonly seal: string;
}

/** Null for everything that is not an answer of a pinned officer to this person. */
export async function openReply(
  keys: Pick<ThreadKeys, 'mailbox' | 'replySeed'>,
  pinned: readonly Uint8Array[],
  sealed: Uint8Array,
): Promise<OpenedReply | null> {
  if (sealed.length !== REPLY_BYTES) return null;
  const plain = await (await opener(keys.replySeed)).open(INFO, keys.mailbox, sealed);
  if (plain?.length !== PLAIN_BYTES) return null;
  const rest = plain.subarray(SIGNATURE_BYTES);
  const verifyKey = rest.subarray(0, KEY_BYTES);
  const isPinned = pinned.some((key) => key.length === KEY_BYTES && key.every((b, i) => b === verifyKey[i]));
  if (!isPinned) return null;
  const signature = plain.subarray(0, SIGNATURE_BYTES);
  const replyKey = await sealKeyOf(keys.replySeed);
  if (!isSigned(verifyKey, signature, CONTEXT, keys.mailbox, sha256(replyKey), rest)) return null;
  const number = readU32(rest, NUMBER_AT);
  const end = TEXT_AT + readU16(rest, LENGTH_AT);
  if (number === 0 || end > PLAIN_BYTES || !isZero(plain.subarray(end))) return null;
  try {
    const writtenOn = new Date(readU32(rest, DAY_AT) * DAY_MS).toISOString().slice(0, 10);
    return { number, writtenOn, text: textOf(plain.subarray(TEXT_AT, end)), seal: toHex(signature) };
  } catch {
    return null;
  }
}
