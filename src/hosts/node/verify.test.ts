import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordVerification } from '../../core/compose/record-verification.ts';
import type { RecordedRequest, VerifySpec } from '../../core/compose/verification.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { workshop } from '../contract/workshop.ts';
import { runVirtual } from '../virtual/run-virtual.ts';
import { LocalSystem } from './local-system.ts';
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
  return verifyAt({ entries: { gateway: { host: '127.0.0.1', port } }, nodes: {} }, requests);
}

async function verifyAt(
  where: Pick<VerifySpec, 'entries' | 'nodes'>,
  requests: RecordedRequest[],
): Promise<{ code: number; said: string[] }> {
  const spec: VerifySpec = { v: 1, recording: { v: 1, requests, rows: {} }, sources: [], stores: {}, ...where };
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

describe('what a client asked over gRPC', () => {
  /** The workshop with one shelf. */
  function stocked(): Document {
    const document = workshop();
    const store = document.nodes['depot-db'];
    if (store?.kind === 'database') store.config.rows = { shelves: [{ id: 'i-1', key: 'item.made' }] };
    return document;
  }
  /** What the tab says to the calls of the client; their traces are compared on an engine. */
  let recorded: RecordedRequest[] = [];
  beforeAll(() => {
    recorded = (recordVerification(stocked(), 24, runVirtual)?.requests ?? [])
      .filter((one) => one.rpc !== undefined)
      .map((one) => ({ ...one, trace: { traceId: one.traceId, services: {} } }));
  });

  /** Asks again a system that runs this document on real sockets. */
  async function replayed(document: Document, requests: RecordedRequest[]): Promise<{ code: number; said: string[] }> {
    const topology = compileTopology(document);
    const system = new LocalSystem(topology, document.seed, actorFactories);
    await system.start();
    const nodes = structuredClone(topology.nodes);
    const { depot } = nodes;
    if (depot?.kind === 'service' && depot.config.grpc) depot.config.grpc.port = system.grpcPortOf('depot');
    const said = await verifyAt({ entries: { depot: { host: '127.0.0.1', port: 0 } }, nodes }, requests);
    await system.stop();
    return said;
  }

  test('RP1 RP2 is asked again: statuses, messages and streams are those of the tab', async () => {
    const kinds = recorded.map(({ request, reply }) => `${request.path.split('/')[2]} ${reply.status}`);
    expect([...new Set(kinds)].sort()).toEqual(['CountShelves 0', 'GetShelf 0', 'GetShelf 5', 'KeepMood 0']);
    expect(recorded.find(({ reply }) => reply.body?.includes('"1"'))?.reply.body).toContain('[{"id":"0"');
    const { code, said } = await replayed(stocked(), recorded);
    expect(said).toEqual([...recorded.map(({ id }) => `ok   ${id}`), `${recorded.length} passed, 0 failed`]);
    expect(code).toBe(0);
  });

  test('planted drifts are caught, and nothing else: a field of a message, a status, a message of a stream more', async () => {
    const document = stocked();
    plant(document, 'get-shelf', '"wide":2', '"wide":3');
    plant(document, 'get-shelf', 'orFail":"not_found', 'orFail":"already_exists');
    plant(document, 'count-shelves', 'range(request.body.count)', 'range(request.body.count + 1)');
    const { code, said } = await replayed(document, recorded);
    const isMet = ({ request }: RecordedRequest): boolean => !request.path.endsWith('KeepMood');
    expect(said.filter((line) => line.startsWith('FAIL'))).toEqual(
      recorded.filter(isMet).map(({ id }) => `FAIL ${id}`),
    );
    const met = (words: string): boolean => said.some((line) => line.includes(words));
    expect([met('\\"wide\\":3'), met('gRPC status 6, expected 5')]).toEqual([true, true]);
    expect(code).toBe(1);
  });

  test('nobody there is said in words', async () => {
    const [one] = recorded;
    const { nodes } = compileTopology(stocked());
    const { depot } = nodes;
    if (depot?.kind === 'service' && depot.config.grpc) depot.config.grpc.port = 1;
    const { said } = await verifyAt({ entries: { depot: { host: '127.0.0.1', port: 0 } }, nodes }, one ? [one] : []);
    expect(said[1]).toBe('       no reply: connection_refused');
  });
});

/** Changes one thing that a method of the depot does. */
function plant(document: Document, method: string, from: string, to: string): void {
  const { depot } = document.nodes;
  if (depot?.kind !== 'service' || depot.config.grpc === undefined) throw new Error('no depot');
  const { grpc } = depot.config;
  depot.config.grpc = {
    ...grpc,
    methods: grpc.methods.map((one) => {
      if (one.id !== method) return one;
      const before = JSON.stringify(one);
      const after = before.replace(from, to);
      expect(after).not.toBe(before);
      return JSON.parse(after) as typeof one;
    }),
  };
}
