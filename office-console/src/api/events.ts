// Changes as they happen: one stream of server-sent events for the whole console, read with `fetch`.
// Refuses `EventSource`, which cannot send the token; and to trust a gap: after one, every screen asks anew.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Figures, fetchRaw, type SubmissionState } from './office.ts';
import { me } from './session.ts';

export type OfficeEvent =
  | {
      readonly kind: 'completion';
      readonly commune: string;
      readonly cell: string;
      readonly figures: Figures | null;
    }
  | {
      readonly kind: 'queue';
      readonly submission: string;
      readonly state: SubmissionState;
      readonly commune: string;
      readonly cell: string;
    }
  | {
      readonly kind: 'claim';
      readonly submission: string;
      readonly name: string | null;
      readonly own: boolean | null;
    }
  /** Something may have been missed. */
  | { readonly kind: 'reload' };

type Hearer = (event: OfficeEvent) => void;
const KINDS: ReadonlySet<string> = new Set(['completion', 'queue', 'claim', 'reload']);
const hearers = new Set<Hearer>();
let running: AbortController | null = null;

/** Whether the stream stands. */
export const isLive = signal(false);

/** Hears every event while the caller's screen is open. */
export function useEvents(hear: Hearer): void {
  useEffect(() => {
    hearers.add(hear);
    return () => hearers.delete(hear);
  }, [hear]);
}

/** Opens the stream for the signed-in person, and again whenever it ends. */
export function openEvents(): () => void {
  running?.abort();
  const own = new AbortController();
  running = own;
  void keepOpen(own.signal);
  return () => own.abort();
}

async function keepOpen(stopped: AbortSignal): Promise<void> {
  for (let failures = 0; !stopped.aborted && me.value !== null; ) {
    try {
      const response = await fetchRaw('/api/v1/events', { signal: stopped });
      if (failures > 0 || isLive.peek()) tell({ kind: 'reload' });
      isLive.value = true;
      failures = 0;
      if (response.body !== null) await read(response.body);
    } catch {
      isLive.value = false;
      failures = Math.min(failures + 1, 6);
    }
    await pause(failures === 0 ? 200 : 1000 * 2 ** (failures - 1), stopped);
  }
}

function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    stopped.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}

async function read(body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += decoder.decode(value, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) hearBlock(block);
  }
}

/** One event of the stream; comments and kinds that are not known are passed over. */
function hearBlock(block: string): void {
  const lines = block.split('\n');
  const kind = lines
    .find((line) => line.startsWith('event:'))
    ?.slice(6)
    .trim();
  const data = lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trim())
    .join('\n');
  if (kind === undefined || !KINDS.has(kind)) return;
  const body = JSON.parse(data) as Record<string, unknown>;
  tell({ ...body, kind } as OfficeEvent);
}

function tell(event: OfficeEvent): void {
  for (const hear of hearers) hear(event);
}
