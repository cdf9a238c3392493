// One place of the plan and every picture that was sent for it.
// Refuses to change the plan; that is done where the plan is.

import { day, moment } from '@minhchung/web-shared/format/format.ts';
import { useCallback } from 'preact/hooks';
import { cellLabel, communeTitle } from '../api/campaign.ts';
import { type OfficeEvent, useEvents } from '../api/events.ts';
import { api, ask } from '../api/office.ts';
import { address } from '../app/route.ts';
import { Required } from '../record/Required.tsx';
import { Thumb } from '../record/Thumb.tsx';
import { text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Failure } from '../ui/Notice.tsx';
import { StateWord } from '../ui/StateWord.tsx';

export function AssignmentScreen({ id }: { id: string }) {
  const path = { params: { path: { id } } };
  const asked = useAsked(`assignment ${id}`, () =>
    Promise.all([
      ask(api.GET('/api/v1/assignments/{id}', path)),
      ask(api.GET('/api/v1/assignments/{id}/submissions', path)),
    ]),
  );
  const { again } = asked;
  const place = asked.data?.[0];
  useEvents(
    useCallback(
      (event: OfficeEvent) => {
        const isOurs =
          event.kind === 'queue' && event.commune === place?.commune && event.cell === place.cell;
        if (event.kind === 'reload' || isOurs) again();
      },
      [again, place?.commune, place?.cell],
    ),
  );
  if (asked.data === null) {
    if (asked.error !== null) return <Failure error={asked.error} retry={asked.again} />;
    return <p class="loading">{text('loading')}</p>;
  }
  const [assignment, { items }] = asked.data;
  return (
    <div class="assignment">
      <nav class="crumbs" aria-label={text('app.crumbs')}>
        <a href={address('bang')}>{text('nav.board')}</a>
        <span aria-hidden="true">›</span>
        <a href={address(`o/${assignment.commune}`)}>{communeTitle(assignment.commune)}</a>
        <span aria-hidden="true">›</span>
        <a href={address(`o/${assignment.commune}/${assignment.cell}`)}>{cellLabel(assignment.cell)}</a>
      </nav>
      <header class="record-head">
        <h1>
          <bdi>{assignment.place}</bdi>
        </h1>
        <StateWord state={assignment.state} />
      </header>
      <dl class="facts facts-wide">
        <div class="fact">
          <dt>{text('assignment.village')}</dt>
          <dd>
            <bdi>{assignment.village}</bdi>
          </dd>
        </div>
        <div class="fact">
          <dt>{text('assignment.due')}</dt>
          <dd class={assignment.overdue ? 'late-word' : ''}>
            {day(assignment.due)}
            {assignment.overdue && ` · ${text('assignment.overdue')}`}
          </dd>
        </div>
        <div class="fact">
          <dt>{text('assignment.assignee')}</dt>
          <dd>
            <bdi>{assignment.assignee_name ?? '–'}</bdi>
          </dd>
        </div>
        {assignment.note != null && (
          <div class="fact">
            <dt>{text('fact.note')}</dt>
            <dd>
              <bdi class="note">{assignment.note}</bdi>
            </dd>
          </div>
        )}
      </dl>
      <Required cell={assignment.cell} />
      <h2>{text('assignment.sent', { n: items.length })}</h2>
      {items.length === 0 && <p class="empty">{text('assignment.nothing')}</p>}
      <ul class="cards">
        {items.map((each) => (
          <li key={each.id}>
            <a class="card photo-card" href={address(`minh-chung/${each.id}`)}>
              <span class="photo-card-thumbs">
                {each.photos
                  .filter((photo) => photo.stored)
                  .map((photo) => (
                    <Thumb key={photo.sha256} sha256={photo.sha256} label="" />
                  ))}
              </span>
              <StateWord state={each.state} />
              <span>{moment(Date.parse(each.captured_at))}</span>
              <bdi class="hint">{each.submitter.name}</bdi>
              {each.missing.length > 0 && (
                <span class="late-word">
                  {text('photo.here', {
                    here: each.photos.length - each.missing.length,
                    count: each.photos.length,
                  })}
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
