// Builds the service worker as one classic script beside the app: it has to be whole on its own.
// Refuses modules: a service worker of several files would mix versions, and not every browser loads one.

import { build } from 'vite';

/** @returns {import('vite').Plugin} */
export function serviceWorker() {
  /** @type {import('vite').ResolvedConfig | null} */
  let config = null;
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    async closeBundle() {
      if (config === null) return;
      await build({
        configFile: false,
        root: config.root,
        logLevel: 'warn',
        build: {
          target: config.build.target,
          outDir: config.build.outDir,
          emptyOutDir: false,
          copyPublicDir: false,
          rolldownOptions: {
            input: 'src/worker/service-worker.ts',
            output: { format: 'iife', entryFileNames: 'service-worker.js' },
          },
        },
      });
    },
  };
}
