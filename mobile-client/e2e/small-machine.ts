// A browser in a machine of its own size: its processes are in a control group with less memory and less of a core.
// The browser's own throttling does not reach workers, and no flag of it makes memory small.
// Refuses to pretend: where groups cannot be made it says why, and the test says that it was not run.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM_FLAGS, chromiumPath } from '@minhchung/web-shared/e2e/browser';
import { type Browser, chromium } from '@playwright/test';

const ROOT = '/sys/fs/cgroup';
const PERIOD_US = 100_000;

export class SmallMachine {
  private constructor(
    private readonly groups: { readonly memory: string; readonly cpu: string; readonly time: string },
    private readonly home: string,
    readonly browser: Browser,
  ) {}

  /** The machine with a browser in it, or why there is none. */
  static async start(memoryMib: number): Promise<SmallMachine | string> {
    const name = `minhchung-${process.pid}-${Math.random().toString(36).slice(2)}`;
    // The second form of groups has one tree for everything, the first one for each kind.
    const isUnified = existsSync(join(ROOT, 'cgroup.controllers'));
    const at = (kind: string) => (isUnified ? join(ROOT, name) : join(ROOT, kind, name));
    const groups = { memory: at('memory'), cpu: at('cpu'), time: at('cpuacct') };
    try {
      for (const group of new Set(Object.values(groups))) mkdirSync(group);
      const limit = String(memoryMib * 1024 * 1024);
      writeFileSync(join(groups.memory, isUnified ? 'memory.max' : 'memory.limit_in_bytes'), limit);
      const swap = join(groups.memory, isUnified ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes');
      if (existsSync(swap)) writeFileSync(swap, isUnified ? '0' : limit);
    } catch (error) {
      for (const group of new Set(Object.values(groups))) if (existsSync(group)) rmdirSync(group);
      return `no control group can be made here: ${(error as Error).message}`;
    }
    const home = mkdtempSync(join(tmpdir(), 'minhchung-small-'));
    const start = join(home, 'chromium');
    const enter = [...new Set(Object.values(groups))].map((group) => `echo $$ > ${group}/cgroup.procs`);
    writeFileSync(start, ['#!/bin/sh', ...enter, `exec ${chromiumPath()} "$@"`, ''].join('\n'));
    chmodSync(start, 0o700);
    const browser = await chromium.launch({ executablePath: start, headless: true, args: CHROMIUM_FLAGS });
    return new SmallMachine(groups, home, browser);
  }

  /** From now on all processes together have this share of one core. */
  slowDown(share: number): void {
    const quota = Math.round(PERIOD_US * share);
    const [file, words] = existsSync(join(this.groups.cpu, 'cpu.max'))
      ? ['cpu.max', `${quota} ${PERIOD_US}`]
      : ['cpu.cfs_quota_us', String(quota)];
    writeFileSync(join(this.groups.cpu, file), words);
  }

  /** Seconds of a core that were used so far. */
  coreSeconds(): number {
    const first = join(this.groups.time, 'cpuacct.usage');
    if (existsSync(first)) return Number(readFileSync(first, 'utf8')) / 1e9;
    const found = /usage_usec (\d+)/.exec(readFileSync(join(this.groups.time, 'cpu.stat'), 'utf8'));
    return Number(found?.[1]) / 1e6;
  }

  /** The most memory that was taken at a time, MiB. */
  peakMib(): number {
    const file = existsSync(join(this.groups.memory, 'memory.peak'))
      ? 'memory.peak'
      : 'memory.max_usage_in_bytes';
    return Number(readFileSync(join(this.groups.memory, file), 'utf8')) / 1024 / 1024;
  }

  async end(): Promise<void> {
    await this.browser.close();
    for (const group of new Set(Object.values(this.groups))) await gone(group);
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** A group can be removed once its last process is. */
async function gone(group: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (readFileSync(join(group, 'cgroup.procs'), 'utf8') === '') break;
    await new Promise((later) => setTimeout(later, 100));
  }
  rmdirSync(group);
}
