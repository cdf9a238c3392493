// Looking at what was taken, before it goes: keep, take again, add, and the head count of a signed sheet.
// Refuses to send without a picture; everything else may be missing.

import { useEffect, useState } from 'preact/hooks';
import { go, replace } from '../app/router.ts';
import { now, owner, places } from '../app/state.ts';
import { send } from '../app/sync.ts';
import { isCommitment } from '../app/words.ts';
import { newId } from '../outbox/ids.ts';
import { type Draft, type Evidence, MOST_PICTURES, type Picture, type Title } from '../outbox/records.ts';
import { changeDraft, DraftChanged, draftOf, dropPicture, handIn } from '../outbox/store.ts';
import { t } from '../text/dictionary.ts';
import { Large } from '../ui/Large.tsx';
import { MainButton, Notice, Screen, SideButton } from '../ui/parts.tsx';
import { fixWords } from '../ui/Whereabouts.tsx';

/** The server knows the place by its id; where the phone has lost its name, evidence goes without one. */
function titleOf(assignment: string): Title {
  const place = places.value.find((one) => one.id === assignment);
  return place?.title ?? { place: t('place.gone'), village: '', cell: '' };
}

function itemOf(draft: Draft): Evidence | null {
  if (draft.pictures.length === 0) return null;
  // The server takes each picture once; the same one twice says nothing more.
  const distinct = new Map(draft.pictures.map((picture) => [picture.sha256, picture]));
  return {
    kind: 'evidence',
    id: newId(),
    owner: draft.owner,
    title: titleOf(draft.assignment),
    assignment: draft.assignment,
    createdAt: Date.now(),
    capturedAt: draft.capturedAt,
    fix: draft.fix,
    note: draft.note.trim() === '' ? null : draft.note.trim(),
    signedCount: draft.signedCount,
    pictures: [...distinct.values()].map((picture) => ({
      ...picture,
      stored: false,
      uploadUrl: null,
      lost: false,
    })),
    stage: 'waiting',
    attempts: 0,
    nextAt: 0,
    asked: false,
    refusal: null,
    reported: false,
    receipt: null,
    receivedAt: null,
    verdict: null,
  };
}

export function Check({ id }: { readonly id: string }) {
  const [draft, setDraft] = useState<Draft | null>(null);
  const [trouble, setTrouble] = useState<'failed' | 'changed' | null>(null);
  const [unwanted, setUnwanted] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    const found = await draftOf(id);
    if (found === null || found.owner !== owner.value) replace({ at: 'place', id });
    else setDraft(found);
  };
  useEffect(() => {
    void look();
  }, [id]);
  if (draft === null) return null;
  const commitment = isCommitment(titleOf(id).cell);

  const change = (words: Partial<Pick<Draft, 'note' | 'signedCount'>>): void => {
    setDraft({ ...draft, ...words });
    changeDraft(id, words).catch(() => setTrouble('failed'));
  };
  const drop = async (picture: Picture): Promise<void> => {
    setUnwanted(null);
    await dropPicture(id, picture.key);
    await look();
  };
  const finish = async (): Promise<void> => {
    const item = itemOf(draft);
    if (item === null || busy) return;
    setBusy(true);
    try {
      await handIn(draft, item);
    } catch (error) {
      setBusy(false);
      if (!(error instanceof DraftChanged)) {
        setTrouble('failed');
        return;
      }
      // Another window was faster: with one more picture, or with handing it in.
      setTrouble('changed');
      return look();
    }
    replace({ at: 'saved', id: item.id });
    void send();
  };

  return (
    <Screen title={t('check.title')} name="check">
      {trouble !== null && (
        <Notice tone="late">
          <p role="alert">{t(`check.${trouble}`)}</p>
        </Notice>
      )}
      {/* First, so that no button lies over it. */}
      {commitment && (
        <label class="field">
          {t('check.signed')}
          <input
            type="text"
            inputMode="numeric"
            pattern="[0-9]*"
            autocomplete="off"
            value={draft.signedCount ?? ''}
            onInput={(event) => {
              const digits = event.currentTarget.value.replace(/\D/g, '').slice(0, 6);
              change({ signedCount: digits === '' ? null : Number(digits) });
            }}
          />
        </label>
      )}
      {draft.pictures.map((picture, index) => (
        <figure key={picture.key} class="taken">
          <Large picture={picture} alt={t('check.picture', { number: index + 1 })} />
          <SideButton onClick={() => go({ at: 'camera', id, instead: picture.key })}>
            {t('check.retake')}
            {draft.pictures.length > 1 && <span> ({index + 1})</span>}
          </SideButton>
          {unwanted === picture.key ? (
            <Notice tone="late">
              <p role="alert">{t('item.give-up-sure')}</p>
              <SideButton onClick={() => void drop(picture)}>{t('item.give-up-yes')}</SideButton>
              <SideButton onClick={() => setUnwanted(null)}>{t('check.keep')}</SideButton>
            </Notice>
          ) : (
            <button type="button" class="link" onClick={() => setUnwanted(picture.key)}>
              {t('check.drop')}
              {draft.pictures.length > 1 && <span> ({index + 1})</span>}
            </button>
          )}
        </figure>
      ))}
      <p class="hint">{t(commitment ? 'check.look-sheet' : 'check.look')}</p>
      <p class="where">
        {draft.fix === null ? t('check.no-place') : fixWords(draft.fix, Math.max(now.value, draft.fix.at))}
      </p>
      <div class="bottom">
        <MainButton disabled={busy} onClick={() => void finish()}>
          {t('check.send')}
        </MainButton>
      </div>
      {draft.pictures.length < MOST_PICTURES && (
        <SideButton onClick={() => go({ at: 'camera', id })}>
          {t('check.more', { number: draft.pictures.length + 1 })}
        </SideButton>
      )}
      <label class="field">
        {t('check.note')}
        <textarea
          rows={2}
          maxLength={1000}
          value={draft.note}
          onInput={(event) => change({ note: event.currentTarget.value })}
        />
      </label>
    </Screen>
  );
}
