// A new account. Refuses to make it twice: the request carries the id.

import { useState } from 'preact/hooks';
import { api, ask } from '../api/office.ts';
import type { Role } from '../api/session.ts';
import { text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Failure } from '../ui/Notice.tsx';
import { CommuneSelect } from '../ui/selects.tsx';
import { ROLES } from './roles.ts';

export function NewPersonDialog({
  commune: own,
  mayMakeOffice,
  onClose,
  onMade,
}: {
  commune: string;
  mayMakeOffice: boolean;
  onClose: () => void;
  onMade: () => void;
}) {
  const [id] = useState(() => crypto.randomUUID());
  const [name, setName] = useState('');
  const [username, setUsername] = useState('');
  const [role, setRole] = useState<Role>('village_head');
  const [commune, setCommune] = useState(own);
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>(null);
  const hasCommune = role === 'village_head' || role === 'commune_officer';

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setError(null);
    const body = {
      id,
      name,
      username,
      role,
      ...(hasCommune && commune !== '' ? { commune } : {}),
      ...(password === '' ? {} : { password }),
    };
    try {
      await ask(api.POST('/api/v1/users', { body }));
      onMade();
      onClose();
    } catch (failure) {
      setError(failure);
    }
  }
  return (
    <Dialog title={text('people.new')} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{text('people.name')}</span>
          <input
            required
            maxLength={120}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>{text('people.username')}</span>
          <input
            required
            maxLength={64}
            autocapitalize="none"
            spellcheck={false}
            value={username}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
        </label>
        {mayMakeOffice && (
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
        {hasCommune && own === '' && (
          <label class="field">
            <span>{text('assignment.commune')}</span>
            <CommuneSelect value={commune} onChange={setCommune} />
          </label>
        )}
        {role !== 'village_head' && (
          <label class="field">
            <span>{text('people.first_password')}</span>
            <input
              type="password"
              minLength={8}
              autocomplete="new-password"
              value={password}
              onInput={(event) => setPassword(event.currentTarget.value)}
            />
          </label>
        )}
        {role === 'village_head' && <p class="hint">{text('people.head_hint')}</p>}
        {error !== null && <Failure error={error} />}
        <button type="submit" class="button main">
          {text('plan.make')}
        </button>
      </form>
    </Dialog>
  );
}
