// A server of another version, or one that lies, between the phone and the real one.
// Refuses to make anything up by itself: `change` gets every answer of text and says what the phone hears.

import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export async function other(
  upstream: string,
  change: (request: IncomingMessage, text: string) => string,
): Promise<{ server: Server; url: string }> {
  const [host, port] = upstream.split(':');
  const server = createServer((asked, answer) => {
    const headers = { ...asked.headers, 'accept-encoding': 'identity' };
    const onward = request({ host, port, method: asked.method, path: asked.url, headers }, (given) => {
      const parts: Buffer[] = [];
      given.on('data', (part: Buffer) => parts.push(part));
      given.on('end', () => {
        const whole = Buffer.concat(parts);
        const text = /json|javascript/.test(given.headers['content-type'] ?? '') && asked.method !== 'HEAD';
        const body = text ? Buffer.from(change(asked, whole.toString())) : whole;
        const changing = new Set(['content-length', 'transfer-encoding', 'etag']);
        const rest = Object.fromEntries(
          Object.entries(given.headers).filter(([name]) => !changing.has(name)),
        );
        answer.writeHead(
          given.statusCode ?? 500,
          asked.method === 'HEAD' ? given.headers : { ...rest, 'content-length': body.length },
        );
        answer.end(body);
      });
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
