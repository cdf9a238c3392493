// The pieces every screen of the page is made of.
// Refuses a screen without a heading that the reader's focus moves to.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface ScreenProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** The first screen leaves the focus where the browser put it. */
  readonly isFirst?: boolean;
}

export function Screen({ title, children, isFirst = false }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isFirst) return;
    window.scrollTo(0, 0);
    heading.current?.focus();
  }, [isFirst]);
  return (
    <main class="screen">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </main>
  );
}

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  readonly kind?: 'main' | 'plain' | 'danger';
  readonly disabled?: boolean;
}

export function Button({ children, onClick, kind = 'plain', disabled = false }: ButtonProps) {
  return (
    <button type="button" class={`button button-${kind}`} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}

type NoticeTone = 'calm' | 'good' | 'bad';

export function Notice({
  tone,
  children,
}: {
  readonly tone: NoticeTone;
  readonly children: ComponentChildren;
}) {
  return (
    <div class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
