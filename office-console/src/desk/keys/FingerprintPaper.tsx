// Fingerprints as they go on paper: whose, since when, eight groups of four.
// Refuses the server's word for it: the fingerprint is worked out in the worker from the keys themselves.

import { day } from '@minhchung/web-shared/format/format.ts';
import type { DeskKey } from '../api/wire.ts';
import type { ListedKey } from '../app/desk.ts';
import { text } from '../text/text.ts';

export function ownerOf(key: DeskKey): string {
  return key.officer?.name ?? text(key.kind === 'recovery' ? 'keys.recovery' : 'keys.nobody');
}

export function FingerprintPaper({ keys }: { keys: readonly ListedKey[] }) {
  return (
    <div class="paper">
      <h2 class="paper-title">{text('paper.title')}</h2>
      <ul class="plain-list">
        {keys.map((key) => (
          <li key={key.id} class="paper-key">
            <strong>
              <bdi>{ownerOf(key)}</bdi>
            </strong>{' '}
            <span>{text('paper.since', { day: day(key.made_on) })}</span>
            <code class="fingerprint">{key.own_fingerprint}</code>
          </li>
        ))}
      </ul>
      <p class="only-print">{text('paper.sign')}</p>
    </div>
  );
}
