// What the automatic checks found: warnings as sentences with their figures, what could not be checked, and the twin.
// Refuses to call anything clean that nobody looked at.

import { moment } from '@minhchung/web-shared/format/format.ts';
import { communeTitle } from '../api/campaign.ts';
import type { Schemas, Submission } from '../api/office.ts';
import { api, ask } from '../api/office.ts';
import { usePhoto } from '../api/photos.ts';
import { address } from '../app/route.ts';
import { lookup, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure } from '../ui/Notice.tsx';
import { riskOf, type Twin as TwinName, twinOf } from './twin.ts';

type Check = Schemas['Check'];

export function checkName(code: string): string {
  return lookup(`check.${code}`) ?? code;
}

/** What is wrong where a check warns, for lists of warnings. */
export function troubleName(code: string): string {
  return lookup(`trouble.${code}`) ?? checkName(code);
}

export function Checks({ submission }: { submission: Submission }) {
  const { checks, marks } = submission;
  const warned = checks.filter((check) => check.outcome === 'warn');
  const skipped = checks.filter((check) => check.outcome === 'not_checked');
  const good = checks.filter((check) => check.outcome === 'ok');
  const risk = riskOf(submission);
  return (
    <section class="checks" aria-label={text('checks.title')}>
      {risk !== null && risk > 0 && <p class="risk">{text('checks.risk', { score: risk })}</p>}
      {marks.map((mark) => (
        <p key={mark} class="check check-warn">
          <span class="check-sign" aria-hidden="true">
            !
          </span>
          {text(`mark.${mark}`)}
        </p>
      ))}
      {warned.map((check) => (
        <Warning key={check.code} check={check} />
      ))}
      {checks.length === 0 && <p class="check check-skipped">{text('checks.none')}</p>}
      {good.length > 0 && (
        <details class="check check-ok">
          <summary>{text('checks.good', { n: good.length })}</summary>
          <ul>
            {good.map((check) => (
              <li key={check.code}>
                <strong>{checkName(check.code)}:</strong> {check.detail}
              </li>
            ))}
          </ul>
        </details>
      )}
      {skipped.length > 0 && (
        <details class="check check-skipped">
          <summary>{text('checks.skipped', { n: skipped.length })}</summary>
          <ul>
            {skipped.map((check) => (
              <li key={check.code}>
                <strong>{checkName(check.code)}:</strong> {check.detail}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Warning({ check }: { check: Check }) {
  const figures = Object.entries(check.data as Readonly<Record<string, unknown>>).filter(
    ([, value]) => typeof value === 'number',
  );
  return (
    <div class="check check-warn">
      <p>
        <span class="check-sign" aria-hidden="true">
          !
        </span>
        <strong>{checkName(check.code)}:</strong> {check.detail}
      </p>
      {figures.length > 0 && (
        <p class="check-figures">
          {figures
            .map(([name, value]) => `${lookup(`figure.${name}`) ?? name}: ${String(value)}`)
            .join(' · ')}
        </p>
      )}
    </div>
  );
}

/** The picture that looks like the one on the screen, side by side with it. */
export function Twin({ submission, photo }: { submission: Submission; photo: string }) {
  const twin = twinOf(submission, photo);
  if (twin === null) return null;
  const { there, likeness_percent } = twin;
  if (there === null) {
    return <p class="twin-untold hint">{text('twin.elsewhere', { percent: likeness_percent })}</p>;
  }
  return <TwinSide key={there.submission + there.photo} there={there} percent={likeness_percent} />;
}

function TwinSide({ there, percent }: { there: NonNullable<TwinName['there']>; percent: number }) {
  const id = there.submission;
  const asked = useAsked(id, () => ask(api.GET('/api/v1/submissions/{id}', { params: { path: { id } } })));
  const other = asked.data;
  const photo = usePhoto(there.photo, 'screen');
  return (
    <figure class="twin">
      <figcaption>
        <strong>{text('twin.title')}</strong> {text('twin.likeness', { percent })}{' '}
        {other !== null && (
          <a href={address(`minh-chung/${id}`)}>
            {communeTitle(other.commune)} · {moment(Date.parse(other.captured_at))} ·{' '}
            {text(`state.${other.state}`)}
          </a>
        )}
      </figcaption>
      {asked.error !== null && <Failure error={asked.error} />}
      {typeof photo === 'object' && <img src={photo.address} alt={text('twin.photo')} />}
    </figure>
  );
}
