// One account: its role and commune, whether it is open, its phones, and throwing one out.
// Refuses to change oneself out of the console without asking the server: it knows the last administrator.

import { moment } from '@minhchung/web-shared/format/format.ts';
import { useState } from 'preact/hooks';
import { communeTitle } from '../api/campaign.ts';
import { api, ask, done, type Schemas } from '../api/office.ts';
import { hasRole, type Role } from '../api/session.ts';
import { text } from '../text/text.ts';
import { useAsked } from '../ui/asked.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Failure } from '../ui/Notice.tsx';
import { CommuneSelect } from '../ui/selects.tsx';
import { ROLES } from './roles.ts';

type Change = Schemas['ChangeUserRequest'];

export function PersonDialog({
  id,
  onClose,
  onChange,
}: {
  id: string;
  onClose: () => void;
  onChange: () => void;
}) {
  const path = { params: { path: { id } } };
  const asked = useAsked(`person ${id}`, () => ask(api.GET('/api/v1/users/{id}', path)));
  const [error, setError] = useState<unknown>(null);
  const attempt = async (work: () => Promise<unknown>) => {
    setError(null);
    try {
      await work();
      onChange();
      asked.again();
    } catch (failure) {
      setError(failure);
    }
  };
  const change = (body: Change) => attempt(() => ask(api.PATCH('/api/v1/users/{id}', { ...path, body })));
  const throwOut = (device: string) =>
    attempt(() =>
      done(api.DELETE('/api/v1/users/{id}/devices/{device}', { params: { path: { id, device } } })),
    );
  const person = asked.data;
  return (
    <Dialog title={person?.name ?? text('loading')} onClose={onClose}>
      {asked.error !== null && <Failure error={asked.error} retry={asked.again} />}
      {error !== null && <Failure error={error} />}
      {person !== null && (
        <>
          <dl class="facts facts-wide">
            <div class="fact">
              <dt>{text('people.username')}</dt>
              <dd>
                <bdi>{person.username}</bdi>
              </dd>
            </div>
            {!hasRole('admin') && (
              <div class="fact">
                <dt>{text('people.role')}</dt>
                <dd>
                  {text(`role.${person.role}`)}
                  {person.commune != null && ` · ${communeTitle(person.commune)}`}
                </dd>
              </div>
            )}
          </dl>
          <PersonForm key={person.id} person={person} onChange={change} />
          <h3>{text('people.devices')}</h3>
          {person.devices.length === 0 && <p class="empty">{text('people.no_devices')}</p>}
          <ul class="devices">
            {person.devices.map((device) => (
              <li key={device.id}>
                <span>
                  <bdi>
                    <strong>{device.name === '' ? text(`device.${device.kind}`) : device.name}</strong>
                  </bdi>
                  <span class="hint">
                    {text(`device.${device.kind}`)} ·{' '}
                    {text('people.seen', { at: moment(Date.parse(device.seen_at)) })}
                  </span>
                </span>
                <button type="button" class="button small reject" onClick={() => void throwOut(device.id)}>
                  {text('people.throw_out')}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function PersonForm({
  person,
  onChange,
}: {
  person: Schemas['UserWithDevices'];
  onChange: (change: Change) => Promise<void>;
}) {
  const [name, setName] = useState(person.name);
  const [role, setRole] = useState<Role>(person.role);
  const [commune, setCommune] = useState(person.commune ?? '');
  const isAdmin = hasRole('admin');
  const hasCommune = role === 'village_head' || role === 'commune_officer';
  const submit = (event: Event) => {
    event.preventDefault();
    const office = isAdmin ? { role, commune: hasCommune && commune !== '' ? commune : null } : {};
    void onChange({ name, ...office });
  };
  return (
    <form class="form" onSubmit={submit}>
      <label class="field">
        <span>{text('people.name')}</span>
        <input required value={name} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      {isAdmin && (
        <label class="field">
          <span>{text('people.role')}</span>
          <select value={role} onChange={(event) => setRole(event.currentTarget.value as Role)}>
            {ROLES.map((each) => (
              <option key={each} value={each}>
                {text(`role.${each}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      {isAdmin && hasCommune && (
        <label class="field">
          <span>{text('assignment.commune')}</span>
          <CommuneSelect value={commune} onChange={setCommune} />
        </label>
      )}
      <div class="actions">
        <button type="submit" class="button main">
          {text('action.save')}
        </button>
        <button type="button" class="button" onClick={() => void onChange({ disabled: !person.disabled })}>
          {text(person.disabled ? 'people.open' : 'people.shut')}
        </button>
        {person.totp && isAdmin && (
          <button type="button" class="button" onClick={() => void onChange({ reset_totp: true })}>
            {text('people.reset_totp')}
          </button>
        )}
      </div>
    </form>
  );
}
