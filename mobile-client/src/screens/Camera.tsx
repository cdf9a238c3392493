// Taking a picture: the camera in the page with a frame of the banner's shape, or the phone's own camera.
// Refuses a dead end: without a camera, a place or a permission there is still a way to send a picture.

import { useEffect, useRef, useState } from 'preact/hooks';
import { replace } from '../app/router.ts';
import { campaign, owner, places, settings } from '../app/state.ts';
import { isCommitment } from '../app/words.ts';
import { closeCamera, openCamera, snap } from '../capture/camera.ts';
import { bestFix, permission, startWatching, stopWatching } from '../capture/place.ts';
import { take, Unreadable } from '../capture/shrink.ts';
import { guides } from '../capture/sizes.ts';
import type { Draft } from '../outbox/records.ts';
import { draftOf, keepPicture } from '../outbox/store.ts';
import { t } from '../text/dictionary.ts';
import { DialogDrawing } from '../ui/DialogDrawing.tsx';
import { MainButton, Notice, Screen } from '../ui/parts.tsx';
import { Whereabouts } from '../ui/Whereabouts.tsx';

type Phase = 'asking' | 'explain' | 'live' | 'denied' | 'none' | 'saving';
type Trouble = 'full' | 'unreadable' | 'not-ready' | null;

/** Height to width of a sheet of paper. */
const SHEET = 297 / 210;

async function keep(id: string, file: Blob): Promise<void> {
  const person = owner.value;
  if (person === null) throw new Error('nobody is signed in');
  const taken = await take(file, settings.value.keepOriginal);
  const fresh: Draft = {
    assignment: id,
    owner: person,
    pictures: [],
    capturedAt: new Date().toISOString(),
    fix: null,
    note: '',
    signedCount: null,
  };
  const draft = (await draftOf(id)) ?? fresh;
  await keepPicture({ ...draft, fix: bestFix() ?? draft.fix }, taken.picture, taken.bytes, taken.small);
}

export function Camera({ id }: { readonly id: string }) {
  const place = places.value.find((one) => one.id === id);
  const cell = place?.title.cell ?? '';
  const [phase, setPhase] = useState<Phase>('asking');
  const [trouble, setTrouble] = useState<Trouble>(null);
  const video = useRef<HTMLVideoElement>(null);
  const stream = useRef<MediaStream | null>(null);
  const shapes = isCommitment(cell)
    ? [SHEET]
    : guides(campaign.value?.banners?.groups.find((one) => one.cell === cell)?.sizes ?? []);

  const open = async (): Promise<void> => {
    startWatching();
    const opened = await openCamera();
    if (opened.is !== 'open') {
      setPhase(opened.is);
      return;
    }
    stream.current = opened.stream;
    setPhase('live');
  };
  useEffect(() => {
    void Promise.all([permission('camera'), permission('geolocation')]).then((states) => {
      if (states.includes('prompt')) setPhase('explain');
      else void open();
    });
    return () => {
      if (stream.current !== null) closeCamera(stream.current);
      stopWatching();
    };
  }, [id]);
  useEffect(() => {
    if (phase === 'live' && video.current !== null) video.current.srcObject = stream.current;
  }, [phase]);

  const use = async (file: Blob | null): Promise<void> => {
    if (file === null) {
      setTrouble('not-ready');
      return;
    }
    setPhase('saving');
    setTrouble(null);
    try {
      await keep(id, file);
      replace({ at: 'check', id });
    } catch (error) {
      // Whatever else failed, failed while it was written: the person has to know that it is not there.
      setTrouble(error instanceof Unreadable ? 'unreadable' : 'full');
      setPhase(stream.current === null ? 'none' : 'live');
    }
  };
  const shoot = async (): Promise<void> => {
    if (video.current !== null) await use(await snap(video.current));
  };
  const system = (
    <label class="button file">
      {t('camera.system')}
      <input
        type="file"
        accept="image/*"
        capture="environment"
        onChange={(event) => void use(event.currentTarget.files?.[0] ?? null)}
      />
    </label>
  );

  return (
    <Screen title={isCommitment(cell) ? t('camera.title-sheet') : t('camera.title')} name="camera">
      {trouble !== null && (
        <Notice tone="late">
          <p role="alert">{t(`camera.trouble.${trouble}`)}</p>
        </Notice>
      )}
      {phase === 'explain' && (
        <>
          <p>{t('camera.explain')}</p>
          <DialogDrawing />
          <MainButton onClick={() => void open()}>{t('camera.continue')}</MainButton>
        </>
      )}
      {(phase === 'denied' || phase === 'none') && (
        <Notice tone="calm">
          <p>{t(phase === 'denied' ? 'camera.denied' : 'camera.none')}</p>
        </Notice>
      )}
      {(phase === 'live' || phase === 'saving') && (
        <div class="viewfinder">
          <video ref={video} autoplay playsinline muted aria-label={t('camera.view')} />
          {shapes.slice(0, 1).map((shape) => (
            <svg key={shape} class="guide" viewBox={`0 0 100 ${100 * shape}`} aria-hidden="true">
              <rect x="1" y="1" width="98" height={100 * shape - 2} />
            </svg>
          ))}
        </div>
      )}
      {phase === 'live' && shapes.length > 0 && (
        <p class="hint">{t(isCommitment(cell) ? 'camera.hint-sheet' : 'camera.hint')}</p>
      )}
      <Whereabouts />
      <div class="bottom">
        {phase === 'live' && <MainButton onClick={() => void shoot()}>{t('camera.shoot')}</MainButton>}
        {phase === 'saving' && <p role="status">{t('camera.saving')}</p>}
        {phase !== 'saving' && phase !== 'asking' && system}
      </div>
    </Screen>
  );
}
