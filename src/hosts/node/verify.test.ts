import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecordedRequest, VerifySpec } from '../../core/compose/verification.ts';
import { runVerify } from './verify.ts';

/** Answers by path: how often it refuses first, and what it asks to wait. */
const REFUSALS: Record<string, { times: number; retryAfter: string }> = {
  '/busy': { times: 1, retryAfter: '1' },
  '/full': { times: Infinity, retryAfter: '3600' },
  '/bare': { times: Infinity, retryAfter: 'soon' },
};
let server: Server;
let folder = '';
const asked: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'servarium-verify-'));
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const { times = 0, retryAfter = '' } = REFUSALS[path] ?? {};
    const refused = asked.filter((one) => one === path).length <= times;
    response.writeHead(refused ? 429 : 200, refused ? { 'retry-after': retryAfter } : {}).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const recorded = (path: string, status: number): RecordedRequest => ({
  id: `${status} ${path}`,
  entry: 'gateway',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  request: { method: 'GET', path, headers: {}, body: null },
  reply: { status, body: null },
  trace: { traceId: '0af7651916cd43dd8448eb211c80319c', services: {} },
});

async function verify(...requests: RecordedRequest[]): Promise<{ code: number; said: string[] }> {
  const { port } = server.address() as AddressInfo;
  const spec: VerifySpec = {
    v: 1,
    recording: { v: 1, requests, rows: {} },
    entries: { gateway: { host: '127.0.0.1', port } },
    sources: [],
    stores: {},
    nodes: {},
  };
  writeFileSync(join(folder, 'verify.json'), JSON.stringify(spec));
  const said: string[] = [];
  asked.length = 0;
  const code = await runVerify(join(folder, 'verify.json'), (text) => said.push(text));
  return { code, said };
}

test('GW5 a budget that the tab had time to fill is waited for, and nothing but it', async () => {
  const { code, said } = await verify(recorded('/', 200), recorded('/busy', 200), recorded('/full', 429));
  expect(said).toEqual([
    '       200 /busy waited 1 s for a budget',
    'ok   200 /',
    'ok   200 /busy',
    'ok   429 /full',
    '3 passed, 0 failed',
  ]);
  expect([code, asked]).toEqual([0, ['/', '/busy', '/busy', '/full']]);
});

test('GW5 a budget that is tighter than in the tab is a difference', async () => {
  const { code, said } = await verify(recorded('/full', 200), recorded('/bare', 200));
  expect([code, asked]).toEqual([1, ['/full', '/bare']]);
  expect(said.filter((line) => line.includes('status'))).toEqual([
    '       status 429, expected 200',
    '       status 429, expected 200',
  ]);
  expect(said.at(-1)).toBe('0 passed, 2 failed');
});
