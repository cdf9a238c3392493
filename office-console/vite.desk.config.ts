// How the tip desk is built: a page of its own under `/ban-tin/`, which shares no file with the console's.
// Refuses inlined files, like the console, and a worker of the old kind.

import { compressed } from '@minhchung/web-shared/build/compressed';
import { defineConfig } from 'vite';

const server = process.env['MINHCHUNG_URL'];

export default defineConfig({
  root: 'src/desk',
  base: '/ban-tin/',
  publicDir: '../../public',
  build: {
    target: 'es2022',
    outDir: '../../dist-desk',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  ...(server === undefined ? {} : { server: { proxy: { '/api': server } } }),
  plugins: [compressed()],
});
