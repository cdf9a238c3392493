// The plan's rows, changed where they stand: a click or Enter on a value opens its field.
// Refuses to keep a refused value: the row says why and shows what the server has.

import { day } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { cellLabel, communeName } from '../api/campaign.ts';
import type { Assignment } from '../api/office.ts';
import { address } from '../app/route.ts';
import { text } from '../text/text.ts';
import { Failure, sentenceOf } from '../ui/Notice.tsx';
import type { Pages } from '../ui/pages.ts';
import { StateWord } from '../ui/StateWord.tsx';
import { useRowWindow } from '../ui/virtual.ts';
import { AssigneeCell } from './AssigneeCell.tsx';
import { type Changes, cancelPlace, changePlace, freshPlace } from './changes.ts';
import { EditableCell } from './EditableCell.tsx';

const ROW_HEIGHT = 46;

export function PlanTable({ pages, isPlanner }: { pages: Pages<Assignment>; isPlanner: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const { items } = pages;
  const seen = useRowWindow(box, items.length, ROW_HEIGHT);
  useEffect(() => {
    if (seen.to >= items.length) pages.more();
  }, [seen.to, items.length, pages.more]);
  const replace = (next: Assignment) =>
    pages.change((before) => before.map((each) => (each.id === next.id ? next : each)));
  return (
    <div class="table-box tall" ref={box} tabIndex={0} role="group" aria-label={text('nav.plan')}>
      <table class="table fixed-rows plan-table">
        <thead>
          <tr>
            <th scope="col">{text('assignment.place')}</th>
            <th scope="col">{text('assignment.village')}</th>
            <th scope="col">{text('assignment.commune')}</th>
            <th scope="col">{text('assignment.cell')}</th>
            <th scope="col">{text('assignment.due')}</th>
            <th scope="col">{text('assignment.assignee')}</th>
            <th scope="col">{text('assignment.state')}</th>
            {isPlanner && <th scope="col">{text('plan.actions')}</th>}
          </tr>
        </thead>
        <tbody>
          {seen.above > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${seen.above}px` }}>
              <td colSpan={8} />
            </tr>
          )}
          {items.slice(seen.from, seen.to).map((each) => (
            <PlanRow key={each.id} assignment={each} isPlanner={isPlanner} onChange={replace} />
          ))}
          {seen.below > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${seen.below}px` }}>
              <td colSpan={8} />
            </tr>
          )}
        </tbody>
      </table>
      {pages.isLoading && <p class="loading">{text('loading')}</p>}
      {pages.error !== null && <Failure error={pages.error} retry={pages.again} />}
      {!pages.isLoading && pages.error === null && items.length === 0 && (
        <p class="empty">{text('plan.nothing')}</p>
      )}
    </div>
  );
}

function PlanRow({
  assignment,
  isPlanner,
  onChange,
}: {
  assignment: Assignment;
  isPlanner: boolean;
  onChange: (next: Assignment) => void;
}) {
  const [wrong, setWrong] = useState<string | null>(null);
  const attempt = async (work: () => Promise<Assignment>) => {
    setWrong(null);
    try {
      onChange(await work());
    } catch (error) {
      setWrong(sentenceOf(error));
      onChange(await freshPlace(assignment.id).catch(() => assignment));
    }
  };
  const save = (changes: Changes) => attempt(() => changePlace(assignment, changes));
  const field = (name: 'place' | 'village', label: string) => (
    <EditableCell
      label={`${label}: ${assignment[name]}`}
      value={assignment[name]}
      shown={<bdi>{assignment[name]}</bdi>}
      isEditable={isPlanner}
      onSave={(value) => save({ [name]: value })}
    />
  );
  return (
    <tr class={wrong === null ? '' : 'row-wrong'}>
      <th scope="row">
        {field('place', text('assignment.place'))}
        {wrong !== null && (
          <p class="wrong" role="alert">
            {wrong}
          </p>
        )}
      </th>
      <td>{field('village', text('assignment.village'))}</td>
      <td>{communeName(assignment.commune)}</td>
      <td>{cellLabel(assignment.cell)}</td>
      <td class={assignment.overdue ? 'late-word' : ''}>
        <EditableCell
          label={`${text('assignment.due')}: ${day(assignment.due)}`}
          type="date"
          value={assignment.due}
          shown={day(assignment.due)}
          isEditable={isPlanner}
          onSave={(due) => save({ due })}
        />
      </td>
      <td>
        <AssigneeCell
          assignment={assignment}
          isEditable={isPlanner}
          onSave={(assignee) => save({ assignee })}
        />
      </td>
      <td>
        <a href={address(`nhiem-vu/${assignment.id}`)} class="state-link">
          <StateWord state={assignment.state} />
        </a>
      </td>
      {isPlanner && (
        <td class="row-actions">
          {assignment.state === 'proposed' && (
            <button type="button" class="button small verify" onClick={() => void save({ state: 'open' })}>
              {text('plan.accept')}
            </button>
          )}
          {assignment.state === 'cancelled' ? (
            <button type="button" class="button small" onClick={() => void save({ state: 'open' })}>
              {text('plan.reinstate')}
            </button>
          ) : (
            <button
              type="button"
              class="button small"
              onClick={() => void attempt(() => cancelPlace(assignment))}
            >
              {text(assignment.state === 'proposed' ? 'plan.refuse' : 'plan.cancel')}
            </button>
          )}
        </td>
      )}
    </tr>
  );
}
