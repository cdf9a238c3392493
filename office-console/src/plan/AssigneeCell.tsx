// Who answers for a place, chosen among the people of its commune. Refuses names that are no account.

import { useState } from 'preact/hooks';
import { type Assignment, api, ask } from '../api/office.ts';
import { text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';

export function AssigneeCell({
  assignment,
  isEditable,
  onSave,
}: {
  assignment: Assignment;
  isEditable: boolean;
  onSave: (assignee: string | null) => Promise<void>;
}) {
  const [isOpen, setOpen] = useState(false);
  const shown = <bdi>{assignment.assignee_name ?? '–'}</bdi>;
  if (!isEditable) return shown;
  if (!isOpen) {
    const label = `${text('assignment.assignee')}: ${assignment.assignee_name ?? '–'}`;
    return (
      <button type="button" class="editable" aria-label={label} onClick={() => setOpen(true)}>
        {shown}
      </button>
    );
  }
  return (
    <AssigneeSelect
      assignment={assignment}
      onChoose={(assignee) => {
        setOpen(false);
        if (assignee !== undefined) void onSave(assignee);
      }}
    />
  );
}

function AssigneeSelect({
  assignment,
  onChoose,
}: {
  assignment: Assignment;
  /** `undefined`: leave it. */
  onChoose: (assignee: string | null | undefined) => void;
}) {
  const asked = useAsked(`people ${assignment.commune}`, () =>
    ask(api.GET('/api/v1/users', { params: { query: { commune: assignment.commune, limit: 200 } } })),
  );
  const people = (asked.data?.items ?? []).filter((person) => !person.disabled);
  return (
    <select
      class="editable-field"
      aria-label={text('assignment.assignee')}
      autofocus
      value={assignment.assignee ?? ''}
      onBlur={() => onChoose(undefined)}
      onChange={(event) => {
        const { value } = event.currentTarget;
        onChoose(value === '' ? null : value);
      }}
    >
      <option value="">{text('plan.nobody')}</option>
      {people.map((person) => (
        <option key={person.id} value={person.id}>
          {person.name}
        </option>
      ))}
    </select>
  );
}
