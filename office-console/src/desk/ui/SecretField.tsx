// A field for a passphrase or a key: hidden by its look, not by its type, so that no password manager offers to keep it.
// Refuses spelling services and completion: what is typed here goes nowhere.

import { useState } from 'preact/hooks';
import { text } from '../text/text.ts';

export function SecretField({
  name,
  label,
  hint,
  value,
  onInput,
}: {
  name: string;
  label: string;
  hint?: string;
  value: string;
  onInput: (value: string) => void;
}) {
  const [isShown, setShown] = useState(false);
  return (
    <div class="field">
      <label for={`secret-${name}`}>{label}</label>
      <div class="secret-line">
        <input
          id={`secret-${name}`}
          class={isShown ? 'secret-input' : 'secret-input secret-hidden'}
          type="text"
          name={name}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          aria-describedby={hint === undefined ? undefined : `secret-${name}-hint`}
          required
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <button type="button" class="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          {text('secret.show')}
        </button>
      </div>
      {hint !== undefined && (
        <p class="hint" id={`secret-${name}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
