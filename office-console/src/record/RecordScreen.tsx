// Everything about one submission: pictures, facts, checks, its history, its audit entries, its receipt.
// Refuses to decide for those who may not; they see what was decided, and why.

import { bytes, moment, number } from '@minhchung/web-shared/format/format.ts';
import { useCallback, useState } from 'preact/hooks';
import { cellLabel, communeTitle } from '../api/campaign.ts';
import { type OfficeEvent, useEvents } from '../api/events.ts';
import { api, ask, type RejectReason, type Schemas, type Submission } from '../api/office.ts';
import { hasRole } from '../api/session.ts';
import { SmallMap } from '../map/SmallMap.tsx';
import { RejectPanel } from '../queue/RejectPanel.tsx';
import { language, lookup, text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { StateWord } from '../ui/StateWord.tsx';
import { useAssignment } from './assignments.ts';
import { Checks, Twin } from './Checks.tsx';
import { Facts } from './Facts.tsx';
import { PhotoView } from './PhotoView.tsx';
import { ReceiptCheck } from './ReceiptCheck.tsx';
import { Required } from './Required.tsx';
import { Thumb } from './Thumb.tsx';

export function RecordScreen({ id }: { id: string }) {
  const path = { params: { path: { id } } };
  const asked = useAsked(`record ${id}`, () => ask(api.GET('/api/v1/submissions/{id}', path)));
  const { again } = asked;
  useEvents(
    useCallback(
      (event: OfficeEvent) => {
        if (event.kind === 'reload' || (event.kind === 'queue' && event.submission === id)) again();
      },
      [again, id],
    ),
  );
  const submission = asked.data;
  if (submission === null) {
    if (asked.error !== null) return <Failure error={asked.error} retry={again} />;
    return <p class="loading">{text('loading')}</p>;
  }
  return <Record submission={submission} onChange={again} />;
}

function Record({ submission, onChange }: { submission: Submission; onChange: () => void }) {
  const [shown, setShown] = useState(0);
  const assignment = useAssignment(submission.assignment_id);
  const photo = submission.photos[shown];
  return (
    <div class="record">
      <header class="record-head">
        <h1>
          {communeTitle(submission.commune)} · {cellLabel(submission.cell)}
        </h1>
        <StateWord state={submission.state} />
        <code class="record-id">{submission.id}</code>
      </header>
      <div class="record-columns">
        <section class="record-photos" aria-label={text('queue.picture')}>
          {photo?.stored === true ? (
            <div class="desk-photos">
              <PhotoView sha256={photo.sha256} label={assignment?.place ?? text('queue.picture')} />
              <Twin submission={submission} photo={photo.sha256} />
            </div>
          ) : (
            <Notice tone="warn">{text('record.missing', { n: submission.missing.length })}</Notice>
          )}
          <ul class="thumbs">
            {submission.photos.map((each, index) => (
              <li key={each.sha256}>
                <button
                  type="button"
                  class="thumb-button"
                  aria-pressed={index === shown}
                  aria-label={text('photo.of', { number: index + 1, count: submission.photos.length })}
                  onClick={() => setShown(index)}
                >
                  {each.stored ? <Thumb sha256={each.sha256} label="" /> : text('photo.missing')}
                </button>
                <span class="hint">
                  {each.width != null && `${each.width} × ${each.height ?? 0} · `}
                  {bytes(each.bytes, language.value)}
                </span>
              </li>
            ))}
          </ul>
          <History id={submission.id} version={submission.version} />
          {hasRole('admin', 'verifier', 'viewer', 'commune_officer') && (
            <Audit id={submission.id} version={submission.version} />
          )}
        </section>
        <aside class="record-side">
          <Decision submission={submission} onChange={onChange} />
          <Required cell={submission.cell} />
          <Checks submission={submission} />
          <Facts submission={submission} assignment={assignment} />
          <SmallMap
            commune={submission.commune}
            planned={assignment?.location ?? null}
            reported={submission.location ?? null}
          />
          {submission.receipt != null && (
            <ReceiptCheck receipt={submission.receipt} submission={submission} />
          )}
        </aside>
      </div>
    </div>
  );
}

function Decision({ submission, onChange }: { submission: Submission; onChange: () => void }) {
  const [isRejecting, setRejecting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { decision } = submission;
  const send = async (body: Schemas['Review']) => {
    setError(null);
    setRejecting(false);
    try {
      await ask(
        api.POST('/api/v1/submissions/{id}/reviews', { params: { path: { id: submission.id } }, body }),
      );
    } catch (failure) {
      setError(failure);
    }
    onChange();
  };
  const { version } = submission;
  const reject = (reason: RejectReason, comment: string) =>
    void send({ decision: 'reject', reason, version, ...(comment === '' ? {} : { comment }) });
  const isReviewer = hasRole('admin', 'verifier');
  return (
    <section class="decision" aria-label={text('record.decision')}>
      {decision != null && (
        <p>
          <strong>{text(`decision.${decision.decision}`)}</strong> · {moment(Date.parse(decision.at))}
          {decision.reason != null && ` · ${text(`reason.${decision.reason}`)}`}
          {decision.comment != null && (
            <>
              {' · '}
              <bdi>{decision.comment}</bdi>
            </>
          )}
        </p>
      )}
      {error !== null && <Failure error={error} />}
      {isReviewer && submission.state === 'pending' && (
        <div class="decide">
          <button
            type="button"
            class="button verify"
            onClick={() => void send({ decision: 'verify', version })}
          >
            {text('queue.verify')}
          </button>
          <button type="button" class="button reject" onClick={() => setRejecting(true)}>
            {text('queue.reject')}
          </button>
        </div>
      )}
      {isReviewer && (submission.state === 'verified' || submission.state === 'rejected') && (
        <button type="button" class="button" onClick={() => void send({ decision: 'reopen', version })}>
          {text('record.reopen')}
        </button>
      )}
      {isRejecting && (
        <RejectPanel cell={submission.cell} onReject={reject} onClose={() => setRejecting(false)} />
      )}
    </section>
  );
}

function History({ id, version }: { id: string; version: number }) {
  const path = { params: { path: { id } } };
  const asked = useAsked(`history ${id} ${version}`, () =>
    ask(api.GET('/api/v1/submissions/{id}/history', path)),
  );
  if (asked.error !== null) return <Failure error={asked.error} retry={asked.again} />;
  return (
    <section aria-labelledby="history">
      <h2 id="history">{text('record.history')}</h2>
      <ol class="history">
        {(asked.data?.items ?? []).map((event) => (
          <li key={event.at + event.to}>
            <time>{moment(Date.parse(event.at))}</time>
            <strong>{text(`state.${event.to}`)}</strong>
            <bdi>{event.by?.name ?? text('record.server')}</bdi>
            {event.reason != null && <span>{text(`reason.${event.reason}`)}</span>}
            {event.comment != null && (
              <bdi class="note" tabIndex={0} role="group" aria-label={text('fact.note')}>
                {event.comment}
              </bdi>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Audit({ id, version }: { id: string; version: number }) {
  const path = { params: { path: { id } } };
  const asked = useAsked(`audit ${id} ${version}`, () =>
    ask(api.GET('/api/v1/submissions/{id}/audit', path)),
  );
  if (asked.error !== null) return <Failure error={asked.error} retry={asked.again} />;
  return (
    <section aria-labelledby="audit">
      <h2 id="audit">{text('record.audit')}</h2>
      <div class="table-box" tabIndex={0} role="group" aria-labelledby="audit">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{text('audit.number')}</th>
              <th scope="col">{text('audit.at')}</th>
              <th scope="col">{text('audit.by')}</th>
              <th scope="col">{text('audit.action')}</th>
              <th scope="col">{text('audit.hash')}</th>
            </tr>
          </thead>
          <tbody>
            {(asked.data?.items ?? []).map((entry) => (
              <tr key={entry.number}>
                <td class="figure">{number(entry.number, language.value)}</td>
                <td>{moment(Date.parse(entry.at))}</td>
                <td>
                  <bdi>{entry.by?.name ?? text('record.server')}</bdi>
                </td>
                <td>{lookup(`audit.${entry.action}`) ?? entry.action}</td>
                <td>
                  <code title={entry.hash}>{entry.hash.slice(0, 12)}…</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
