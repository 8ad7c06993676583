import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../core/base/random.ts';
import { VirtualRun } from './run-virtual.ts';
import type { ExecutableTopology, Fault, Latency } from '../../core/topology/schema/types.ts';
import type { WindowSize } from '../../core/fabric/fabric.ts';
import type { Input } from '../../core/fabric/input.ts';
import type { Payload } from '../../core/fabric/message.ts';
import type { Actor, ActorFactory, ActorPort, DeliveryBody } from '../../core/fabric/protocol.ts';
import type { RunDefinition } from '../../core/fabric/run-api.ts';

const latency = (minUs: number, meanMs: number): Latency => ({ minUs, distribution: { kind: 'exponential', meanMs } });

/** Services `s0..sn` in a full mesh; what they do is in the chatter actor, not in their configuration. */
function mesh(size: number, replicas: number, minUs: number): ExecutableTopology {
  const topology: ExecutableTopology = { nodes: {}, links: {} };
  for (let i = 0; i < size; i++) {
    topology.nodes[`s${i}`] = {
      kind: 'service',
      name: `s${i}`,
      config: {
        version: '1',
        port: 8001 + i,
        replicas,
        serviceTime: { kind: 'constant', ms: 0 },
        startupMs: 0,
        restartDelayMs: 20,
        prefetch: 0,
        values: {},
        endpoints: [],
        subscriptions: [],
      },
    };
    for (let j = 0; j < i; j++)
      topology.links[`l${j}-${i}`] = { kind: 'http', from: `s${j}`, to: `s${i}`, latency: latency(minUs, 2) };
  }
  return topology;
}

/** Gossips at random: timers, messages to random neighbours, many at the same instant, and reacts to everything it hears. */
const chatter: ActorFactory = (port: ActorPort): Actor => {
  let heard = 0;
  const say = (): void => {
    const peers = port.init.peers.flatMap((p) => p.instances.map((i) => ({ link: p.link, to: i.instance })));
    const peer = peers[Math.floor(port.random('peer', port.init.instance, heard) * peers.length)];
    const payload: Payload =
      heard % 2 === 0 ? { kind: 'registry.ok' } : { kind: 'http.reply', status: 200, headers: {}, body: null };
    if (peer) port.send({ ...peer, operation: `say ${heard}`, trace: null, payload });
  };
  return {
    receive(body: DeliveryBody) {
      heard += 1;
      port.emit({ type: 'log', severity: 'INFO', text: body.type, traceId: null, spanId: null });
      if (body.type === 'start') for (let i = 0; i < 3; i++) port.after(1_990_000 + 1000 * i, { tick: i });
      if (body.type === 'drain') port.stop('drained');
      if (body.type === 'message' && port.random('answer', port.init.instance, heard) < 0.6) say();
    },
    timer() {
      heard += 1;
      say();
      port.after(3000, { tick: heard });
    },
    inspect: () => heard,
  };
};

const definition = (topology: ExecutableTopology, seed: number, inputs: Input[] = []): RunDefinition => ({
  documentId: 'test',
  topology,
  initialData: null,
  seed,
  inputs,
});

function run(
  def: RunDefinition,
  windowSize: WindowSize,
  until = 60_000,
): { lines: string[]; sha256: string; run: VirtualRun } {
  const lines: string[] = [];
  const virtual = new VirtualRun(def, { windowSize, factories: () => chatter, onEvent: (_, line) => lines.push(line) });
  virtual.runUntil(until);
  return { lines, sha256: virtual.sha256(), run: virtual };
}

/** The first line in which two logs differ, or null: a whole diff of two logs helps nobody. */
function firstDifference(a: string[], b: string[]): string | null {
  const at = a.findIndex((line, i) => line !== b[i]);
  if (at >= 0) return `line ${at}: ${a[at]} | ${b[at]}`;
  return a.length === b.length ? null : `length ${a.length} | ${b.length}`;
}

/** Kills, starts and scale changes at seeded times. */
function disturbances(topology: ExecutableTopology, seed: number): Input[] {
  const ids = Object.keys(topology.nodes);
  return Array.from({ length: 6 }, (_, seq) => {
    const at = Math.floor(random(seed, 'at', seq) * 50_000) - 5000;
    const node = ids[Math.floor(random(seed, 'node', seq) * ids.length)] as string;
    const record = topology.nodes[node] as ExecutableTopology['nodes'][string] & { kind: 'service' };
    const scaled = {
      ...record,
      config: { ...record.config, replicas: 1 + Math.floor(random(seed, 'replicas', seq) * 3) },
    };
    const kind = Math.floor(random(seed, 'kind', seq) * 4);
    if (kind === 0) return { at, seq, body: { kind: 'instance.kill' as const, instance: `${node}#0` } };
    if (kind === 1) return { at, seq, body: { kind: 'instance.start' as const, instance: `${node}#0` } };
    if (kind === 2)
      return { at, seq, body: { kind: 'crash.observed' as const, instance: `${node}#0`, reason: 'test' } };
    const none = { added: {}, removed: {} };
    return {
      at,
      seq,
      body: {
        kind: 'topology.apply' as const,
        diff: {
          nodes: { ...none, updated: { [node]: [record, scaled] as [typeof record, typeof record] } },
          links: { ...none, updated: {} },
        },
      },
    };
  });
}

const FAULTS: readonly ((link: string, node: string) => Fault)[] = [
  (link) => ({ kind: 'latency', link, addMs: 1.5, jitterMs: 7 }),
  (link) => ({ kind: 'loss', link, rate: 0.6 }),
  (link) => ({ kind: 'duplicate', link, rate: 0.5 }),
  (link) => ({ kind: 'reorder', link, rate: 0.5, maxExtraMs: 9 }),
  (link) => ({ kind: 'partition', link, direction: 'both' }),
  (link) => ({ kind: 'partition', link, direction: 'forward' }),
  (_, node) => ({ kind: 'pause', node }),
  (_, node) => ({ kind: 'outage', node }),
  (_, node) => ({ kind: 'slow', node, factor: 4 }),
  (_, node) => ({ kind: 'clock-skew', node, skewMs: -750.5 }),
];

/** Every kind of fault at seeded times, most of them cleared again, and moves. */
function troubles(topology: ExecutableTopology, seed: number): Input[] {
  const pick = <T>(items: readonly T[], what: string, n: number): T =>
    items[Math.floor(random(seed, what, n) * items.length)] as T;
  const inputs: Omit<Input, 'seq'>[] = [];
  for (let n = 0; n < 14; n++) {
    const at = Math.floor(random(seed, 'fault-at', n) * 45_000) - 3000;
    const node = pick(Object.keys(topology.nodes), 'fault-node', n);
    const fault = (FAULTS[(n + seed) % FAULTS.length] as (typeof FAULTS)[number])(
      pick(Object.keys(topology.links), 'fault-link', n),
      node,
    );
    const later = at + Math.floor(random(seed, 'fault-for', n) * 12_000);
    inputs.push({ at, body: { kind: 'fault.set', fault } }, { at: later, body: { kind: 'fault.clear', fault } });
    if (n % 5 === 0) inputs.push({ at: at + 500, body: { kind: 'instance.move', instance: `${node}#0` } });
  }
  return inputs.sort((a, b) => a.at - b.at).map((input, seq) => ({ ...input, seq: seq + 100 }));
}

describe('windows', () => {
  test('the log bytes do not depend on the window size, with kills, crashes and scaling', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 2, max: 4 }),
        fc.constantFrom(50, 400, 1000),
        (seed, size, minUs) => {
          const topology = mesh(size, 2, minUs);
          const def = definition(topology, seed, disturbances(topology, seed));
          const whole = run(def, 'lookahead');
          expect(whole.lines.length).toBeGreaterThan(100);
          for (const windowSize of ['event', Math.ceil(minUs / 7), 1] as const) {
            const other = run(def, windowSize);
            expect(firstDifference(whole.lines, other.lines)).toBeNull();
            expect(other.sha256).toBe(whole.sha256);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('the log bytes do not depend on the window size under every kind of fault', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 2, max: 4 }),
        fc.constantFrom(50, 400, 1000),
        (seed, size, minUs) => {
          const topology = mesh(size, 2, minUs);
          const inputs = [...disturbances(topology, seed), ...troubles(topology, seed)];
          const def = definition(topology, seed, inputs);
          const whole = run(def, 'lookahead');
          for (const event of whole.run.events) {
            seen.add(event.type === 'message.sent' ? event.fate : event.type);
            if (event.type === 'message.sent' && event.fate === 'deliver')
              expect(event.arriveAt - event.t).toBeGreaterThanOrEqual(minUs);
          }
          for (const windowSize of ['event', Math.ceil(minUs / 7), 1] as const) {
            const other = run(def, windowSize);
            expect(firstDifference(whole.lines, other.lines)).toBeNull();
            expect(other.sha256).toBe(whole.sha256);
          }
        },
      ),
      { numRuns: 30 },
    );
    for (const type of ['lost', 'partitioned', 'message.duplicated', 'instance.paused', 'instance.resumed'])
      expect(seen).toContain(type);
  });

  test('events come out in key order, once, and ids are unique', () => {
    const { run: done } = run(definition(mesh(3, 2, 100), 7, disturbances(mesh(3, 2, 100), 7)), 'lookahead');
    const keys = done.events.map((e) => `${e.source}:${e.seq}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (let i = 1; i < done.events.length; i++) expect(done.events[i - 1]!.t).toBeLessThanOrEqual(done.events[i]!.t);
  });

  test('asking in many small steps gives the same log as asking once', () => {
    const def = definition(mesh(3, 1, 300), 3);
    const lines: string[] = [];
    const stepped = new VirtualRun(def, { factories: () => chatter, onEvent: (_, line) => lines.push(line) });
    for (let t = -2_000_000; t <= 60_000; t += 777) stepped.runUntil(t);
    stepped.runUntil(60_000);
    expect(firstDifference(lines, run(def, 'lookahead').lines)).toBeNull();
  });
});

describe('inputs', () => {
  test('a live run replays from its recorded inputs to the same bytes, a thrown error included', () => {
    const topology = mesh(3, 1, 500);
    let bombs = 0;
    const bomb: ActorFactory = (port) => {
      const inner = chatter(port);
      return {
        ...inner,
        timer(token) {
          // Only the live run throws: what the replay must repeat is the observation, not the bug.
          if (port.init.instance === 's1#0' && port.now() > 20_000 && bombs === 0) {
            bombs += 1;
            throw new Error('boom');
          }
          inner.timer(token);
        },
      };
    };
    const lines: string[] = [];
    const live = new VirtualRun(definition(topology, 11), {
      factories: () => bomb,
      onEvent: (_, line) => lines.push(line),
    });
    live.runUntil(10_000);
    live.inject({ kind: 'instance.kill', instance: 's2#0' });
    live.runUntil(30_000);
    live.inject({ kind: 'instance.start', instance: 's2#0' });
    live.runUntil(60_000);
    const inputs = live.fabric.inputs();
    expect(inputs.map((i) => i.body.kind)).toEqual(['instance.kill', 'crash.observed', 'instance.start']);
    const crash = live.events.find((e) => e.type === 'instance.crashed' && e.instance === 's1#0');
    expect(crash).toMatchObject({ reason: 'Error: boom' });
    expect(live.events.filter((e) => e.type === 'instance.starting' && e.instance === 's1#0')).toHaveLength(2);
    expect(firstDifference(lines, run(definition(topology, 11, inputs), 'lookahead').lines)).toBeNull();
    expect(firstDifference(lines, run(definition(topology, 11, inputs), 'event').lines)).toBeNull();
  });

  test('an instance that the topology does not declare is not started; the input stays recorded', () => {
    const inputs: Input[] = ['s1#1', 's1#7', 's1#x', 'gone#0'].map((instance, seq) => ({
      at: 5000,
      seq,
      body: { kind: 'instance.start', instance },
    }));
    const { run: done } = run(definition(mesh(2, 1, 500), 5, inputs), 'lookahead');
    const started = done.events.flatMap((e) => (e.type === 'instance.starting' ? [e.instance] : []));
    expect(started).toEqual(['s0#0', 's1#0']);
    expect(done.fabric.inputs()).toEqual(inputs);
  });

  test('a message to a dead instance comes back as refused, one hop later, and neighbours hear of the death', () => {
    const inputs: Input[] = [{ at: 5000, seq: 0, body: { kind: 'instance.kill', instance: 's1#0' } }];
    const { run: done } = run(definition(mesh(2, 1, 500), 5, inputs), 'lookahead');
    const refused = done.events.filter((e) => e.type === 'message.refused');
    expect(refused.length).toBeGreaterThan(0);
    const heard = done.events
      .filter((e) => e.type === 'log' && e.source === 's0#0')
      .map((e) => (e.type === 'log' ? `${e.text}@${e.t}` : ''));
    expect(heard).toContain('peer.down@5500');
    expect(heard.some((h) => h.startsWith('refused@'))).toBe(true);
    expect(done.events.some((e) => e.source === 's1#0' && e.t >= 5000 && e.type !== 'message.refused')).toBe(false);
  });
});
