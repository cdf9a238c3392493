// The sealed box: all that the server ever holds of a message. One of three lengths, eight slots, filled or not.
// Refuses every other version, suite and length, and a content key that does not match the commitment.

import { areEqual, type Bytes, isZero, join, random, utf8 } from './bytes.ts';
import { hkdf, openWith, sealWith, sha256 } from './ciphers.ts';
import { keyOfNobody, type Opener, sealTo } from './hpke.ts';
import { decodeMessage, encodeMessage, isSignedMessage, type Message } from './message.ts';
import {
  boxBytes,
  HEADER_BYTES,
  KEY_BYTES,
  MAILBOX_BYTES,
  PAYLOAD_AT,
  PIN_BYTES,
  SIZE_CLASSES,
  type SizeClass,
  SLOT_BYTES,
  SLOTS,
  sizeFor,
} from './sizes.ts';

const MAGIC = utf8('MCTB');
const VERSION = 1;
const SUITE = 1;
const INFO = 'minhchung tip 1 box';
const MAILBOX_AT = 16;
const COMMITMENT_AT = MAILBOX_AT + MAILBOX_BYTES;
const PIN_AT = HEADER_BYTES + SLOTS * SLOT_BYTES;

const commitmentOf = (contentKey: Uint8Array) => hkdf(contentKey, 'minhchung tip 1 commitment');
const payloadKeyOf = (contentKey: Uint8Array) => hkdf(contentKey, 'minhchung tip 1 payload');
const payloadAbout = (box: Uint8Array) =>
  join(box.subarray(0, HEADER_BYTES), sha256(box.subarray(HEADER_BYTES, PAYLOAD_AT)));

export interface SealRequest {
  readonly mailbox: Uint8Array;
  readonly message: Message;
  readonly signingSeed: Uint8Array;
  /** 4,096 bytes; the desk's own notes have random ones, which nobody can tell from a pin. */
  readonly pin: Uint8Array;
  /** Every active key of the desk, one to eight. */
  readonly sealKeys: readonly Uint8Array[];
}

export async function sealBox(request: SealRequest): Promise<Bytes> {
  const { sealKeys, message, pin, mailbox } = request;
  if (sealKeys.length < 1 || sealKeys.length > SLOTS) throw new Error('no desk key, or too many');
  if (pin.length !== PIN_BYTES || mailbox.length !== MAILBOX_BYTES) throw new Error('wrong lengths');
  const size = sizeFor(message.pictures.length);
  const contentKey = random(KEY_BYTES);
  const header = join(
    MAGIC,
    Uint8Array.of(VERSION, SUITE, SIZE_CLASSES.indexOf(size)),
    new Uint8Array(MAILBOX_AT - MAGIC.length - 3),
    mailbox,
    commitmentOf(contentKey),
  );
  const slots: Bytes[] = [];
  for (let index = 0; index < SLOTS; index += 1) {
    const sealKey = sealKeys[index];
    // An unused slot is made the same way, so that it looks the same and takes as long.
    const content = sealKey === undefined ? random(KEY_BYTES) : contentKey;
    slots.push(await sealTo(sealKey ?? (await keyOfNobody()), INFO, header, content));
  }
  const front = join(header, ...shuffled(slots), pin);
  const payload = encodeMessage(message, size, header, request.signingSeed);
  const sealed = sealWith(payloadKeyOf(contentKey), payload, payloadAbout(front));
  payload.fill(0);
  contentKey.fill(0);
  return join(front, sealed);
}

/** Fisher and Yates; the modulus is even enough for eight places out of four bytes each. */
function shuffled(slots: readonly Bytes[]): Bytes[] {
  const order = [...slots];
  const dice = new Uint32Array(random(4 * order.length).buffer);
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = (dice[last] ?? 0) % (last + 1);
    const [one, two] = [order[last], order[other]];
    if (one !== undefined && two !== undefined) [order[last], order[other]] = [two, one];
  }
  return order;
}

/** What anybody can see of a box. */
export interface BoxFace {
  readonly size: SizeClass;
  readonly mailbox: Bytes;
  readonly pin: Bytes;
}

/** Null for anything but a box of this version and suite. */
export function boxFace(box: Uint8Array): BoxFace | null {
  const size = SIZE_CLASSES[box[6] ?? SIZE_CLASSES.length];
  if (size === undefined || box.length !== boxBytes(size)) return null;
  const isOurs =
    areEqual(box.subarray(0, 4), MAGIC) &&
    box[4] === VERSION &&
    box[5] === SUITE &&
    isZero(box.subarray(7, MAILBOX_AT));
  if (!isOurs) return null;
  return {
    size,
    mailbox: join(box.subarray(MAILBOX_AT, COMMITMENT_AT)),
    pin: join(box.subarray(PIN_AT, PAYLOAD_AT)),
  };
}

export interface OpenedBox extends BoxFace {
  readonly message: Message;
  /** Whether the holder of this key wrote it; for a later message, ask with the key of the first. */
  isSignedBy(verifyKey: Uint8Array): boolean;
}

/** `not_for_us`: none of the keys opens a slot. `damaged`: a slot opens, the rest does not. */
export type BoxFailure = 'not_a_box' | 'not_for_us' | 'damaged';

/** @param openers one for each seal seed of the reader, the retired ones too. */
export async function openBox(box: Uint8Array, openers: readonly Opener[]): Promise<OpenedBox | BoxFailure> {
  const face = boxFace(box);
  if (face === null) return 'not_a_box';
  const contentKey = await contentKeyOf(box, openers);
  if (contentKey === null) return 'not_for_us';
  const payload = openWith(payloadKeyOf(contentKey), box.subarray(PAYLOAD_AT), payloadAbout(box));
  const message = payload === null ? null : decodeMessage(payload, face.size);
  if (payload === null || message === null) return 'damaged';
  const header = join(box.subarray(0, HEADER_BYTES));
  return { ...face, message, isSignedBy: (verifyKey) => isSignedMessage(payload, header, verifyKey) };
}

async function contentKeyOf(box: Uint8Array, openers: readonly Opener[]): Promise<Bytes | null> {
  const header = box.subarray(0, HEADER_BYTES);
  const commitment = box.subarray(COMMITMENT_AT, HEADER_BYTES);
  for (let index = 0; index < SLOTS; index += 1) {
    const at = HEADER_BYTES + index * SLOT_BYTES;
    for (const one of openers) {
      const content = await one.open(INFO, header, box.subarray(at, at + SLOT_BYTES));
      if (content !== null && areEqual(commitmentOf(content), commitment)) return content;
    }
  }
  return null;
}
