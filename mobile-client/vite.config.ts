// How the phone's app is built. Refuses browsers newer than Chrome 100: the last one on many Android 8 and 9 phones is 138.

import { compressed } from '@minhchung/web-shared/build/compressed';
import { defineConfig } from 'vite';
import { fileList } from './build/file-list.js';
import { serviceWorker } from './build/service-worker.js';

export default defineConfig({
  build: {
    target: 'chrome100',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { app: 'index.html' },
    },
  },
  worker: { format: 'es' },
  plugins: [serviceWorker(), fileList(), compressed()],
});
