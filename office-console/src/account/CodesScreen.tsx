// One's own account: one-time codes from an authenticator app, which some roles must have before anything else.
// Refuses to show a secret again: it is asked for anew until a code proves that the app has it.

import { useState } from 'preact/hooks';
import { api, ask, done, logOut, type Schemas } from '../api/office.ts';
import { forget, me } from '../api/session.ts';
import { text } from '../text/text.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { QrCode } from '../ui/QrCode.tsx';

export function CodesScreen({ isRequired = false }: { isRequired?: boolean }) {
  const [offer, setOffer] = useState<Schemas['TotpOfferAnswer'] | null>(null);
  const [code, setCode] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [isDone, setDone] = useState(false);

  async function attempt(work: () => Promise<void>): Promise<void> {
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    }
  }
  const begin = () => attempt(async () => setOffer(await ask(api.POST('/api/v1/auth/totp'))));
  const confirm = (event: Event) => {
    event.preventDefault();
    void attempt(async () => {
      await done(api.POST('/api/v1/auth/totp/confirm', { body: { code: code.trim() } }));
      setDone(true);
      setOffer(null);
    });
  };
  const card = (
    <section class="card codes-card" aria-labelledby="codes">
      <h1 id="codes">{text('codes.title')}</h1>
      <p>
        <strong>{me.value?.name}</strong>
      </p>
      <p>{text(isRequired ? 'codes.required' : 'codes.why')}</p>
      {isDone && (
        <>
          <Notice tone="good">{text('codes.done')}</Notice>
          <button type="button" class="button main" onClick={() => forget()}>
            {text('codes.again')}
          </button>
        </>
      )}
      {!isDone && offer === null && (
        <button type="button" class="button main" onClick={() => void begin()}>
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
              inputMode="numeric"
              autocomplete="one-time-code"
              required
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="button main">
            {text('codes.confirm')}
          </button>
        </form>
      )}
      {error !== null && <Failure error={error} />}
      {isRequired && (
        <button type="button" class="button quiet" onClick={() => void logOut()}>
          {text('app.log_out')}
        </button>
      )}
    </section>
  );
  return isRequired ? <main class="door">{card}</main> : card;
}
