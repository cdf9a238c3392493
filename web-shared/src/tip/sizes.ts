// Every length of the protocol, so that no other file adds them up.
// Refuses a fourth length: whatever a person writes is padded to one of three.

import { assertNever } from '../assert-never.ts';

export type SizeClass = 'text' | 'one_picture' | 'three_pictures';
/** In the order of their number in the box. */
export const SIZE_CLASSES: readonly SizeClass[] = ['text', 'one_picture', 'three_pictures'];

export const HEADER_BYTES = 64;
export const SLOTS = 8;
export const ENC_BYTES = 1120;
export const TAG_BYTES = 16;
export const KEY_BYTES = 32;
export const SLOT_BYTES = ENC_BYTES + KEY_BYTES + TAG_BYTES;
export const PIN_BYTES = 4096;
export const REPLY_BYTES = 4096;
export const SEAL_KEY_BYTES = 1216;
export const SIGNATURE_BYTES = 64;
export const MAILBOX_BYTES = 16;
export const NONCE_BYTES = 16;
export const PAYLOAD_AT = HEADER_BYTES + SLOTS * SLOT_BYTES + PIN_BYTES;

const TEXT_BOX_BYTES = 32_768;
const PICTURE_ROOM_BYTES = 524_288;
/** So that a picture with its length fits into the room of one. */
export const PICTURE_MAX_BYTES = PICTURE_ROOM_BYTES - 16;
export const TEXT_MAX_BYTES = 12_000;
export const PICTURES_MAX = 3;

/** How many pictures a box of this class has room for. */
export function room(size: SizeClass): number {
  switch (size) {
    case 'text':
      return 0;
    case 'one_picture':
      return 1;
    case 'three_pictures':
      return 3;
    default:
      return assertNever(size);
  }
}

export function boxBytes(size: SizeClass): number {
  return TEXT_BOX_BYTES + room(size) * PICTURE_ROOM_BYTES;
}

export function payloadBytes(size: SizeClass): number {
  return boxBytes(size) - PAYLOAD_AT - TAG_BYTES;
}

/** The smallest class with room for so many pictures. */
export function sizeFor(pictures: number): SizeClass {
  const found = SIZE_CLASSES.find((size) => room(size) >= pictures);
  if (found === undefined) throw new Error('more pictures than any box has room for');
  return found;
}
