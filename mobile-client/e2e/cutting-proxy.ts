// A network as in the mountains, between the phone and the server: cuts, lost answers, delays, 502 and 503.
// Refuses to be random twice: the same seed makes the same trouble in the same order of connections.

import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Trouble {
  /** Bytes from the phone after which a connection is cut, on average; 0 for never. */
  readonly cutEvery: number;
  /** Share of answers that are lost after the server gave them. */
  readonly loseAnswers: number;
  /** Share of requests that somebody on the way answers instead. */
  readonly answerBusy: number;
  /** Milliseconds that a request is held up at most. */
  readonly delayMs: number;
}

export const CALM: Trouble = { cutEvery: 0, loseAnswers: 0, answerBusy: 0, delayMs: 0 };

const BUSY = [
  'HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 3\r\nconnection: close\r\n\r\n502',
  'HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
];

export class CuttingProxy {
  /** Bytes that the phone sent, whatever became of them. */
  bytesFromPhone = 0;
  cuts = 0;
  lost = 0;
  busy = 0;
  private trouble = CALM;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly upstream: string,
    private chance: () => number,
  ) {}

  static async before(upstream: string, seed: number): Promise<CuttingProxy> {
    const server = createServer();
    const proxy = new CuttingProxy(server, upstream, chances(seed));
    server.on('connection', (socket) => proxy.connected(socket));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  make(trouble: Partial<Trouble>): void {
    this.trouble = { ...CALM, ...trouble };
  }

  async end(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private connected(phone: Socket): void {
    const [host, port] = this.upstream.split(':');
    const server = connect(Number(port), host);
    const close = (): void => {
      phone.destroy();
      server.destroy();
      this.sockets.delete(phone);
    };
    this.sockets.add(phone);
    for (const socket of [phone, server]) {
      socket.on('error', close);
      socket.on('close', close);
    }
    // Drawn anew for each connection, so that cuts fall anywhere: in a head, in a piece, between two requests.
    let left = 0;
    phone.on('data', (bytes) => {
      this.bytesFromPhone += bytes.length;
      const { delayMs, answerBusy, cutEvery } = this.trouble;
      if (cutEvery === 0) left = 0;
      const isHead = /^(?:GET|PUT|POST|PATCH|HEAD|DELETE) /.test(bytes.subarray(0, 8).toString('latin1'));
      if (isHead && this.chance() < answerBusy) {
        this.busy += 1;
        phone.end(BUSY[this.busy % BUSY.length] ?? '');
        server.destroy();
        return;
      }
      if (left === 0) left = cutEvery * (0.2 + 1.6 * this.chance());
      left -= bytes.length;
      if (cutEvery > 0 && left <= 0) {
        this.cuts += 1;
        // What was before the cut still gets through.
        server.write(bytes.subarray(0, Math.max(0, bytes.length + left)));
        server.end();
        phone.destroy();
        return;
      }
      phone.pause();
      setTimeout(() => {
        if (!server.destroyed) server.write(bytes, () => phone.resume());
      }, delayMs * this.chance());
    });
    server.on('data', (bytes) => {
      if (this.chance() < this.trouble.loseAnswers) {
        this.lost += 1;
        close();
        return;
      }
      phone.write(bytes);
    });
  }
}

/** Numbers in [0, 1) that follow from the seed alone (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
