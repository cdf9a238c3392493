// A new place in the plan. Refuses to make it twice: the request carries the id.

import { useState } from 'preact/hooks';
import { campaign, dueOf } from '../api/campaign.ts';
import { api, ask, type Schemas } from '../api/office.ts';
import { text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Failure } from '../ui/Notice.tsx';
import { CellSelect, CommuneSelect } from '../ui/selects.tsx';

export function NewPlaceDialog({
  commune: own,
  onClose,
  onMade,
}: {
  commune: string;
  onClose: () => void;
  onMade: () => void;
}) {
  const [id] = useState(() => crypto.randomUUID());
  const [commune, setCommune] = useState(own);
  const [cell, setCell] = useState(campaign.value?.cells[0] ?? '');
  const [village, setVillage] = useState('');
  const [place, setPlace] = useState('');
  const [due, setDue] = useState(dueOf(cell));
  const [signers, setSigners] = useState('');
  const isCommitment = cell.startsWith('commitment.');
  const [note, setNote] = useState('');
  const [error, setError] = useState<unknown>(null);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setError(null);
    const body = {
      id,
      commune,
      village,
      place,
      cell: cell as Schemas['Cell'],
      due,
      ...(note === '' ? {} : { note }),
      ...(isCommitment && signers !== '' ? { expected_signers: Number(signers) } : {}),
    };
    try {
      await ask(api.POST('/api/v1/assignments', { body }));
      onMade();
      onClose();
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <Dialog title={text('plan.new')} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        {own === '' && (
          <label class="field">
            <span>{text('assignment.commune')}</span>
            <CommuneSelect value={commune} onChange={setCommune} />
          </label>
        )}
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
        <label class="field">
          <span>{text('assignment.village')}</span>
          <input
            required
            maxLength={200}
            value={village}
            onInput={(event) => setVillage(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{text('assignment.place')}</span>
          <input
            required
            maxLength={200}
            value={place}
            onInput={(event) => setPlace(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{text('assignment.due')}</span>
          <input type="date" required value={due} onInput={(event) => setDue(event.currentTarget.value)} />
        </label>
        {isCommitment && (
          <label class="field">
            <span>{text('plan.signers')}</span>
            <input
              type="number"
              min={0}
              max={100_000}
              value={signers}
              onInput={(event) => setSigners(event.currentTarget.value)}
            />
          </label>
        )}
        <label class="field">
          <span>{text('fact.note')}</span>
          <textarea
            rows={2}
            maxLength={2000}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </label>
        {error !== null && <Failure error={error} />}
        <button type="submit" class="button main">
          {text('plan.make')}
        </button>
      </form>
    </Dialog>
  );
}
