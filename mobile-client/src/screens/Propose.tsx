// A place that the plan lacks: what hangs there and where, then straight to the picture.
// Refuses nothing of the village head's words; the commune's officer decides whether it counts.

import { civilDay } from '@minhchung/web-shared/format/format.ts';
import { useEffect, useState } from 'preact/hooks';
import { session } from '../api/session.ts';
import { replace } from '../app/router.ts';
import { campaign, owner, places } from '../app/state.ts';
import { send } from '../app/sync.ts';
import { cellWords } from '../app/words.ts';
import { bestFix, permission, startWatching } from '../capture/place.ts';
import { newId } from '../outbox/ids.ts';
import type { Place, Proposal } from '../outbox/records.ts';
import { propose } from '../outbox/store.ts';
import { dictionary, t } from '../text/dictionary.ts';
import { MainButton, Notice, Screen } from '../ui/parts.tsx';
import { Whereabouts } from '../ui/Whereabouts.tsx';

const CELLS = [
  'banner.1',
  'banner.2',
  'banner.3',
  'banner.4',
  'banner.5',
  'banner.6',
  'commitment.residential_area',
  'commitment.school',
  'commitment.business',
];

/** Village heads mostly propose for their own village. */
function usualVillage(): string {
  return places.value[0]?.title.village ?? '';
}

export function Propose() {
  const [id] = useState(() => newId());
  const [cell, setCell] = useState('banner.2');
  const [village, setVillage] = useState(usualVillage());
  const [name, setName] = useState('');
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    void permission('geolocation').then((state) => {
      if (state === 'granted') startWatching(id);
    });
  }, [id]);

  const finish = async (): Promise<void> => {
    const person = owner.value;
    if (person === null) return;
    const fix = bestFix();
    const title = { place: name.trim(), village: village.trim(), cell };
    const item: Proposal = {
      kind: 'proposal',
      id,
      owner: person,
      title,
      createdAt: Date.now(),
      stage: 'waiting',
      attempts: 0,
      nextAt: 0,
      asked: false,
      refusal: null,
      note: null,
      fix,
    };
    const place: Place = {
      id,
      owner: person,
      title,
      commune: session.value?.user.commune ?? '',
      // The campaign's own day comes with the server's answer.
      due: civilDay(Date.now()),
      state: 'proposed',
      overdue: false,
      lastReason: null,
      lastComment: null,
      expectedSigners: null,
      note: null,
      location: fix,
    };
    try {
      await propose(item, place);
    } catch {
      setFailed(true);
      return;
    }
    replace({ at: 'camera', id });
    void send();
  };

  const language = dictionary.language.value;
  return (
    <Screen title={t('propose.title')} name="propose">
      <p>{t('propose.why')}</p>
      {failed && (
        <Notice tone="late">
          <p role="alert">{t('check.failed')}</p>
        </Notice>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void finish();
        }}
      >
        <label class="field">
          {t('propose.cell')}
          <select value={cell} onChange={(event) => setCell(event.currentTarget.value)}>
            {CELLS.map((one) => (
              <option key={one} value={one}>
                {cellWords(one)}
              </option>
            ))}
          </select>
        </label>
        <p class="hint">
          {campaign.value?.banners?.groups.find((one) => one.cell === cell)?.places[language] ?? ''}
        </p>
        <label class="field">
          {t('propose.village')}
          <input
            type="text"
            maxLength={200}
            value={village}
            onInput={(event) => setVillage(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          {t('propose.place')}
          <input
            type="text"
            maxLength={200}
            value={name}
            placeholder={t('propose.example')}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <Whereabouts />
        <div class="bottom">
          <MainButton type="submit" disabled={name.trim() === '' || village.trim() === ''}>
            {t('propose.go')}
          </MainButton>
        </div>
      </form>
    </Screen>
  );
}
