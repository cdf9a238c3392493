// A build step of both clients: writes `name.br` and `name.gz` beside every file worth it, for the server to embed.
// Refuses nothing: a file that does not get smaller just has no sibling.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const WORTH_IT = /\.(?:html|js|css|svg|json|webmanifest)$/;

/** @returns {import('vite').Plugin} */
export function compressed() {
  let folder = '';
  return {
    name: 'compressed-siblings',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const path of files(folder)) {
        if (!WORTH_IT.test(path)) continue;
        const bytes = readFileSync(path);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        keepIfSmaller(`${path}.br`, brotliCompressSync(bytes, quality), bytes);
        keepIfSmaller(`${path}.gz`, gzipSync(bytes, { level: 9 }), bytes);
      }
    },
  };
}

/** @param {string} path @param {Buffer} packed @param {Buffer} bytes */
function keepIfSmaller(path, packed, bytes) {
  if (packed.length < bytes.length) writeFileSync(path, packed);
}

/** @param {string} folder @returns {string[]} */
export function files(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}
