// The plan: every place as a row that can be changed where it stands, whole tables taken in, proposals answered.
// Refuses to overwrite what somebody else changed: a change names the version it saw.

import { useEffect, useState } from 'preact/hooks';
import { type Assignment, api, ask, download } from '../api/office.ts';
import { hasRole, me } from '../api/session.ts';
import { filters, setFilter } from '../app/route.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import { usePages } from '../ui/pages.ts';
import { CellSelect, CommuneSelect } from '../ui/selects.tsx';
import { DueDialog } from './DueDialog.tsx';
import { ImportDialog } from './ImportDialog.tsx';
import { NewPlaceDialog } from './NewPlaceDialog.tsx';
import { PlanTable } from './PlanTable.tsx';

const STATES = ['open', 'arriving', 'pending', 'returned', 'verified', 'proposed', 'cancelled'] as const;
type Open = 'none' | 'import' | 'due' | 'new';

export function PlanScreen() {
  const isPlanner = hasRole('admin', 'commune_officer');
  const [open, setOpen] = useState<Open>('none');
  const [file, setFile] = useState<File | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = (name: string) => filters.value.get(name) ?? '';
  const own = me.value?.role === 'commune_officer' ? (me.value.commune ?? '') : '';
  const filter = {
    commune: own === '' ? read('commune') : own,
    cell: read('cell'),
    state: read('state'),
    overdue: read('overdue'),
    q: read('q'),
  };
  const pages = usePages<Assignment>(JSON.stringify(filter), (after) => {
    const { overdue, ...rest } = filter;
    const query = {
      limit: 100,
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '')),
      ...(overdue === 'true' ? { overdue: true } : {}),
      ...(after === null ? {} : { after }),
    };
    return ask(api.GET('/api/v1/assignments', { params: { query } }));
  });
  const close = () => {
    setOpen('none');
    setFile(null);
  };
  const takeFile = (dropped: File) => {
    setFile(dropped);
    setOpen('import');
  };
  const isDragged = useDrop(isPlanner, takeFile);

  return (
    <div class={isDragged ? 'plan is-dragged' : 'plan'}>
      <header class="screen-head">
        <h1>{text('nav.plan')}</h1>
        {isPlanner && (
          <div class="actions">
            <button type="button" class="button" onClick={() => setOpen('new')}>
              {text('plan.new')}
            </button>
            <button type="button" class="button" onClick={() => setOpen('import')}>
              {text('plan.import')}
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                download('/api/v1/assignments/template.xlsx', 'nhiem-vu.xlsx').catch(setError);
              }}
            >
              {text('plan.template')}
            </button>
            <button type="button" class="button" onClick={() => setOpen('due')}>
              {text('plan.due')}
            </button>
          </div>
        )}
      </header>
      <div class="toolbar" role="group" aria-label={text('plan.tools')}>
        <input
          type="search"
          aria-label={text('plan.search')}
          placeholder={text('plan.search')}
          value={filter.q}
          onInput={(event) => setFilter('q', event.currentTarget.value)}
        />
        {own === '' && (
          <CommuneSelect value={filter.commune} onChange={(code) => setFilter('commune', code)} />
        )}
        <CellSelect value={filter.cell} onChange={(cell) => setFilter('cell', cell)} />
        <select
          aria-label={text('assignment.state')}
          value={filter.state}
          onChange={(event) => setFilter('state', event.currentTarget.value)}
        >
          <option value="">{text('plan.every_state')}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {text(`state.${state}`)}
            </option>
          ))}
        </select>
        <label class="check-field">
          <input
            type="checkbox"
            checked={filter.overdue === 'true'}
            onChange={(event) => setFilter('overdue', event.currentTarget.checked ? 'true' : '')}
          />
          {text('plan.overdue')}
        </label>
        <button type="button" class="button small" onClick={() => setFilter('state', 'proposed')}>
          {text('plan.proposals')}
        </button>
      </div>
      {error !== null && <Failure error={error} />}
      <PlanTable pages={pages} isPlanner={isPlanner} />
      {isPlanner && <p class="hint">{text('plan.drop')}</p>}
      {open === 'import' && <ImportDialog file={file} onClose={close} onWritten={pages.again} />}
      {open === 'due' && <DueDialog commune={own} onClose={close} onSet={pages.again} />}
      {open === 'new' && <NewPlaceDialog commune={own} onClose={close} onMade={pages.again} />}
    </div>
  );
}

/** A file dropped anywhere on the screen; whether one hangs over it. */
function useDrop(isActive: boolean, take: (file: File) => void): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!isActive) return;
    const over = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      event.preventDefault();
      setOver(true);
    };
    const out = (event: DragEvent) => event.relatedTarget === null && setOver(false);
    const drop = (event: DragEvent) => {
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (file === undefined) return;
      event.preventDefault();
      take(file);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', out);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', out);
      removeEventListener('drop', drop);
    };
  }, [isActive]);
  return isOver;
}
