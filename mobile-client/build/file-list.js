// Puts into the service worker the explicit list of what it keeps, and a version that changes when any of it does.
// Refuses to guess at run time: a file that the build did not make is not kept.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { files } from '../../web-shared/build/compressed.js';

const LEFT_OUT = /(?:^service-worker\.js|\.br|\.gz|\.gitkeep)$/;

/** @returns {import('vite').Plugin} */
export function fileList() {
  let folder = '';
  return {
    name: 'file-list',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      const kept = files(folder)
        .map((path) => relative(folder, path))
        .filter((path) => !LEFT_OUT.test(path))
        .sort();
      const hash = createHash('sha256');
      for (const path of kept) hash.update(path).update(readFileSync(join(folder, path)));
      const list = kept.map((path) => (path === 'index.html' ? '/' : `/${path}`));
      const worker = join(folder, 'service-worker.js');
      const code = readFileSync(worker, 'utf8')
        .replace(/(["'`])__VERSION__\1/, JSON.stringify(hash.digest('hex').slice(0, 12)))
        .replace(/(["'`])__FILES__\1/, JSON.stringify(list));
      if (code.includes('__FILES__') || code.includes('__VERSION__'))
        throw new Error('the service worker kept a placeholder');
      writeFileSync(worker, code);
    },
  };
}
