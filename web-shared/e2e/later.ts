// A server that lives later: its own clock stands days ahead, as after a long winter without a network.
// Refuses to touch the product: the system's clock is put forward under the program, by the loader.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCE = `
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *at) {
  int failed = (int)syscall(SYS_clock_gettime, id, at);
  const char *ahead = getenv("SECONDS_AHEAD");
  if (!failed && id == CLOCK_REALTIME && ahead) at->tv_sec += atol(ahead);
  return failed;
}
`;

let library: string | null = null;

/** The environment of a program whose clock stands `days` ahead. Needs the C compiler that cargo needs too. */
export function later(days: number): Readonly<Record<string, string>> {
  if (library === null) {
    const folder = mkdtempSync(join(tmpdir(), 'minhchung-later-'));
    const source = join(folder, 'later.c');
    writeFileSync(source, SOURCE);
    library = join(folder, 'later.so');
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, source]);
  }
  return { LD_PRELOAD: library, SECONDS_AHEAD: String(days * 86_400) };
}
