// The puzzle that a message costs: eight chained parts, each a search over Argon2id with 1 MiB.
// Refuses a challenge of another version. Runs in a worker; gives up as soon as it is told to.

import { type Bytes, join, readU32, u32 } from './bytes.ts';
import { type Argon2Cost, argon2id, sha256 } from './ciphers.ts';

export const CHALLENGE_BYTES = 64;
export const SOLUTION_BYTES = 32;
export const PUZZLE_PARTS = 8;
const BASE_BITS = 5;
const PUZZLE_COST: Argon2Cost = { memoryKib: 1024, passes: 1 };
const SALT_BYTES = 16;

export interface SolveOptions {
  readonly signal?: AbortSignal;
  /** @param done how many of the eight parts. */
  readonly onProgress?: (done: number) => void;
}

/** Seconds since 1970 after which the server does not take it any more. */
export function expiresAt(challenge: Uint8Array): number {
  return readU32(challenge, 4);
}

/** The eight counts, four bytes each. Throws the signal's reason when it is told to stop. */
export async function solvePuzzle(challenge: Uint8Array, options: SolveOptions = {}): Promise<Bytes> {
  if (challenge.length !== CHALLENGE_BYTES || challenge[0] !== 1) throw new Error('not a challenge');
  const bits = BASE_BITS + (challenge[1] ?? 0);
  let state = sha256(challenge);
  const counts: Bytes[] = [];
  while (counts.length < PUZZLE_PARTS) {
    const { count, hash } = await solvePart(state, bits, options.signal);
    counts.push(count);
    state = sha256(state, hash);
    options.onProgress?.(counts.length);
  }
  return join(...counts);
}

async function solvePart(
  state: Uint8Array,
  bits: number,
  signal: AbortSignal | undefined,
): Promise<{ count: Bytes; hash: Bytes }> {
  const salt = state.subarray(0, SALT_BYTES);
  for (let tried = 0; tried <= 0xffffffff; tried += 1) {
    signal?.throwIfAborted();
    const count = u32(tried);
    const hash = await argon2id(count, salt, PUZZLE_COST);
    if (leadingZeros(hash) >= bits) return { count, hash };
  }
  throw new Error('no solution');
}

/** From the most significant bit of the first byte on. */
function leadingZeros(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.length * 8 : first * 8 + Math.clz32(bytes[first] ?? 0) - 24;
}
