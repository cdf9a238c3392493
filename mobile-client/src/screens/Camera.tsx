// Taking a picture: the camera in the page with a frame of the banner's shape, or the phone's own camera.
// Refuses a dead end: without a camera, a place or a permission there is still a way to send a picture.

import { useEffect, useRef, useState } from 'preact/hooks';
import { back, cameFrom, replace } from '../app/router.ts';
import { campaign, owner, places, settings } from '../app/state.ts';
import { isCommitment } from '../app/words.ts';
import { closeCamera, openCamera, snap } from '../capture/camera.ts';
import { bestFix, better, permission, startWatching } from '../capture/place.ts';
import { take, Unreadable } from '../capture/shrink.ts';
import { guides } from '../capture/sizes.ts';
import { PhoneFull } from '../outbox/database.ts';
import type { Draft, Place } from '../outbox/records.ts';
import { DraftChanged, keepPicture } from '../outbox/store.ts';
import { t } from '../text/dictionary.ts';
import { DialogDrawing } from '../ui/DialogDrawing.tsx';
import { MainButton, Notice, Screen } from '../ui/parts.tsx';
import { Whereabouts } from '../ui/Whereabouts.tsx';

type Phase = 'asking' | 'explain' | 'live' | 'denied' | 'none' | 'saving';
type Trouble = 'full' | 'failed' | 'unreadable' | 'not-ready' | null;

/** Height to width of a sheet of paper. */
const SHEET = 297 / 210;

async function keep(place: Place, file: Blob, instead: string | null): Promise<void> {
  const person = owner.value;
  if (person === null) throw new Error('nobody is signed in');
  const { picture, bytes, small } = await take(file, settings.value.keepOriginal);
  const now = Date.now();
  const capturedAt = new Date(now).toISOString();
  const fresh: Draft = {
    assignment: place.id,
    owner: person,
    pictures: [],
    capturedAt,
    fix: null,
    note: '',
    signedCount: null,
  };
  const fix = bestFix();
  await keepPicture({ fresh, picture, bytes, small, place, instead }, (draft) => ({
    ...draft,
    fix: fix === null ? draft.fix : better(draft.fix, fix, now),
    // Taken again, the only picture is as young as this.
    capturedAt: draft.pictures.every((one) => one.key === instead) ? capturedAt : draft.capturedAt,
  }));
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Unreadable) return 'unreadable';
  return error instanceof PhoneFull ? 'full' : 'failed';
}

interface CameraProps {
  readonly id: string;
  readonly instead?: string;
}

export function Camera({ id, instead }: CameraProps) {
  const listed = places.value.find((one) => one.id === id);
  // The plan may lose the place while the person stands before it.
  const first = useRef(listed);
  const place = listed ?? first.current;
  const cell = place?.title.cell ?? '';
  const [phase, setPhase] = useState<Phase>('asking');
  const [trouble, setTrouble] = useState<Trouble>(null);
  const video = useRef<HTMLVideoElement>(null);
  const stream = useRef<MediaStream | null>(null);
  const shapes = isCommitment(cell)
    ? [SHEET]
    : guides(campaign.value?.banners?.groups.find((one) => one.cell === cell)?.sizes ?? []);

  const left = useRef(false);

  const open = async (): Promise<void> => {
    startWatching(id);
    const opened = await openCamera();
    if (opened.is !== 'open') {
      setPhase(opened.is);
      return;
    }
    // Somebody went back while the camera was opening: nobody looks through it.
    if (left.current) {
      closeCamera(opened.stream);
      return;
    }
    stream.current = opened.stream;
    for (const track of opened.stream.getTracks()) {
      track.addEventListener('ended', () => {
        // The system took the camera away: another app, or a call.
        stream.current = null;
        setPhase((now) => (now === 'live' ? 'none' : now));
      });
    }
    setPhase('live');
  };
  useEffect(() => {
    left.current = false;
    void Promise.all([permission('camera'), permission('geolocation')]).then((states) => {
      if (states.includes('prompt')) setPhase('explain');
      else void open();
    });
    return () => {
      left.current = true;
      if (stream.current !== null) closeCamera(stream.current);
    };
  }, [id]);
  useEffect(() => {
    // Given anew, the same stream would leave the picture empty for some frames.
    if (phase === 'live' && video.current !== null && video.current.srcObject !== stream.current)
      video.current.srcObject = stream.current;
  }, [phase]);

  if (place === undefined) {
    return (
      <Screen title={t('place.gone')} name="camera">
        <p>{t('place.gone-why')}</p>
      </Screen>
    );
  }

  const show = (): void => (cameFrom('check') ? back() : replace({ at: 'check', id }));
  const use = async (file: Blob | null): Promise<void> => {
    if (file === null) {
      setTrouble('not-ready');
      return;
    }
    setPhase('saving');
    setTrouble(null);
    try {
      await keep(place, file, instead ?? null);
      show();
    } catch (error) {
      // Five pictures lie there already: the person sees them, and which to take again.
      if (error instanceof DraftChanged) {
        show();
        return;
      }
      // The person has to know that it is not there.
      setTrouble(troubleOf(error));
      setPhase(stream.current === null ? 'none' : 'live');
    }
  };
  const shoot = async (): Promise<void> => {
    if (video.current !== null) await use(await snap(video.current));
  };
  const system = (
    <label class={`button file ${phase === 'denied' || phase === 'none' ? 'button-main' : ''}`}>
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
          {shapes.map((shape) => (
            <svg key={shape} class="guide" viewBox={`0 0 100 ${100 * shape}`} aria-hidden="true">
              <rect x="1" y="1" width="98" height={100 * shape - 2} />
            </svg>
          ))}
        </div>
      )}
      {phase === 'live' && shapes.length > 0 && (
        <p class="hint">
          {t(
            isCommitment(cell) ? 'camera.hint-sheet' : shapes.length > 1 ? 'camera.hint-two' : 'camera.hint',
          )}
        </p>
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
