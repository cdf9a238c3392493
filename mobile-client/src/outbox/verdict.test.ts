// The class of an answer decides.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NoAnswer, Problem, problemOf } from '@minhchung/web-shared/api/problem.ts';
import { expect, test } from '@playwright/test';
import { verdictOn } from './verdict.ts';

const problem = (status: number, code: string, wait: number | null = null) =>
  new Problem(status, code, 'Tiêu đề', 'Chi tiết', [], '', wait);

test('every code of the catalogue moves an item as its status says', () => {
  const catalogue = readFileSync(join(import.meta.dirname, '../../../api-spec/problems.md'), 'utf8');
  const rows = [...catalogue.matchAll(/^\| `([a-z0-9-]+)` \| (\d{3}) \|/gm)].map(
    (row) => [row[1] ?? '', Number(row[2])] as const,
  );
  expect(rows.length).toBeGreaterThan(40);
  const brokenOnTheWay = ['body-incomplete', 'checksum-mismatch', 'upload-offset', 'upload-gone'];
  for (const [code, status] of rows) {
    const waits = status >= 500 || [408, 423, 429].includes(status) || brokenOnTheWay.includes(code);
    const wanted = status === 401 ? 'sign-in' : waits ? 'wait' : 'refused';
    expect(verdictOn(problem(status, code))?.is, `${status} ${code}`).toBe(wanted);
  }
});

test('silence waits, and the wait that a server asked for is kept', () => {
  expect(verdictOn(new NoAnswer('cut'))).toEqual({ is: 'wait', retryAfterS: null });
  expect(verdictOn(problem(503, 'overloaded', 7))).toEqual({ is: 'wait', retryAfterS: 7 });
});

test('a fault of our own is no verdict on the evidence', () => {
  expect(verdictOn(new TypeError('x'))).toBeNull();
});

test('a page of a hotspot or a proxy is no answer of our server, whatever its status', async () => {
  for (const [status, kind] of [
    [403, 'text/html'],
    [404, 'text/html'],
    [413, 'text/html'],
    [511, 'text/html'],
    [400, 'application/json'],
  ] as const) {
    const found = await problemOf(new Response('<html>', { status, headers: { 'content-type': kind } }));
    expect(found, `${status} ${kind}`).toBeInstanceOf(NoAnswer);
  }
  const cut = await problemOf(
    new Response('{"code":', { status: 422, headers: { 'content-type': 'application/problem+json' } }),
  );
  expect(cut).toBeInstanceOf(NoAnswer);
});

test('the server’s own words are read, with the wait and the fields', async () => {
  const body = {
    code: 'validation-failed',
    status: 422,
    title: 'T',
    detail: null,
    fields: [{ pointer: '/a', code: 'b' }],
    more: 1,
  };
  const headers = { 'content-type': 'application/problem+json', 'retry-after': '3' };
  const found = await problemOf(new Response(JSON.stringify(body), { status: 422, headers }));
  expect(found).toMatchObject({ status: 422, code: 'validation-failed', sentence: 'T', retryAfterS: 3 });
});
