// Up to three pictures: chosen, cleaned, covered, removed.
// Refuses a picture that could not be cleaned, with words about what to do instead.

import type { Bytes } from '@minhchung/web-shared/tip/bytes.ts';
import { PICTURES_MAX } from '@minhchung/web-shared/tip/sizes.ts';
import { type Signal, useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import {
  type Box,
  burn,
  decoded,
  encoded,
  erased,
  PictureRefused,
  type Refusal,
  strippedFile,
} from '../pictures/prepare.ts';
import { isCanvasHonest } from '../pictures/probe.ts';
import { draftSignal, erase, type Picture, pictures } from '../state.ts';
import { t } from '../text/dictionary.ts';
import { Button, Notice } from '../ui.tsx';

let lastKey = 0;

/** Burns the boxes in and makes the bytes anew; nothing of the old ones stays. When that fails the picture is gone: it would
 * be sent without its boxes. */
export async function covered(picture: Picture, boxes: readonly Box[]): Promise<void> {
  const { canvas } = picture;
  if (canvas === null || boxes.length === 0) return;
  const draft = draftSignal();
  let bytes: Bytes;
  try {
    burn(canvas, boxes);
    bytes = await encoded(canvas);
  } catch (error) {
    remove(picture);
    throw error;
  }
  picture.bytes.fill(0);
  if (draft.aborted) bytes.fill(0);
  else pictures.value = pictures.value.map((one) => (one === picture ? { ...picture, bytes } : one));
}

async function prepared(file: Blob, isHonest: boolean): Promise<Picture> {
  lastKey += 1;
  if (!isHonest) return { key: lastKey, bytes: await strippedFile(file), canvas: null };
  const key = lastKey;
  const canvas = await decoded(file);
  try {
    return { key, bytes: await encoded(canvas), canvas };
  } catch (error) {
    erased(canvas);
    throw error;
  }
}

function remove(picture: Picture): void {
  pictures.value = pictures.value.filter((one) => one !== picture);
  erase(picture);
}

interface Props {
  /** While a picture is being cleaned nothing is sent. */
  readonly isBusy: Signal<boolean>;
  /** The picture that is being covered, which takes the whole screen. */
  readonly covering: Signal<Picture | null>;
  /** Why the last picture that was chosen is not among them. */
  readonly refusal: Signal<Refusal | null>;
}

export function Pictures({ isBusy, covering, refusal }: Props) {
  const isHonest = useSignal(isCanvasHonest());
  // Of the message this was shown for: a chooser may bring its files when that was wiped long ago.
  const draft = useRef(draftSignal()).current;
  const all = pictures.value;

  const isGivenUp = () => draft.aborted;

  const add = async (files: readonly File[]) => {
    if (isGivenUp()) return;
    isBusy.value = true;
    refusal.value = null;
    for (const file of files) {
      if (pictures.value.length >= PICTURES_MAX) break;
      try {
        const picture = await prepared(file, isHonest.value);
        // Wiped while it was being cleaned.
        if (isGivenUp()) {
          erase(picture);
          break;
        }
        pictures.value = [...pictures.value, picture];
      } catch (error) {
        // A file that the phone cannot bring, from a cloud for example, fails in ways of its own.
        refusal.value = error instanceof PictureRefused ? error.why : 'unreadable';
      }
    }
    isBusy.value = false;
  };
  return (
    <fieldset class="pictures">
      <legend>{t('write.pictures')}</legend>
      <p class="hint">{isHonest.value ? t('write.pictures-hint') : t('write.pictures-plain')}</p>
      <ul>
        {all.map((picture, index) => (
          <li key={picture.key}>
            {picture.canvas !== null && (
              <Shown canvas={picture.canvas} name={t('picture.n', { n: index + 1 })} />
            )}
            <div class="side-by-side">
              {picture.canvas !== null && (
                <Button
                  disabled={isBusy.value}
                  onClick={() => {
                    covering.value = picture;
                  }}
                >
                  {t('picture.cover')}
                  <span class="visually-hidden"> {t('picture.n', { n: index + 1 })}</span>
                </Button>
              )}
              <Button disabled={isBusy.value} onClick={() => remove(picture)}>
                {t('picture.remove')}
                <span class="visually-hidden"> {t('picture.n', { n: index + 1 })}</span>
              </Button>
            </div>
          </li>
        ))}
      </ul>
      {refusal.value !== null && <Notice tone="bad">{t(`picture.${refusal.value}`)}</Notice>}
      {isBusy.value && <p role="status">{t('write.preparing')}</p>}
      {all.length < PICTURES_MAX && !isBusy.value && <Choose onFiles={(files) => void add(files)} />}
    </fieldset>
  );
}

function Choose({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  return (
    <label class="button file">
      {t('write.add-picture')}
      <input
        type="file"
        accept="image/*"
        multiple
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          // The element forgets the file's name.
          event.currentTarget.value = '';
          onFiles(files);
        }}
      />
    </label>
  );
}

/** What was drawn goes away with what showed it. */
export function useErased(view: { readonly current: HTMLCanvasElement | null }): void {
  useLayoutEffect(() => {
    const shown = view.current;
    return () => {
      if (shown !== null) erased(shown);
    };
  }, [view]);
}

/** How wide the copy for the eye is, px. */
const SHOWN_PX = 480;

/** A small copy of the pixels; no address, no cache. Its shape is known before it is drawn: nothing below it may move away
 * under a finger. */
function Shown({ canvas, name }: { readonly canvas: HTMLCanvasElement; readonly name: string }) {
  const view = useRef<HTMLCanvasElement>(null);
  const height = Math.max(1, Math.round((SHOWN_PX * canvas.height) / Math.max(1, canvas.width)));
  useErased(view);
  useLayoutEffect(() => {
    if (canvas.width > 0) view.current?.getContext('2d')?.drawImage(canvas, 0, 0, SHOWN_PX, height);
  });
  return <canvas ref={view} class="shown" role="img" aria-label={name} width={SHOWN_PX} height={height} />;
}
