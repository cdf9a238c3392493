// A small tus 1.0.0 client: one picture in pieces, going on from where the server says after every cut.
// Refuses to start over while the server still has the beginning, and to try for ever without progress.

import { NoAnswer, Problem, problemOf } from '@minhchung/web-shared/api/problem.ts';
import { fetchAsMe } from './server.ts';

/**
 * From a good network to one that breaks all the time. A cut costs about one and a half pieces: Chromium sends a piece
 * again by itself when a kept connection dies. Measured with a cut every 100 KB: 1.7 times the bytes with 64 KiB alone,
 * 1.6 with 32, under 1.4 with 16.
 */
const PIECE_BYTES = [64 * 1024, 32 * 1024, 16 * 1024] as const;
/** Pieces in a row without a cut after which larger ones are tried again. */
const TRUSTED_AFTER = 32;
/** Silences in a row without a byte of progress before the item goes back to waiting. */
const MOST_SILENCES = 3;
/** Uploads that ended at the server before the picture was whole. */
const MOST_BEGINNINGS = 3;

export interface Upload {
  readonly submission: string;
  readonly sha256: string;
  readonly type: string;
  readonly bytes: ArrayBuffer;
  /** Where it was begun earlier. */
  readonly url: string | null;
  /** Kept before the next byte is sent. */
  readonly remember: (url: string | null) => Promise<void>;
  /** Bytes that the server has of this picture. */
  readonly progress: (arrived: number) => void;
}

interface Position {
  readonly url: string;
  readonly offset: number;
}

/** What the network has been like lately, over all pictures. */
const network = { step: 0, cleanPieces: 0 };

function pieceBytes(): number {
  return PIECE_BYTES[network.step] ?? PIECE_BYTES[0];
}

function pieceArrived(): void {
  network.cleanPieces += 1;
  if (network.cleanPieces < TRUSTED_AFTER) return;
  network.cleanPieces = 0;
  network.step = Math.max(0, network.step - 1);
}

function pieceBroke(): void {
  network.cleanPieces = 0;
  network.step = Math.min(PIECE_BYTES.length - 1, network.step + 1);
}

/** Resolves when the server has the whole picture. Rejects with `Problem` or `NoAnswer`. */
export async function upload(picture: Upload): Promise<void> {
  let position: Position | null = null;
  let url = picture.url;
  let silences = 0;
  let beginnings = 0;
  let furthest = 0;
  const total = picture.bytes.byteLength;
  while (position === null || position.offset < total) {
    try {
      if (position === null) {
        if (url === null) beginnings += 1;
        if (beginnings > MOST_BEGINNINGS) throw new NoAnswer('uploads end before they are whole');
        position = url === null ? await begin(picture, pieceBytes()) : await ask(url);
        if (position.url !== url) await picture.remember(position.url);
        url = position.url;
      } else {
        position = await append(
          position,
          picture.bytes.slice(position.offset, position.offset + pieceBytes()),
        );
      }
      if (position.offset > furthest) {
        silences = 0;
        pieceArrived();
      }
      furthest = Math.max(furthest, position.offset);
      picture.progress(position.offset);
    } catch (error) {
      const next = afterFailure(error);
      if (next === 'give-up') throw error;
      pieceBroke();
      position = null;
      if (next === 'begin-again') {
        url = null;
        await picture.remember(null);
        continue;
      }
      silences += 1;
      if (silences > MOST_SILENCES) throw error;
      await breath(silences);
    }
  }
}

/** tus has answers that are no verdict on the picture; api-spec/problems.md lists them. */
function afterFailure(error: unknown): 'ask' | 'begin-again' | 'give-up' {
  if (error instanceof NoAnswer) return error.retryAfterS === null ? 'ask' : 'give-up';
  if (!(error instanceof Problem)) return 'give-up';
  switch (error.code) {
    case 'upload-offset':
    case 'upload-locked':
    case 'checksum-mismatch':
    case 'body-incomplete':
      return 'ask';
    case 'upload-gone':
    case 'not-found':
    case 'hash-mismatch':
      return 'begin-again';
    default:
      return 'give-up';
  }
}

async function begin(picture: Upload, piece: number): Promise<Position> {
  const metadata = { submission: picture.submission, sha256: picture.sha256, filetype: picture.type };
  const response = await call('POST', '/api/v1/uploads', picture.bytes.slice(0, piece), {
    'upload-length': String(picture.bytes.byteLength),
    'upload-metadata': Object.entries(metadata)
      .map(([key, value]) => `${key} ${btoa(value)}`)
      .join(','),
  });
  const url = response.headers.get('location');
  if (url === null) throw new NoAnswer('an upload without a place');
  return { url, offset: offsetOf(response) };
}

async function ask(url: string): Promise<Position> {
  return { url, offset: offsetOf(await call('HEAD', url, null, {})) };
}

async function append({ url, offset }: Position, piece: ArrayBuffer): Promise<Position> {
  return { url, offset: offsetOf(await call('PATCH', url, piece, { 'upload-offset': String(offset) })) };
}

async function call(
  method: string,
  url: string,
  body: ArrayBuffer | null,
  headers: Record<string, string>,
): Promise<Response> {
  const type: Record<string, string> =
    body === null ? {} : { 'content-type': 'application/offset+octet-stream' };
  const init = { method, body, headers: { 'tus-resumable': '1.0.0', ...type, ...headers } };
  const response = await fetchAsMe(new Request(new URL(url, location.origin), init));
  if (response.ok) return response;
  // A HEAD has no body to say more.
  throw method === 'HEAD' ? headProblem(response) : await problemOf(response);
}

function headProblem(response: Response): Problem | NoAnswer {
  const codes: Record<number, string> = {
    404: 'not-found',
    410: 'upload-gone',
    423: 'upload-locked',
    401: 'token-invalid',
  };
  const code = codes[response.status];
  if (code === undefined) return new NoAnswer(`HEAD: ${response.status}`);
  return new Problem(response.status, code, '', '', [], '', null);
}

function offsetOf(response: Response): number {
  const offset = Number(response.headers.get('upload-offset') ?? 'none');
  if (!Number.isSafeInteger(offset)) throw new NoAnswer('an upload without an offset');
  return offset;
}

/** A moment for the network to come back, different on every phone. */
function breath(silences: number): Promise<void> {
  return new Promise((done) => setTimeout(done, 150 * 2 ** silences * (0.5 + Math.random() / 2)));
}
