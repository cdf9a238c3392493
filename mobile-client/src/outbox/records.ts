// What the phone keeps, as it stands in IndexedDB. Pictures lie apart, under `Picture.key`.
// Refuses optional members: what is not known is null, so that every record says everything.

export interface Fix {
  readonly lat: number;
  readonly lon: number;
  /** Metres; 0 is what mock locations say. */
  readonly accuracyM: number;
  /** By the receiver of the satellites where it tells, else the phone's clock; milliseconds. */
  readonly at: number;
}

/** A picture that lies in the store of blobs. */
export interface Picture {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly type: string;
  readonly width: number;
  readonly height: number;
}

/** A picture on its way. */
export interface SentPicture extends Picture {
  /** The server has it. */
  readonly stored: boolean;
  /** Where an upload of it was begun. */
  readonly uploadUrl: string | null;
  /** It is not on the phone any more, although the server never had it. */
  readonly lost: boolean;
}

export interface Title {
  readonly place: string;
  readonly village: string;
  readonly cell: string;
}

/**
 * `waiting` until the server's receipt; `refused` and `ghost` until a person decides; `dropping` until the server knows
 * that a person gave it up.
 */
export type Stage = 'waiting' | 'received' | 'verified' | 'returned' | 'refused' | 'ghost' | 'dropping';

export interface Reason {
  readonly code: string;
  /** For people, in the language of that moment. */
  readonly sentence: string;
}

interface Common {
  /** UUIDv7, made here; the server knows it by the same. */
  readonly id: string;
  /** The account that made it; nobody else sends it. */
  readonly owner: string;
  readonly title: Title;
  readonly createdAt: number;
  readonly stage: Stage;
  /** Tries without any progress since the last success. */
  readonly attempts: number;
  /** Not before this; by the phone's clock. */
  readonly nextAt: number;
  /** The server itself named `nextAt`, so only a person may be faster. */
  readonly asked: boolean;
  readonly refusal: Reason | null;
}

export interface Evidence extends Common {
  readonly kind: 'evidence';
  readonly assignment: string;
  /** RFC 3339, by the phone's clock. */
  readonly capturedAt: string;
  readonly fix: Fix | null;
  readonly note: string | null;
  readonly signedCount: number | null;
  readonly pictures: readonly SentPicture[];
  /** The server has the record, perhaps not the pictures. */
  readonly reported: boolean;
  /** Compact JWS. */
  readonly receipt: string | null;
  readonly receivedAt: string | null;
  /** Why it came back. */
  readonly verdict: { readonly reason: string | null; readonly comment: string | null } | null;
}

/** A place that the plan lacks. Its id is the id of the assignment that it asks for. */
export interface Proposal extends Common {
  readonly kind: 'proposal';
  readonly note: string | null;
  readonly fix: Fix | null;
}

export type Item = Evidence | Proposal;

/** Pictures that were taken and not yet handed to the outbox. */
export interface Draft {
  readonly assignment: string;
  readonly owner: string;
  readonly pictures: readonly Picture[];
  readonly capturedAt: string;
  readonly fix: Fix | null;
  readonly note: string;
  readonly signedCount: number | null;
}

/** An assignment as the phone shows it. */
export interface Place {
  readonly id: string;
  readonly owner: string;
  readonly title: Title;
  readonly commune: string;
  readonly due: string;
  readonly state: 'open' | 'arriving' | 'pending' | 'returned' | 'verified' | 'proposed' | 'cancelled';
  readonly overdue: boolean;
  readonly lastReason: string | null;
  readonly lastComment: string | null;
  readonly expectedSigners: number | null;
  readonly note: string | null;
  readonly location: { readonly lat: number; readonly lon: number } | null;
}

/** A public key that seals receipts, as the server lists it (RFC 8037). */
export interface ReceiptKey {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly commune: string | null;
}

export interface Session {
  readonly access: string;
  readonly refresh: string;
  /** Kept before a refresh is sent, so that the same request can be sent again after a lost answer. */
  readonly refreshRequest: string | null;
  readonly user: User;
  /** The server does not know this session any more. */
  readonly over: boolean;
}

export interface Settings {
  readonly language: 'vi' | 'en';
  readonly wifiOnly: boolean;
  readonly keepOriginal: boolean;
  /** For a call from the help page. */
  readonly officerPhone: string;
  readonly lock: { readonly salt: Uint8Array<ArrayBuffer>; readonly hash: Uint8Array<ArrayBuffer> } | null;
}

export const FIRST_SETTINGS: Settings = {
  language: 'vi',
  wifiOnly: false,
  keepOriginal: false,
  officerPhone: '',
  lock: null,
};

/** The server takes no more in one submission. */
export const MOST_PICTURES = 5;

/** How many finished items stay readable. */
export const KEPT_RECEIPTS = 50;

export function isFinished(item: Item): boolean {
  return item.stage === 'received' || item.stage === 'verified' || item.stage === 'returned';
}
