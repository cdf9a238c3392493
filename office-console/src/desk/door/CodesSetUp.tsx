// One-time codes, which a tip officer has to set up before anything else.
// Refuses to go on without: the server gives such a session nothing but this.

import { expectData, type Schemas } from '@minhchung/web-shared/api/client.ts';
import { useState } from 'preact/hooks';
import { QrCode } from '../../ui/QrCode.tsx';
import { confirmCodes } from '../api/codes.ts';
import { api, forget } from '../api/session.ts';
import { leave } from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';

export function CodesSetUp() {
  const [offer, setOffer] = useState<Schemas['TotpOfferAnswer'] | null>(null);
  const [code, setCode] = useState('');
  const [isDone, setDone] = useState(false);
  const attempt = useAttempt();
  const begin = () => void attempt.run(async () => setOffer(await expectData(api.POST('/api/v1/auth/totp'))));
  const confirm = (event: Event) => {
    event.preventDefault();
    void attempt.run(async () => {
      await confirmCodes(code.trim());
      setOffer(null);
      setDone(true);
    });
  };
  return (
    <main class="door">
      <section class="card codes-card" aria-labelledby="codes">
        <h1 id="codes">{text('codes.title')}</h1>
        <p>{text('codes.required')}</p>
        {isDone && (
          <>
            <Notice tone="good">{text('codes.done')}</Notice>
            <button type="button" class="button main" onClick={() => forget()}>
              {text('codes.again')}
            </button>
          </>
        )}
        {!isDone && offer === null && (
          <button type="button" class="button main" disabled={attempt.isBusy} onClick={begin}>
            {text('codes.begin')}
          </button>
        )}
        {offer !== null && (
          <form onSubmit={confirm}>
            <p>{text('codes.scan')}</p>
            <QrCode content={offer.otpauth_url} label={text('codes.qr')} />
            <p class="hint">
              {text('codes.type')} <code class="secret">{offer.secret}</code>
            </p>
            <label class="field">
              <span>{text('codes.code')}</span>
              <input
                name="totp"
                inputMode="numeric"
                autocomplete="one-time-code"
                required
                value={code}
                onInput={(event) => setCode(event.currentTarget.value)}
              />
            </label>
            <button type="submit" class="button main" disabled={attempt.isBusy}>
              {text('codes.confirm')}
            </button>
          </form>
        )}
        {attempt.error !== null && <Failure error={attempt.error} />}
        <button type="button" class="button quiet" onClick={() => void leave()}>
          {text('app.log_out')}
        </button>
      </section>
    </main>
  );
}
