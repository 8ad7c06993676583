import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { instanceId } from '../../core/fabric/message.ts';
import type { Peer } from '../../core/fabric/protocol.ts';
import { serviceActor } from '../../core/kinds/service/actor.ts';
import type { ConfigOf, ExecutableNode } from '../../core/topology/schema/types.ts';
import { Container } from './container.ts';
import { containerInit } from './container-init.ts';

/** The W3C's own validation service for Trace Context, read from `$SERVARIUM_CORPUS/trace-context` (a checkout of w3c/trace-context); its Python needs aiohttp (`PYTHON` names another interpreter). */
const CORPUS = process.env['SERVARIUM_CORPUS'];
const HARNESS = CORPUS === undefined ? '' : join(CORPUS, 'trace-context', 'test');
const PYTHON = process.env['PYTHON'] ?? 'python3';

function whyNot(): string | null {
  if (CORPUS === undefined) return 'SERVARIUM_CORPUS is not set';
  if (!existsSync(join(HARNESS, 'test.py'))) return `no ${join(HARNESS, 'test.py')}`;
  return spawnSync(PYTHON, ['-c', 'import aiohttp']).status === 0 ? null : `${PYTHON} has no aiohttp`;
}
const reason = whyNot();
if (reason !== null) console.log(`SKIP corpus: W3C trace-context harness: ${reason}`);

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const config = (endpoint: ConfigOf<'service'>['endpoints'][number], port: number): ConfigOf<'service'> => ({
  version: 'v1',
  port,
  replicas: 1,
  serviceTime: { kind: 'constant', ms: 0 },
  startupMs: 0,
  restartDelayMs: null,
  prefetch: 0,
  values: {},
  endpoints: [endpoint],
  subscriptions: [],
});

/** A drawn service that posts each item's `arguments` to the harness, as the harness asks. */
const SERVICE = config(
  {
    id: 'test',
    method: 'POST',
    path: '/test',
    steps: [
      {
        id: 'each',
        do: 'each',
        in: '${ request.body }',
        item: 'item',
        steps: [
          {
            id: 'call',
            do: 'call',
            to: 'harness',
            endpoint: 'callback',
            input: { params: { id: '${ item.url.split("/")[3] }' }, body: '${ item.arguments }' },
            timeoutMs: 2000,
          },
        ],
      },
      { id: 'answer', do: 'respond', status: 200, body: [] },
    ],
  },
  8000,
);
const CALLBACK = config({ id: 'callback', method: 'POST', path: '/{id}', steps: [] }, 7777);

async function startService(harnessPort: number): Promise<{ container: Container; port: number }> {
  const record: ExecutableNode<'service'> = { kind: 'service', name: 'traced', config: SERVICE };
  const harness: Peer = {
    link: 'to-harness',
    kind: 'http',
    direction: 'out',
    node: 'harness',
    record: { kind: 'service', name: 'harness', config: CALLBACK },
    instances: [{ instance: instanceId('harness', 0), address: `127.0.0.1:${harnessPort}` }],
    registries: [],
  };
  const port = await freePort();
  const spec = { v: 1 as const, node: 'traced', seed: 1, record, peers: [harness], connections: {} };
  const container = new Container({
    init: containerInit(spec, { unique: '0', address: `127.0.0.1:${port}`, faults: [] }),
    factory: serviceActor,
    carriers: () => new Map(),
    onEvent: () => undefined,
    onCrash: (error) => {
      throw error;
    },
  });
  await container.start(port);
  return { container, port };
}

test.skipIf(reason !== null).each([
  { level: '1', skipped: 1 },
  { level: '2', skipped: 0 },
])(
  'OB1 the W3C harness passes all its 41 tests against the node host, level $level',
  async ({ level, skipped }) => {
    const harnessPort = await freePort();
    const { container, port } = await startService(harnessPort);
    const ran = await new Promise<{ code: number | null; text: string }>((resolve) => {
      const child = spawn(PYTHON, ['test.py', `http://127.0.0.1:${port}/test`], {
        cwd: HARNESS,
        env: { ...process.env, SPEC_LEVEL: level, HARNESS_PORT: String(harnessPort) },
      });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
      child.on('close', (code) => resolve({ code, text }));
    });
    await container.drain();
    expect(ran.text).toMatch(/^Ran 41 tests/m);
    expect(ran.text, ran.text).toMatch(skipped === 0 ? /^OK$/m : new RegExp(`^OK \\(skipped=${skipped}\\)$`, 'm'));
    expect(ran.code).toBe(0);
    console.log(`OB1: the W3C harness passes 41 of 41 at level ${level}, ${skipped} of them by skipping`);
  },
  60_000,
);
