// The citizen's page: what stood in it for browsers without script gives way to the page that seals.
// Refuses to start where the browser has no cryptography; then the telephone numbers stay and a sentence says why.

import '@minhchung/web-shared/tokens.css';
import './tip.css';
import { render } from 'preact';
import { App } from './App.tsx';
import { leaveQuickly, watchLeaving } from './leaving.ts';
import { t } from './text/dictionary.ts';

const root = document.getElementById('app');

/** False on plain http, except on the machine itself. */
function canSeal(): boolean {
  return window.isSecureContext && typeof WebAssembly === 'object';
}

if (root !== null) {
  document.documentElement.classList.add('script');
  const draw = () => {
    if (canSeal()) {
      root.replaceChildren();
      render(<App leave={() => leaveQuickly(root)} />, root);
    } else {
      const words = document.createElement('p');
      words.textContent = t('insecure');
      root.prepend(words);
    }
  };
  watchLeaving(root, draw);
  draw();
}
