// The keys, and the switch that turns them off. Refuses to be the only place where a button's key stands.

import { text } from '../text/text.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { shortcuts, switchShortcuts } from './shortcuts.ts';

const KEYS = [
  ['V', 'help.verify'],
  ['R', 'help.reject'],
  ['N', 'help.next'],
  ['P', 'help.previous'],
  ['Z', 'help.undo'],
  ['← →', 'help.photos'],
  ['+ − 0', 'help.zoom'],
  ['T', 'help.turn'],
  ['?', 'help.help'],
] as const;

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={text('help.title')} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{text(meaning)}</dd>
          </div>
        ))}
      </dl>
      <label class="check-field">
        <input
          type="checkbox"
          checked={shortcuts.value}
          onChange={(event) => switchShortcuts(event.currentTarget.checked)}
        />
        {text('help.switch')}
      </label>
    </Dialog>
  );
}
