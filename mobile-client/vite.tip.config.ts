// How the citizen's page is built: apart from the phone's app, so that neither loads a byte of the other.
// Refuses to share a chunk, and to be kept by the phone's service worker.

import { join } from 'node:path';
import { compressed } from '@minhchung/web-shared/build/compressed';
import { defineConfig } from 'vite';

export default defineConfig({
  root: join(import.meta.dirname, 'to-giac'),
  base: '/to-giac/',
  publicDir: false,
  build: {
    target: 'chrome100',
    outDir: '../dist-to-giac',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  plugins: [compressed()],
});
