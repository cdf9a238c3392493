// The real server for browser tests: the built program on a free port, over a data directory of its own.
// Refuses to wait for ever: a server that does not come up within the deadline fails with what it printed.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { TestPeople } from './people.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const START_DEADLINE_MS = 30_000;
export const PASSWORD = 'mot-mat-khau-that-dai';

/** Where `cargo build` leaves the program; `MINHCHUNG_BINARY` names another. */
export function binary(): string {
  const path =
    process.env['MINHCHUNG_BINARY'] ??
    join(process.env['CARGO_TARGET_DIR'] ?? join(ROOT, 'target'), 'debug/minhchung');
  if (!existsSync(path))
    throw new Error(`${path} is not there: run ./scripts/build-clients and cargo build first`);
  return path;
}

export interface ServerOptions {
  /** `demo` serves an empty demo, which nobody but the API's own demo accounts could enter. */
  readonly purpose?: 'live' | 'demo';
  readonly flags?: readonly string[];
  /** Accounts beside the administrator and the verifier, named after their role, made by the operator. */
  readonly roles?: readonly 'tip_officer'[];
  /** Environment of the server, such as `MINHCHUNG_DEMO`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A running server with an administrator and a verifier in it. */
export class TestServer {
  private child: ChildProcess | null = null;
  /** What it wrote to its log since it was started first. */
  log = '';
  private constructor(
    readonly dataDir: string,
    private readonly options: ServerOptions,
    /** `127.0.0.1:port`, the same over restarts. */
    public address: string,
  ) {}

  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const dataDir = mkdtempSync(join(tmpdir(), 'minhchung-e2e-'));
    const isDemo = options.purpose === 'demo';
    for (const role of isDemo ? [] : ['admin', 'verifier', ...(options.roles ?? [])]) {
      const flags = [
        'user',
        'add',
        '--data-dir',
        dataDir,
        '--username',
        role,
        '--role',
        role,
        '--name',
        `Thử ${role}`,
      ];
      execFileSync(binary(), flags, { input: PASSWORD, stdio: ['pipe', 'pipe', 'pipe'] });
    }
    const server = new TestServer(dataDir, options, '127.0.0.1:0');
    await server.up();
    return server;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** The people of the test, as the API knows them. */
  people(): Promise<TestPeople> {
    return TestPeople.of(this.url);
  }

  /**
   * Starts it (again), on the same address; `environment` is for this time alone. While it was down its port was
   * anybody's, so one that is taken for a moment is asked for again.
   */
  async up(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    for (let left = 20; ; left -= 1) {
      try {
        await this.launch(environment);
        return;
      } catch (error) {
        if (left === 0 || !String(error).includes('Address already in use')) throw error;
        await setTimeout(500);
      }
    }
  }

  private async launch(environment: Readonly<Record<string, string>>): Promise<void> {
    const flags = [
      'serve',
      '--data-dir',
      this.dataDir,
      '--listen',
      this.address,
      ...(this.options.purpose === 'demo' ? ['--demo'] : []),
      ...(this.options.flags ?? []),
    ];
    const child = spawn(binary(), flags, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, RUST_LOG: 'warn', ...this.options.environment, ...environment },
    });
    this.child = child;
    this.address = await new Promise<string>((found, failed) => {
      let printed = '';
      const deadline = globalThis.setTimeout(
        () => failed(new Error(`the server did not start:\n${printed}`)),
        START_DEADLINE_MS,
      );
      child.stderr.on('data', (bytes: Buffer) => {
        printed += bytes.toString();
        this.log += bytes.toString();
        const address = /listening on http:\/\/(\S+)\n/.exec(printed)?.[1];
        if (address === undefined) return;
        clearTimeout(deadline);
        found(address);
      });
      child.on('exit', (code) => failed(new Error(`the server ended with ${String(code)}:\n${printed}`)));
    });
  }

  /** Ends it: politely, or as a power cut would. */
  async down(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.child;
    this.child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  /** Ends it, whatever it is at, and removes what it wrote. */
  async end(): Promise<void> {
    await this.down('SIGKILL');
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
