// The receipt: 24 random digits and a check digit, all that leads back to a thread.
// Refuses a receipt with one digit wrong or two neighbours swapped (Damm's check finds every one of both).

import { random } from './bytes.ts';

export const RECEIPT_DIGITS = 25;
const RANDOM_DIGITS = RECEIPT_DIGITS - 1;
const GROUP = 5;

/** Damm's quasigroup of order ten. */
const DAMM = [
  '0317598642',
  '7092154863',
  '4206871359',
  '1750983426',
  '6123045978',
  '3674209581',
  '5869720134',
  '8945362017',
  '9438617205',
  '2581436790',
] as const;

/** Zero for digits that end in their own check digit. */
function damm(digits: string): string {
  let interim = '0';
  for (const digit of digits) interim = DAMM[Number(interim)]?.[Number(digit)] ?? '';
  return interim;
}

export function checkDigit(digits: string): string {
  return damm(digits);
}

/** Every digit equally likely: bytes from 250 on are thrown away. */
export function newReceipt(): string {
  let digits = '';
  while (digits.length < RANDOM_DIGITS) {
    for (const byte of random(RANDOM_DIGITS)) {
      if (byte < 250 && digits.length < RANDOM_DIGITS) digits += String(byte % 10);
    }
  }
  return digits + checkDigit(digits);
}

/** What a person typed, without the spaces, dots and dashes between. */
export function digitsOf(typed: string): string {
  return typed.replaceAll(/\D/g, '');
}

export function isReceipt(digits: string): boolean {
  return /^\d{25}$/.test(digits) && damm(digits) === '0';
}

/** Five groups of five, as they are shown. */
export function groupsOf(digits: string): readonly string[] {
  return Array.from({ length: Math.ceil(digits.length / GROUP) }, (_, index) =>
    digits.slice(index * GROUP, (index + 1) * GROUP),
  );
}
