// Who, when, where: the facts of a submission beside those of the plan.
// Refuses to weigh them; that is what the checks and people do.

import { civilDay, day, metres, moment, number } from '@minhchung/web-shared/format/format.ts';
import type { ComponentChildren } from 'preact';
import { cellLabel, communeTitle } from '../api/campaign.ts';
import type { Assignment, Submission } from '../api/office.ts';
import { address } from '../app/route.ts';
import { distanceM } from '../map/distance.ts';
import { language, text } from '../text/text.ts';

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Facts({ submission, assignment }: { submission: Submission; assignment: Assignment | null }) {
  const { location } = submission;
  const planned = assignment?.location ?? null;
  const apart = location != null && planned !== null ? distanceM(location, planned) : null;
  const isLate = assignment !== null && civilDay(Date.parse(submission.captured_at)) > assignment.due;
  return (
    <dl class="facts">
      <Fact name={text('fact.place')}>
        {assignment === null ? (
          '…'
        ) : (
          <a href={address(`nhiem-vu/${assignment.id}`)}>
            <bdi>{assignment.place}</bdi>
          </a>
        )}
        {assignment !== null && (
          <span class="fact-more">
            <bdi>{assignment.village}</bdi>
          </span>
        )}
      </Fact>
      <Fact name={text('fact.commune')}>
        {communeTitle(submission.commune)} · {cellLabel(submission.cell)}
      </Fact>
      <Fact name={text('fact.sender')}>
        <bdi>{submission.submitter.name}</bdi>
      </Fact>
      <Fact name={text('fact.captured')}>{moment(Date.parse(submission.captured_at))}</Fact>
      <Fact name={text('fact.received')}>{moment(Date.parse(submission.received_at))}</Fact>
      {assignment !== null && (
        <Fact name={text('fact.due')}>
          {day(assignment.due)}
          {isLate && <strong class="late-word"> {text('fact.late')}</strong>}
        </Fact>
      )}
      <Fact name={text('fact.location')}>
        {location == null ? (
          text('fact.no_location')
        ) : (
          <>
            {location.lat.toFixed(5)}, {location.lon.toFixed(5)}{' '}
            <span class="fact-more">± {metres(location.accuracy_m, language.value)}</span>
          </>
        )}
      </Fact>
      {apart !== null && <Fact name={text('fact.distance')}>{metres(apart, language.value)}</Fact>}
      {submission.signed_count != null && (
        <Fact name={text('fact.signed')}>
          {number(submission.signed_count, language.value)}
          {assignment?.expected_signers != null &&
            ` / ${number(assignment.expected_signers, language.value)}`}
        </Fact>
      )}
      {submission.note != null && submission.note !== '' && (
        <Fact name={text('fact.note')}>
          <bdi class="note" tabIndex={0} role="group" aria-label={text('fact.note')}>
            {submission.note}
          </bdi>
        </Fact>
      )}
    </dl>
  );
}
