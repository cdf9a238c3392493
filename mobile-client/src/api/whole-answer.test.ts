// A line that dies in the middle of an answer is silence within the deadline, never an endless wait.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchAs, nobody } from '@minhchung/web-shared/api/client.ts';
import { NoAnswer } from '@minhchung/web-shared/api/problem.ts';
import { expect, test } from '@playwright/test';

test('an answer whose body never ends counts as no answer after the deadline', async () => {
  const server = createServer((_asked, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    answer.write('{"half":');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const ask = fetchAs({ credentials: nobody, language: () => 'vi', timeoutMs: 300, wholeAnswers: true });
  await expect(ask(new Request(`http://127.0.0.1:${port}/`))).rejects.toBeInstanceOf(NoAnswer);
  server.closeAllConnections();
  server.close();
});
