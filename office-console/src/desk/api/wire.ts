// What the tip desk's part of the API sends and takes, as docs/tip-line.md says it.
// Refuses nothing by itself: what is sealed inside a box is judged in the worker.

import type { Schemas } from '@minhchung/web-shared/api/client.ts';

export type TipState = Schemas['TipState'];
export type TipSize = Schemas['TipSize'];
export type Channel = Schemas['TipChannel'];
export type Category = Schemas['TipCategory'];

export const STATES = ['new', 'open', 'need_more', 'closed', 'spam'] as const satisfies readonly TipState[];

export const SIZES = ['text', 'one_picture', 'three_pictures'] as const satisfies readonly TipSize[];

/** What an officer writes down for somebody. */
export const TOLD_CHANNELS = [
  'hotline',
  'email',
  'ballot_box',
  'vneid',
  'zalo',
  'facebook',
] as const satisfies readonly Channel[];
export type ToldChannel = (typeof TOLD_CHANNELS)[number];

/** A copy of an answer, or a note: what the desk keeps for itself in a thread. */
export const NOTE_CHANNEL = 'desk_note' satisfies Channel;

export const CATEGORIES = [
  'selling',
  'using',
  'storing',
  'transport',
  'growing',
  'other',
] as const satisfies readonly Category[];

export interface Tip {
  readonly id: string;
  /** The mailbox's id. */
  readonly thread: string;
  /** `YYYY-MM-DD` in Vietnam, as every day here. */
  readonly received_on: string;
  readonly state: TipState;
  readonly size: TipSize;
  readonly channel: Channel;
  readonly category: Category | null;
  readonly replies: number;
  /** The number that the next answer in its thread has to bear. */
  readonly next_answer: number;
  readonly purge_on: string;
}

export interface TipWithBox extends Tip {
  /** Base64, URL-safe, without padding. */
  readonly box: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface DeskKey {
  readonly id: string;
  readonly kind: 'officer' | 'recovery';
  readonly officer: { readonly id: string; readonly name: string } | null;
  readonly seal_key: string;
  readonly verify_key: string | null;
  readonly fingerprint: string;
  readonly made_on: string;
  readonly retired_on: string | null;
  /** Boxes are sealed to it now: it is not retired, and its officer may come in. */
  readonly active: boolean;
  /** The officer's own alone. */
  readonly wrapped: string | null;
}

export interface NewKey {
  readonly seal_key: string;
  readonly verify_key: string;
  readonly wrapped: string;
  readonly signature: string;
}

export interface Flood {
  readonly level: number;
  readonly least_level: number;
  readonly received_last_hour: 'few' | 'some' | 'many';
  readonly quota_used_percent: number;
}

/** Null stands for one to four. */
export type Count = number | null;

export interface MonthCounts {
  readonly month: string;
  readonly categories: Readonly<Record<string, Count>>;
  readonly channels: Readonly<Record<string, Count>>;
  readonly all: Count;
}

export interface Purge {
  readonly state?: TipState;
  readonly received_on?: string;
  readonly size?: TipSize;
}

export interface Commune {
  readonly code: string;
  readonly name: string;
  readonly kind: string;
}
