// One due day for all places of a cell. Refuses to guess the day: the campaign's own is offered, and shown.

import { useState } from 'preact/hooks';
import { campaign, cellLabel, dueOf } from '../api/campaign.ts';
import { api, ask, type Schemas } from '../api/office.ts';
import { text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Failure, Notice } from '../ui/Notice.tsx';
import { CellSelect, CommuneSelect } from '../ui/selects.tsx';

export function DueDialog({
  commune: own,
  onClose,
  onSet,
}: {
  commune: string;
  onClose: () => void;
  onSet: () => void;
}) {
  const [cell, setCell] = useState(campaign.value?.cells[0] ?? '');
  const [commune, setCommune] = useState(own);
  const [due, setDue] = useState(dueOf(cell));
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState<Schemas['DueSet'] | null>(null);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setError(null);
    setDone(null);
    const body = { cell: cell as Schemas['Cell'], due, ...(commune === '' ? {} : { commune }) };
    try {
      setDone(await ask(api.POST('/api/v1/assignments/due', { body })));
      onSet();
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <Dialog title={text('due.title')} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{text('assignment.cell')}</span>
          <CellSelect
            value={cell}
            onChange={(next) => {
              setCell(next);
              setDue(dueOf(next));
            }}
          />
        </label>
        {own === '' && (
          <label class="field">
            <span>{text('assignment.commune')}</span>
            <CommuneSelect value={commune} onChange={setCommune} />
          </label>
        )}
        <label class="field">
          <span>{text('assignment.due')}</span>
          <input type="date" required value={due} onInput={(event) => setDue(event.currentTarget.value)} />
        </label>
        <p class="hint">{text('due.hint', { cell: cellLabel(cell) })}</p>
        {error !== null && <Failure error={error} />}
        {done !== null && (
          <Notice tone="good">
            {text('due.done', { changed: done.changed, unchanged: done.unchanged })}
          </Notice>
        )}
        <button type="submit" class="button main" disabled={cell === ''}>
          {text('due.set')}
        </button>
      </form>
    </Dialog>
  );
}
