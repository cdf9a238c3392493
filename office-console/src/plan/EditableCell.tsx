// A value that becomes a field when it is pressed: Enter saves, Escape leaves it.
// Refuses to save what was not changed.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export function EditableCell({
  label,
  value,
  shown,
  type = 'text',
  isEditable,
  onSave,
}: {
  label: string;
  value: string;
  shown: ComponentChildren;
  type?: 'text' | 'date';
  isEditable: boolean;
  onSave: (value: string) => Promise<void>;
}) {
  const [isOpen, setOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isOpen) field.current?.focus();
  }, [isOpen]);
  if (!isEditable) return <>{shown}</>;
  if (!isOpen) {
    return (
      <button type="button" class="editable" aria-label={label} onClick={() => setOpen(true)}>
        {shown}
      </button>
    );
  }
  const save = () => {
    const next = field.current?.value.trim() ?? '';
    setOpen(false);
    if (next !== '' && next !== value) void onSave(next);
  };
  return (
    <input
      ref={field}
      class="editable-field"
      {...(type === 'date' ? { type: 'date' as const } : { type: 'text' as const })}
      aria-label={label}
      defaultValue={value}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') setOpen(false);
      }}
    />
  );
}
