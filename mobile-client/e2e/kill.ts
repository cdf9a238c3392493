// Kills a browser as an old phone does: at once, all its processes.
// Refuses to touch any process that does not name this test's own profile directory.

import { readdirSync, readFileSync } from 'node:fs';

export async function killBrowser(profile: string): Promise<void> {
  for (const pid of processesOf(profile)) process.kill(pid, 'SIGKILL');
  const deadline = Date.now() + 10_000;
  while (processesOf(profile).length > 0) {
    if (Date.now() > deadline) throw new Error('the browser does not end');
    await new Promise((soon) => setImmediate(soon));
  }
}

function processesOf(profile: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`--user-data-dir=${profile}\0`);
      } catch {
        return false; // It ended meanwhile.
      }
    })
    .map(Number);
}
