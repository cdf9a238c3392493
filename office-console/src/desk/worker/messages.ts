// What the page asks the worker that holds the keys, and what it hears back.
// Refuses private keys in either direction: seeds leave the worker only wrapped under a passphrase.

import type { Answer } from '@minhchung/web-shared/tip/reply.ts';
import type { Category } from '../api/wire.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** One of the officer's own keys as the server keeps it. */
export interface WrappedKey {
  readonly id: string;
  readonly wrapped: string;
  readonly seal_key: string;
  readonly verify_key: string;
}

/** What is registered with the server, base64. */
export interface MadeKey {
  readonly seal_key: string;
  readonly verify_key: string;
  readonly wrapped: string;
  readonly signature: string;
}

/** The recovery key among the names of the keys that opened something. */
export const RECOVERY = 'recovery';

export type PictureRefusal = 'not_jpeg' | 'broken' | 'carries_more' | 'trailer' | 'too_large';
export type Picture = { readonly bytes: Bytes } | { readonly refused: PictureRefusal };

export interface Said {
  readonly text: string;
  /** What the person chose. */
  readonly category: Category | null;
  readonly commune: string | null;
  readonly writtenOn: string;
  /** Base64. */
  readonly verifyKey: string;
  readonly replyKey: string;
  /** Whether the holder of `verifyKey` signed it. */
  readonly isSigned: boolean;
  /** And the mailbox is named after the keys in it: whoever has its receipt wrote this. */
  readonly isInformants: boolean;
  /** Id of the key that opened it, or `RECOVERY`. */
  readonly openedWith: string;
  readonly pictures: readonly Picture[];
}

export type Unopened = 'not_a_box' | 'not_for_us' | 'damaged' | 'other_mailbox';
export type Opened = Said | { readonly failure: Unopened };

/** Whom something is sealed to. */
export interface Readers {
  readonly sealKeys: readonly string[];
  /** Officers that the person's client will trust. */
  readonly verifyKeys: readonly string[];
}

export interface Told {
  readonly text: string;
  readonly category: Category | null;
  readonly commune: string | null;
  /** Day in Vietnam. */
  readonly today: string;
  /** The digits that the caller read out; null draws new ones. */
  readonly receipt: string | null;
}

/** Each question with its answer. */
export interface Work {
  make: { question: { passphrase: string }; answer: MadeKey };
  /** A key that was just made has its id once the server took it. */
  name: { question: { sealKey: string; id: string }; answer: boolean };
  /** Ids of the keys that this passphrase opened. */
  unlock: { question: { passphrase: string; keys: readonly WrappedKey[] }; answer: readonly string[] };
  fingerprints: {
    question: readonly { readonly seal_key: string; readonly verify_key: string | null }[];
    answer: readonly string[];
  };
  recover: { question: { seed: string; sealKey: string }; answer: boolean };
  open: { question: { box: string; mailbox: string }; answer: Opened };
  answer: {
    question: { mailbox: string; replyKey: string; signer: string; answer: Answer };
    answer: Bytes;
  };
  note: {
    question: { mailbox: string; signer: string; text: string; today: string; readers: Readers };
    answer: Bytes;
  };
  told: { question: { told: Told; readers: Readers }; answer: { frame: Bytes; receipt: string } };
}

export type Kind = keyof Work;
export type Question = {
  [K in Kind]: { readonly number: number; readonly kind: K; readonly question: Work[K]['question'] };
}[Kind];

/** Sentences are the page's; the worker only says which. */
export type WorkFailure = 'too_long' | 'unknown_key' | 'wrong_receipt' | 'no_memory' | 'broken';
export type Reply =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: WorkFailure };
