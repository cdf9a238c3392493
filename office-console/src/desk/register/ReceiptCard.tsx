// The receipt of what was just written down: five by five digits, to be read to the caller or printed and handed over.
// Refuses to come back once it is put away.

import { groupsOf } from '@minhchung/web-shared/tip/receipt.ts';
import { text } from '../text/text.ts';
import { Notice } from '../ui/Notice.tsx';

export function ReceiptCard({ receipt, onDone }: { receipt: string; onDone: () => void }) {
  const groups = groupsOf(receipt);
  return (
    <section class="card narrow-card" aria-labelledby="receipt">
      <div class="paper">
        <h1 id="receipt">{text('receipt.title')}</h1>
        <p>{text('receipt.how', { address: `${location.origin}/to-giac/` })}</p>
        <ol class="receipt-digits">
          {groups.map((group, index) => (
            <li key={index}>{group}</li>
          ))}
        </ol>
        <p>{text('receipt.keep')}</p>
      </div>
      <div class="no-print">
        <Notice tone="warn">{text('receipt.once')}</Notice>
        <div class="actions">
          <button type="button" class="button" onClick={() => window.print()}>
            {text('action.print')}
          </button>
          <button type="button" class="button main" onClick={onDone}>
            {text('receipt.done')}
          </button>
        </div>
      </div>
    </section>
  );
}
