// The receipt and the button that checks it. Refuses to say "good" before it was checked.

import { useState } from 'preact/hooks';
import type { Submission } from '../api/office.ts';
import { text } from '../text/text.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { checkReceipt, type ReceiptVerdict } from './receipt.ts';

export function ReceiptCheck({ receipt, submission }: { receipt: string; submission: Submission }) {
  const [verdict, setVerdict] = useState<ReceiptVerdict | null>(null);
  const [error, setError] = useState<unknown>(null);
  const check = () => {
    setError(null);
    checkReceipt(receipt, submission).then(setVerdict, setError);
  };
  return (
    <section class="receipt" aria-labelledby="receipt">
      <h2 id="receipt">{text('receipt.title')}</h2>
      <details>
        <summary>{text('receipt.text')}</summary>
        <code class="receipt-text">{receipt}</code>
      </details>
      <button type="button" class="button small" onClick={check}>
        {text('receipt.check')}
      </button>
      {verdict !== null && (
        <Notice tone={verdict === 'good' ? 'good' : verdict === 'not_checkable' ? 'warn' : 'bad'}>
          {text(`receipt.${verdict}`)}
        </Notice>
      )}
      {error !== null && <Failure error={error} />}
    </section>
  );
}
