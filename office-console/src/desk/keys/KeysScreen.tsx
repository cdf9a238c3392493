// Every key of the desk: whose, since when, its fingerprint; retiring one; the recovery key; what a new officer can open.
// Refuses to believe a fingerprint that the server sends: it says so where the two differ.

import { day } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useState } from 'preact/hooks';
import { Modal } from '../../ui/Modal.tsx';
import { retireKey } from '../api/desk.ts';
import {
  activeKeys,
  deskKeys,
  hasOwnActive,
  isMine,
  type ListedKey,
  loadKeys,
  openKeys,
  ownKeys,
} from '../app/desk.ts';
import { text } from '../text/text.ts';
import { useAttempt } from '../ui/attempt.ts';
import { Failure, Notice } from '../ui/Notice.tsx';
import { FingerprintPaper, ownerOf } from './FingerprintPaper.tsx';
import { MakeKey } from './MakeKey.tsx';
import { OlderKeys } from './OlderKeys.tsx';
import { Recovery } from './Recovery.tsx';

export function KeysScreen() {
  const [retiring, setRetiring] = useState<ListedKey | null>(null);
  const [isMaking, setMaking] = useState(false);
  const attempt = useAttempt();
  const read = () => void attempt.run(loadKeys);
  useEffect(read, []);
  const keys = deskKeys.value ?? [];
  const recovery = activeKeys.value.find((key) => key.kind === 'recovery');
  const closed = ownKeys.value.filter((key) => !openKeys.value.includes(key.id));
  if (isMaking && !hasOwnActive.value) return <MakeKey />;
  return (
    <section aria-labelledby="keys">
      <div class="screen-head no-print">
        <h1 id="keys">{text('keys.title')}</h1>
        <button type="button" class="button print-button" onClick={() => window.print()}>
          {text('keys.print')}
        </button>
      </div>
      {attempt.error !== null && <Failure error={attempt.error} retry={read} />}
      <p class="no-print">{text('keys.what')}</p>
      {recovery === undefined && <Notice tone="warn">{text('keys.no_recovery')}</Notice>}
      {!hasOwnActive.value && (
        <Notice tone="warn">
          {text('keys.none_active')}{' '}
          <button type="button" class="button small" onClick={() => setMaking(true)}>
            {text('keys.make')}
          </button>
        </Notice>
      )}
      <ul class="key-list no-print">
        {keys.map((key) => (
          <KeyRow key={key.id} shown={key} onRetire={() => setRetiring(key)} />
        ))}
      </ul>
      <div class="only-print">
        <FingerprintPaper keys={activeKeys.value} />
      </div>
      <div class="two-columns no-print">
        <section class="card" aria-labelledby="newcomer">
          <h2 id="newcomer">{text('newcomer.title')}</h2>
          <ul class="plain-list">
            <li>{text('newcomer.can')}</li>
            <li>{text('newcomer.cannot')}</li>
            <li>{text('newcomer.answers')}</li>
            <li>{text('newcomer.leaver')}</li>
          </ul>
        </section>
        <div>
          {closed.length > 0 && <OlderKeys keys={closed} />}
          {recovery !== undefined && <Recovery recovery={recovery} />}
        </div>
      </div>
      {retiring !== null && <RetireDialog retiring={retiring} onClose={() => setRetiring(null)} />}
    </section>
  );
}

function KeyRow({ shown, onRetire }: { shown: ListedKey; onRetire: () => void }) {
  const own = shown.own_fingerprint;
  const isFalse = own.replaceAll(' ', '') !== shown.fingerprint.replaceAll(' ', '').toLowerCase();
  return (
    <li class={shown.retired_on === null ? 'key-row' : 'key-row key-retired'}>
      <div>
        <strong>
          <bdi>{ownerOf(shown)}</bdi>
        </strong>
        {isMine(shown) && <span class="key-mine">{text('keys.mine')}</span>}
        <p class="hint">
          {text('keys.since', { day: day(shown.made_on) })}
          {' · '}
          {standing(shown)}
          {openKeys.value.includes(shown.id) && ` · ${text('keys.open_here')}`}
        </p>
      </div>
      <code class="fingerprint">{own}</code>
      {isFalse && <Notice tone="bad">{text('keys.false_fingerprint')}</Notice>}
      {shown.retired_on === null && shown.kind === 'officer' && (
        <button type="button" class="button small" onClick={onRetire}>
          {text('keys.retire')}
        </button>
      )}
    </li>
  );
}

function standing(key: ListedKey): string {
  if (key.retired_on !== null) return text('keys.retired', { day: day(key.retired_on) });
  return text(key.active ? 'keys.active' : 'keys.paused');
}

function RetireDialog({ retiring, onClose }: { retiring: ListedKey; onClose: () => void }) {
  const attempt = useAttempt();
  const retire = async () => {
    await retireKey(retiring.id);
    await loadKeys();
  };
  return (
    <Modal title={text('retire.title')} closeWord={text('action.close')} onClose={onClose}>
      <p>
        <strong>
          <bdi>{ownerOf(retiring)}</bdi>
        </strong>{' '}
        <code class="fingerprint">{retiring.own_fingerprint}</code>
      </p>
      <ul class="plain-list">
        <li>{text('retire.from_now')}</li>
        <li>{text('retire.before')}</li>
        <li>{text('retire.once')}</li>
      </ul>
      {attempt.error !== null && <Failure error={attempt.error} />}
      <div class="actions">
        <button
          type="button"
          class="button reject"
          disabled={attempt.isBusy}
          onClick={() => void attempt.run(retire).then((isDone) => isDone && onClose())}
        >
          {text('retire.do')}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {text('action.cancel')}
        </button>
      </div>
    </Modal>
  );
}
