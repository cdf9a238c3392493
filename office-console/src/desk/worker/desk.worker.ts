// The worker in which keys and sealed boxes meet. It is ended when the desk is locked, and its memory with it.
// Refuses to write anywhere or to ask the server: it has neither address nor token.

import { assertNever } from '@minhchung/web-shared/assert-never.ts';
import { fromBase64 } from '@minhchung/web-shared/tip/bytes.ts';
import { fingerprint } from '@minhchung/web-shared/tip/desk-key.ts';
import { MessageTooLarge } from '@minhchung/web-shared/tip/message.ts';
import { Keyring } from './keyring.ts';
import type { Question, Reply, Work, WorkFailure } from './messages.ts';
import { answer, note, open, told, WorkFailed } from './sealing.ts';

const ring = new Keyring();

addEventListener('message', (event: MessageEvent<Question>) => {
  const asked = event.data;
  work(asked).then(
    (found) => postMessage({ number: asked.number, answer: found } satisfies Reply),
    (error: unknown) => postMessage({ number: asked.number, failure: failureOf(error) } satisfies Reply),
  );
});

function work(asked: Question): Promise<Work[Question['kind']]['answer']> {
  switch (asked.kind) {
    case 'make':
      return ring.make(asked.question.passphrase);
    case 'name':
      return Promise.resolve(ring.name(asked.question.sealKey, asked.question.id));
    case 'unlock':
      return ring.unlock(asked.question.passphrase, asked.question.keys);
    case 'fingerprints':
      return Promise.resolve(asked.question.map(fingerprintOf));
    case 'recover':
      return ring.recover(asked.question.seed, asked.question.sealKey);
    case 'open':
      return open(ring, asked.question);
    case 'answer':
      return answer(ring, asked.question);
    case 'note':
      return note(ring, asked.question);
    case 'told':
      return told(asked.question);
    default:
      return assertNever(asked);
  }
}

function fingerprintOf(key: Work['fingerprints']['question'][number]): string {
  return fingerprint(fromBase64(key.seal_key), key.verify_key === null ? null : fromBase64(key.verify_key));
}

function failureOf(error: unknown): WorkFailure {
  if (error instanceof WorkFailed) return error.failure;
  if (error instanceof MessageTooLarge) return 'too_long';
  // WebAssembly says so when 64 MiB are not to be had.
  if (error instanceof RangeError) return 'no_memory';
  return 'broken';
}
