// What the page and its two workers say to each other.
// Refuses to let a key out of the vault: no answer has a place for one.

import type { Bytes } from '@minhchung/web-shared/tip/bytes.ts';
import type { Category } from '@minhchung/web-shared/tip/message.ts';
import type { Letters } from './letters.ts';

/** Words and pictures as the person leaves them. */
export interface Draft {
  readonly text: string;
  readonly category: Category | null;
  readonly commune: string | null;
  readonly pictures: readonly Bytes[];
  /** It belongs to a thread that is open already; a first message may begin one. */
  readonly isLater: boolean;
}

/** The desk's keys of today. */
export interface DeskKeys {
  readonly sealKeys: readonly Bytes[];
  readonly verifyKeys: readonly Bytes[];
  /** `YYYY-MM-DD` in Vietnam, by the server. */
  readonly today: string;
}

export interface Thread {
  readonly letters: Letters;
  /** How many messages of the person the mailbox has. */
  readonly sent: number;
}

export type VaultRequest =
  | { readonly ask: 'new_thread' }
  | { readonly ask: 'old_thread'; readonly receipt: string }
  | { readonly ask: 'receipt' }
  | { readonly ask: 'mailbox' }
  | { readonly ask: 'seal'; readonly draft: Draft; readonly desk: DeskKeys }
  | { readonly ask: 'read'; readonly items: readonly Bytes[] };

export interface VaultAnswers {
  readonly new_thread: null;
  readonly old_thread: null;
  readonly receipt: string;
  /** Base64. */
  readonly mailbox: string;
  /** `nonce ‖ box`. */
  readonly seal: Bytes;
  readonly read: Thread;
}

/** `too_large`: more words or pictures than the box has room for. */
export type VaultReply =
  | { readonly id: number; readonly value: VaultAnswers[keyof VaultAnswers] }
  | { readonly id: number; readonly failed: 'too_large' | 'broken' };

export type PuzzleReply =
  | { readonly is: 'progress'; readonly done: number }
  | { readonly is: 'solved'; readonly solution: Bytes }
  | { readonly is: 'failed' };
