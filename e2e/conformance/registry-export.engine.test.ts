import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../../src/core/topology/edit/connect.ts';
import { addNode, emptyDocument } from '../../src/core/topology/edit/edit.ts';
import type { Document } from '../../src/core/topology/schema/types.ts';
import { validateDocument } from '../../src/core/topology/check/validate.ts';
import { buildRuntime, exported, run, Stack, whyNoEngine } from './stack.ts';

const reason = whyNoEngine(['node:24-alpine', 'quay.io/coreos/etcd:v3.6.14', 'zookeeper:3.9']);
if (reason !== null) console.log(`SKIP engine: ${reason}`);

const PORT = 18_476;
/** How long an instance that died may be known to the registries. */
const TTL_MS = 4_000;
const CACHE_MS = 500;

/** One gateway in front of two services of two replicas each, found through etcd and through ZooKeeper. */
function twoRegistries(): Document {
  let document = emptyDocument('two-registries', 'Two registries');
  const presets = {
    gateway: 'gateway',
    red: 'order',
    blue: 'order',
    etcd: 'registry-etcd',
    zookeeper: 'registry-zookeeper',
  };
  for (const [id, preset] of Object.entries(presets))
    document = addNode(document, preset, { x: 0, y: 0 }, () => id)?.document ?? document;
  for (const [from, to] of [
    ['gateway', 'red'],
    ['gateway', 'blue'],
    ['gateway', 'etcd'],
    ['gateway', 'zookeeper'],
    ['red', 'etcd'],
    ['blue', 'zookeeper'],
  ] as const) {
    const drawn = connect(document, from, to, () => `${from}-${to}`);
    if (!drawn.ok) throw new Error(JSON.stringify(drawn.error));
    document = drawn.value.document;
  }
  for (const id of ['red', 'blue']) {
    const node = document.nodes[id];
    if (node?.kind !== 'service') throw new Error(`no service ${id}`);
    node.name = id;
    node.config.replicas = 2;
    node.config.endpoints = [
      {
        id: 'read',
        method: 'GET',
        path: `/${id}`,
        steps: [{ id: 'say', do: 'respond', status: 200, body: { from: id } }],
      },
    ];
  }
  for (const id of ['etcd', 'zookeeper']) {
    const node = document.nodes[id];
    if (node?.kind !== 'registry') throw new Error(`no registry ${id}`);
    Object.assign(node.config, { heartbeatMs: 1_000, ttlMs: TTL_MS, cacheTtlMs: CACHE_MS });
  }
  const { gateway } = document.nodes;
  if (gateway?.kind !== 'gateway') throw new Error('no gateway');
  gateway.config.port = PORT;
  gateway.config.timeoutMs = 10_000;
  gateway.config.routes = ['red', 'blue'].map((id) => ({
    id,
    match: 'prefix',
    path: `/${id}`,
    action: { kind: 'forward', to: id, stripPrefix: false },
  }));
  return document;
}

describe.skipIf(reason !== null)('discovery of an export by etcd and ZooKeeper', () => {
  let stack: Stack | null = null;
  beforeAll(async () => {
    const document = twoRegistries();
    expect(validateDocument(document).filter(({ severity }) => severity === 'error')).toEqual([]);
    stack = new Stack(exported(document, 'zip', await buildRuntime(), null));
    const up = stack.compose('up', '-d', '--wait');
    expect(up.status, up.stderr + stack.compose('logs', '--tail', '20').stdout).toBe(0);
  });
  afterAll(() => stack?.remove());

  const statusOf = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${PORT}${path}`)).status;
  /** Keys of the registered instances, as etcd's own client lists them. */
  const keys = (): string[] =>
    (stack?.compose('exec', '-T', 'etcd', 'etcdctl', 'get', '/services/', '--prefix', '--keys-only').stdout ?? '')
      .split('\n')
      .filter((line) => line.startsWith('/services/'));

  test('SR8 both replicas are registered and requests are answered through either registry', async () => {
    expect(keys()).toHaveLength(2);
    for (let n = 0; n < 10; n += 1) expect([await statusOf('/red'), await statusOf('/blue')]).toEqual([200, 200]);
  });

  test.each(['red', 'blue'])(
    'SR6 SR7 a replica of %s dies without a word: its entry ends with its lease, and traffic goes on',
    async (id) => {
      const [victim = ''] = (stack?.containers().get(id) ?? '').trim().split(' ');
      expect(run('docker', ['kill', victim], stack?.folder ?? '/').status).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, TTL_MS + CACHE_MS + 3_500));
      const statuses = [];
      for (let n = 0; n < 10; n += 1) statuses.push(await statusOf(`/${id}`));
      expect(statuses).toEqual(Array.from({ length: 10 }, () => 200));
      expect(keys()).toHaveLength(1);
    },
  );

  test('SR8 no instance is known without the registry: when both are gone, and their lists with them, nobody is found', async () => {
    expect(stack?.compose('kill', 'red', 'blue').status).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, TTL_MS + CACHE_MS + 3_500));
    const reply = await fetch(`http://127.0.0.1:${PORT}/red`);
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([503, 'no_instances']);
    expect(keys()).toEqual([]);
  });
});
