// Accounts: who has one, for which commune, with which phones; codes for phones as cards to print.
// Refuses to show a code twice: a code is seen when it is made, and a new one makes the old one void.

import { useEffect, useRef, useState } from 'preact/hooks';
import { communeName } from '../api/campaign.ts';
import { api, ask, type Person } from '../api/office.ts';
import { hasRole, me } from '../api/session.ts';
import { filters, setFilter } from '../app/route.ts';
import { text } from '../text/text.ts';
import { Failure } from '../ui/Notice.tsx';
import { usePages } from '../ui/pages.ts';
import { CommuneSelect } from '../ui/selects.tsx';
import { useRowWindow } from '../ui/virtual.ts';
import { Cards } from './Cards.tsx';
import { NewPersonDialog } from './NewPersonDialog.tsx';
import { PersonDialog } from './PersonDialog.tsx';
import { ROLES } from './roles.ts';

const ROW_HEIGHT = 46;

export function PeopleScreen() {
  const read = (name: string) => filters.value.get(name) ?? '';
  const own = me.value?.role === 'commune_officer' ? (me.value.commune ?? '') : '';
  const filter = { role: read('role'), commune: own === '' ? read('commune') : own, q: read('q') };
  const [open, setOpen] = useState<string | null>(null);
  const [isNew, setNew] = useState(false);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Person>>(new Map());
  const [isPrinting, setPrinting] = useState(false);
  const pages = usePages<Person>(JSON.stringify(filter), (after) => {
    const query = {
      limit: 100,
      ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== '')),
      ...(after === null ? {} : { after }),
    };
    return ask(api.GET('/api/v1/users', { params: { query } }));
  });
  const toggle = (person: Person) =>
    setChosen((before) => {
      const next = new Map(before);
      if (!next.delete(person.id)) next.set(person.id, person);
      return next;
    });
  const heads = pages.items.filter(isHead);
  if (isPrinting) return <Cards people={[...chosen.values()]} onClose={() => setPrinting(false)} />;
  return (
    <div class="people">
      <header class="screen-head">
        <h1>{text('nav.people')}</h1>
        <div class="actions">
          <button type="button" class="button" onClick={() => setNew(true)}>
            {text('people.new')}
          </button>
          <button type="button" class="button" disabled={chosen.size === 0} onClick={() => setPrinting(true)}>
            {text('people.cards', { n: chosen.size })}
          </button>
        </div>
      </header>
      <div class="toolbar" role="group" aria-label={text('people.tools')}>
        <input
          type="search"
          aria-label={text('people.search')}
          placeholder={text('people.search')}
          value={filter.q}
          onInput={(event) => setFilter('q', event.currentTarget.value)}
        />
        <select
          aria-label={text('people.role')}
          value={filter.role}
          onChange={(event) => setFilter('role', event.currentTarget.value)}
        >
          <option value="">{text('people.every_role')}</option>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {text(`role.${role}`)}
            </option>
          ))}
        </select>
        {own === '' && (
          <CommuneSelect value={filter.commune} onChange={(code) => setFilter('commune', code)} />
        )}
        <button
          type="button"
          class="button small"
          disabled={heads.length === 0}
          onClick={() => setChosen(new Map(heads.map((person) => [person.id, person])))}
        >
          {text('people.choose_heads', { n: heads.length })}
        </button>
      </div>
      <PeopleTable pages={pages} chosen={chosen} onToggle={toggle} onOpen={setOpen} />
      {open !== null && <PersonDialog id={open} onClose={() => setOpen(null)} onChange={pages.again} />}
      {isNew && (
        <NewPersonDialog
          commune={own}
          mayMakeOffice={hasRole('admin')}
          onClose={() => setNew(false)}
          onMade={pages.again}
        />
      )}
    </div>
  );
}

/** Those who join with a code. */
function isHead(person: Person): boolean {
  return person.role === 'village_head' && !person.disabled;
}

function PeopleTable({
  pages,
  chosen,
  onToggle,
  onOpen,
}: {
  pages: ReturnType<typeof usePages<Person>>;
  chosen: ReadonlyMap<string, Person>;
  onToggle: (person: Person) => void;
  onOpen: (id: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { items } = pages;
  const seen = useRowWindow(box, items.length, ROW_HEIGHT);
  useEffect(() => {
    if (seen.to >= items.length) pages.more();
  }, [seen.to, items.length, pages.more]);
  return (
    <div class="table-box tall" ref={box} tabIndex={0} role="group" aria-label={text('nav.people')}>
      <table class="table fixed-rows">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">{text('people.choose')}</span>
            </th>
            <th scope="col">{text('people.name')}</th>
            <th scope="col">{text('people.username')}</th>
            <th scope="col">{text('people.role')}</th>
            <th scope="col">{text('assignment.commune')}</th>
            <th scope="col">{text('people.state')}</th>
          </tr>
        </thead>
        <tbody>
          {seen.above > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${seen.above}px` }}>
              <td colSpan={6} />
            </tr>
          )}
          {items.slice(seen.from, seen.to).map((person) => (
            <tr key={person.id}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`${text('people.choose')}: ${person.name}`}
                  disabled={!isHead(person)}
                  checked={chosen.has(person.id)}
                  onChange={() => onToggle(person)}
                />
              </td>
              <th scope="row">
                <button type="button" class="link" onClick={() => onOpen(person.id)}>
                  <bdi>{person.name}</bdi>
                </button>
              </th>
              <td>
                <bdi>{person.username}</bdi>
              </td>
              <td>{text(`role.${person.role}`)}</td>
              <td>{person.commune == null ? '–' : communeName(person.commune)}</td>
              <td>{stateOf(person)}</td>
            </tr>
          ))}
          {seen.below > 0 && (
            <tr class="spacer" aria-hidden="true" style={{ height: `${seen.below}px` }}>
              <td colSpan={6} />
            </tr>
          )}
        </tbody>
      </table>
      {pages.isLoading && <p class="loading">{text('loading')}</p>}
      {pages.error !== null && <Failure error={pages.error} retry={pages.again} />}
      {!pages.isLoading && pages.error === null && items.length === 0 && (
        <p class="empty">{text('people.nothing')}</p>
      )}
    </div>
  );
}

function stateOf(person: Person): string {
  if (person.disabled) return text('people.disabled');
  const parts = [
    person.has_password ? text('people.password') : '',
    person.totp ? text('people.totp') : '',
    person.enrolment_expires_at != null ? text('people.code_open') : '',
  ];
  return parts.filter((part) => part !== '').join(', ') || text('people.not_yet');
}
