// The start: what is stored is read first, so that the first screen is right; the network comes after.
// Refuses to show an empty list where there is one.

import '@minhchung/web-shared/tokens.css';
import './ui/phone.css';
import { render } from 'preact';
import { App } from './app/App.tsx';
import { startLock } from './app/lock.ts';
import { startRouter } from './app/router.ts';
import { readEverything } from './app/state.ts';
import { startSync } from './app/sync.ts';
import { startUpdates } from './app/update.ts';

const root = document.getElementById('app');

async function start(): Promise<void> {
  startRouter();
  await readEverything();
  startLock();
  if (root !== null) render(<App />, root);
  startSync();
  await startUpdates();
}

start().catch((error: unknown) => {
  // Without a store there is no outbox, and without an outbox nothing may be taken: private windows, mostly.
  console.error(error);
  if (root !== null && root.childElementCount === 0) {
    root.textContent =
      'Trình duyệt này không cho lưu ảnh. Hãy mở bằng Chrome, không dùng chế độ ẩn danh. · This browser does not let the app keep pictures: open it in Chrome, not in a private window.';
  }
});
