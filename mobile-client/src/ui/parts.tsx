// The pieces that every screen is made of: bar, title, buttons, notices.
// Refuses icons without words and buttons smaller than a thumb.

import { StateShape, type Tone } from '@minhchung/web-shared/ui/StateBadge.tsx';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { session } from '../api/session.ts';
import { back, go } from '../app/router.ts';
import { draftPictures, stuck, unsentPictures } from '../app/state.ts';
import { t } from '../text/dictionary.ts';
import { Listen } from './Listen.tsx';

/** Always in sight: how many pictures have not arrived yet. */
function OutboxChip() {
  const count = unsentPictures.value;
  if (count === 0 && stuck.value > 0) {
    return (
      <button type="button" class="chip chip-stuck" onClick={() => go({ at: 'outbox' })}>
        <StateShape tone="back" />
        <span>{t('bar.stuck', { n: stuck.value })}</span>
      </button>
    );
  }
  if (count === 0 && draftPictures.value > 0) {
    return (
      <button type="button" class="chip chip-draft" onClick={() => go({ at: 'outbox' })}>
        <StateShape tone="calm" />
        <span>{t('bar.drafts', { n: draftPictures.value })}</span>
      </button>
    );
  }
  const word = count === 0 ? t('bar.all-sent') : t('bar.unsent', { n: count });
  return (
    <button
      type="button"
      class={`chip ${count === 0 ? 'chip-done' : 'chip-waiting'}`}
      onClick={() => go({ at: 'outbox' })}
    >
      <StateShape tone={count === 0 ? 'done' : 'moving'} />
      <span>{word}</span>
    </button>
  );
}

interface ScreenProps {
  readonly title: string;
  /** Names the recording that reads the screen out, once there is one. */
  readonly name: string;
  readonly isStart?: boolean;
  readonly children: ComponentChildren;
}

/** One task: a bar with the way back, a title, and what belongs to it. */
export function Screen({ title, name, isStart = false, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The server puts the band into the page of a demo; the window's name says it too.
    const demo = document.querySelector('.demo-band') === null ? '' : 'DEMO – ';
    document.title = `${demo}${title} – Minh chứng`;
    // A screen reader starts reading here, and the page starts at its top.
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [title, name]);
  return (
    <>
      <header class="bar">
        {isStart ? (
          <span class="brand">{t('app.name')}</span>
        ) : (
          <button type="button" class="back" onClick={back}>
            {t('bar.back')}
          </button>
        )}
        {session.value !== null && <OutboxChip />}
      </header>
      <main class={`screen screen-${name}`}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <Listen name={name} />
        {children}
      </main>
    </>
  );
}

interface ButtonProps {
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
}

/** The one thing to do here. */
export function MainButton({ onClick, children, disabled = false, type = 'button' }: ButtonProps) {
  return (
    <button type={type} class="button button-main" disabled={disabled} {...(onClick && { onClick })}>
      {children}
    </button>
  );
}

export function SideButton({ onClick, children, disabled = false, type = 'button' }: ButtonProps) {
  return (
    <button type={type} class="button" disabled={disabled} {...(onClick && { onClick })}>
      {children}
    </button>
  );
}

/** A plain sentence that matters, with its shape. */
export function Notice({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <div class={`notice notice-${tone}`}>
      <StateShape tone={tone} />
      <div>{children}</div>
    </div>
  );
}
