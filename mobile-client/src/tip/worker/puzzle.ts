// Solves the puzzle beside the page while the person writes; it is stopped by being ended.
// Refuses to know anything but the challenge.

import type { Bytes } from '@minhchung/web-shared/tip/bytes.ts';
import { solvePuzzle } from '@minhchung/web-shared/tip/puzzle.ts';
import type { PuzzleReply } from '../worker-messages.ts';

declare const self: DedicatedWorkerGlobalScope;

const say = (reply: PuzzleReply) => self.postMessage(reply);

self.onmessage = (event: MessageEvent<Bytes>) => {
  solvePuzzle(event.data, { onProgress: (done) => say({ is: 'progress', done }) }).then(
    (solution) => say({ is: 'solved', solution }),
    () => say({ is: 'failed' }),
  );
};
