import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  playRegistry,
  REGISTRY_SCRIPTS,
  type OracleEngine,
  type RegistryDriver,
  type Seen,
  ZOOKEEPER_TICK_MS,
} from '../../../src/core/kinds/registry/oracle.suite.ts';
import { AskingInbox } from '../../../src/hosts/node/asking-inbox.ts';
import type { Carrier } from '../../../src/hosts/node/carrier.ts';
import { consulCarrier } from '../../../src/hosts/node/carriers/consul.ts';
import { etcdCarrier } from '../../../src/hosts/node/carriers/etcd.ts';
import { zookeeperCarrier } from '../../../src/hosts/node/carriers/zookeeper.ts';
import { openSession } from '../../../src/hosts/node/carriers/zookeeper-wire.ts';
import { Stack, whyNoEngine } from '../stack.ts';
import { consulDriver, etcdDriver, zookeeperDriver } from './registry-drivers.ts';

const IMAGES = ['hashicorp/consul:1.22', 'quay.io/coreos/etcd:v3.6.14', 'zookeeper:3.9'];
const reason = whyNoEngine(IMAGES);
if (reason !== null) console.log(`SKIP engine: ${reason}`);

const GOLDEN = fileURLToPath(new URL('../../../src/core/kinds/registry/__golden__/', import.meta.url));
/** What really runs behind the tags, and the file of what it showed. `UPDATE=1` records anew. */
const ENGINES: Record<OracleEngine, { port: number; file: string }> = {
  consul: { port: 18_500, file: 'consul-1.8.7.json' },
  etcd: { port: 12_379, file: 'etcd-3.5.16.json' },
  zookeeper: { port: 12_181, file: 'zookeeper-3.9.3.json' },
};
const COMPOSE = `services:
  consul:
    image: ${IMAGES[0]}
    command: ["agent", "-dev", "-client=0.0.0.0"]
    ports: ["127.0.0.1:18500:8500"]
  etcd:
    image: ${IMAGES[1]}
    command: ["etcd", "--listen-client-urls=http://0.0.0.0:2379", "--advertise-client-urls=http://etcd:2379"]
    ports: ["127.0.0.1:12379:2379"]
  zookeeper:
    image: ${IMAGES[2]}
    environment: { ZOO_TICK_TIME: "${ZOOKEEPER_TICK_MS}", ZOO_MAX_CLIENT_CNXNS: "200" }
    ports: ["127.0.0.1:12181:2181"]
`;

const driverOf = (engine: OracleEngine, scope: string): RegistryDriver | Promise<RegistryDriver> => {
  const { port } = ENGINES[engine];
  if (engine === 'consul') return consulDriver(port, scope);
  return engine === 'etcd' ? etcdDriver(port, scope) : zookeeperDriver(port, scope);
};

async function ready(): Promise<void> {
  const until = Date.now() + 60_000;
  const isUp = async (): Promise<boolean> => {
    const soon = (): RequestInit => ({ signal: AbortSignal.timeout(2_000) });
    const leader = await (await fetch(`http://127.0.0.1:${ENGINES.consul.port}/v1/status/leader`, soon())).text();
    await fetch(`http://127.0.0.1:${ENGINES.etcd.port}/health`, soon());
    const session = await openSession({ host: '127.0.0.1', port: ENGINES.zookeeper.port }, { timeoutMs: 2_000 });
    await session.close();
    return leader.length > 4;
  };
  for (;;) {
    if (await isUp().catch(() => false)) return;
    if (Date.now() > until) throw new Error('the registries did not come up within 60 s');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe.skipIf(reason !== null)('registries against the real servers', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = new Stack(new Map([['compose.yaml', COMPOSE]]));
    const up = stack.compose('up', '-d');
    if (up.status !== 0) throw new Error(up.stderr);
    await ready();
  });
  afterAll(() => stack.remove());

  test.concurrent.each(Object.keys(ENGINES) as OracleEngine[])('%s shows what is recorded', async (engine) => {
    const shown: Record<string, Seen[]> = {};
    // All at once: a script mostly waits.
    await Promise.all(
      REGISTRY_SCRIPTS[engine].map(async (script, n) => {
        shown[script.name] = await playRegistry(script, await driverOf(engine, `oracle${n}`));
      }),
    );
    const file = `${GOLDEN}${ENGINES[engine].file}`;
    const sorted = Object.fromEntries(REGISTRY_SCRIPTS[engine].map(({ name }) => [name, shown[name]]));
    if (process.env['UPDATE'] === '1') {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
    }
    expect(sorted).toEqual(JSON.parse(readFileSync(file, 'utf8')));
  });

  test('SR3: the adapter of Consul waits for changes by its own blocking queries', async () => {
    const inbox = new AskingInbox();
    const carrierOf = (instance: string): Carrier =>
      consulCarrier(inbox, { host: '127.0.0.1', port: ENGINES.consul.port, instance, onAddress: () => undefined });
    const service = 'adapter-consul';
    const [one, two] = [carrierOf('user#1'), carrierOf('user#2')];
    const find = { kind: 'registry.discover', service, waitMs: 30_000 } as const;
    const indexOf = (answer: unknown): number => (answer as { index: number }).index;
    const register = { kind: 'registry.register', service, address: '127.0.0.1:1', ttlMs: 3_000 } as const;
    await inbox.ask(two, register);
    const first = await inbox.ask(one, { ...find, index: 0 });
    expect(first).toMatchObject({ addresses: [{ instance: 'user#2' }] });
    const from = performance.now();
    const waiting = inbox.ask(one, { ...find, index: indexOf(first) });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await inbox.ask(two, { kind: 'registry.deregister', service });
    const told = await waiting;
    expect(told).toMatchObject({ addresses: [] });
    expect(indexOf(told)).toBeGreaterThan(indexOf(first));
    const waitedMs = performance.now() - from;
    expect(waitedMs).toBeGreaterThan(650);
    expect(waitedMs).toBeLessThan(10_000);
    // One that is open when the container ends is given up.
    // An answer is no promise of a change (the check of the service goes a moment after it): asked until one stays open.
    const quiet = (): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), 500));
    let open = inbox.ask(one, { ...find, index: indexOf(told) });
    for (let early = await Promise.race([open, quiet()]); early !== null; early = await Promise.race([open, quiet()]))
      open = inbox.ask(one, { ...find, index: indexOf(early) });
    await Promise.all([one.close(), two.close()]);
    expect(await open).toBe('connection_reset');
  });

  /** What the exported containers speak: register, be found, be watched, be forgotten. */
  test.concurrent.for(['etcd', 'zookeeper'] as const)('the adapter of %s', async (engine, { expect }) => {
    const inbox = new AskingInbox();
    const carrierOf = (instance: string): Carrier => {
      const { port } = ENGINES[engine];
      const options = { host: '127.0.0.1', port, instance, registry: 'registry#0', onAddress: () => undefined };
      const timing = { timeoutMs: 3_000, heartbeatMs: 1_000 };
      return engine === 'etcd' ? etcdCarrier(inbox, options) : zookeeperCarrier(inbox, { ...options, ...timing });
    };
    const service = `adapter-${engine}`;
    const [one, two] = [carrierOf('user#1'), carrierOf('user#2')];
    const beat = { kind: 'registry.heartbeat', service } as const;
    const find = { kind: 'registry.discover', service, watch: true } as const;
    const register = { kind: 'registry.register', service, ttlMs: 3_000 } as const;
    expect(await inbox.ask(one, beat)).toEqual({ kind: 'registry.unknown', service });
    expect(await inbox.ask(one, find)).toMatchObject({ addresses: [] });
    await inbox.ask(two, { ...register, address: '10.0.0.2:80' });
    expect(await inbox.ask(two, beat)).toEqual({ kind: 'registry.ok' });
    await expect.poll(() => inbox.unasked.length, { timeout: 5_000 }).toBe(1);
    const [notice] = inbox.unasked;
    const told = engine === 'etcd' ? [{ instance: 'user#2', address: '10.0.0.2:80' }] : null;
    expect(notice).toMatchObject({ kind: 'registry.notice', service, addresses: told });
    expect(await inbox.ask(one, find)).toMatchObject({ addresses: [{ instance: 'user#2', address: '10.0.0.2:80' }] });
    await inbox.ask(two, { kind: 'registry.deregister', service });
    await expect.poll(() => inbox.unasked.length, { timeout: 5_000 }).toBe(2);
    expect(await inbox.ask(one, find)).toMatchObject({ addresses: [] });
    await Promise.all([one.close(), two.close()]);
  });
});
