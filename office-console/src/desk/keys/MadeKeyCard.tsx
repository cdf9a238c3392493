// The new key's fingerprint, to be printed, signed and kept apart from the machine; then the work begins.
// Refuses to print anything secret: a fingerprint is public.

import { justMade, type ListedKey } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { FingerprintPaper } from './FingerprintPaper.tsx';

export function MadeKeyCard({ made }: { made: ListedKey }) {
  return (
    <section class="card narrow-card" aria-labelledby="made-key">
      <h1 id="made-key">{text('made.title')}</h1>
      <p>{text('made.what')}</p>
      <FingerprintPaper keys={[made]} />
      <p class="no-print">{text('made.compare')}</p>
      <div class="actions no-print">
        <button type="button" class="button" onClick={() => window.print()}>
          {text('action.print')}
        </button>
        <button
          type="button"
          class="button main"
          onClick={() => {
            justMade.value = null;
          }}
        >
          {text('made.go_on')}
        </button>
      </div>
    </section>
  );
}
