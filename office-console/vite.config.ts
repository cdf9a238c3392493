// How the office console is built. Refuses inlined files: the page's policy allows this server's own files alone.

import { compressed } from '@minhchung/web-shared/build/compressed';
import { defineConfig } from 'vite';

const server = process.env['MINHCHUNG_URL'];

export default defineConfig({
  base: '/van-phong/',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // `MINHCHUNG_URL=http://127.0.0.1:8080 npx vite` works on the console against a running service.
  ...(server === undefined ? {} : { server: { proxy: { '/api': server } } }),
  plugins: [compressed()],
});
