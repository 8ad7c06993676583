import { describe, expect, test } from 'vitest';
import type { EventOf, EventType } from '../../core/fabric/event.ts';
import type { ConfigOf, ExecutableTopology, Fault, Health } from '../../core/topology/schema/types.ts';
import { VirtualRun } from './run-virtual.ts';
import { callsTopology, callStep } from './simulation/calls.suite.ts';
import { nodeEdit } from './simulation/swarm.suite.ts';

type Probe = NonNullable<Health['liveness']>;
const probe = (more: Partial<Probe> = {}): Probe => ({
  path: '/health',
  periodMs: 1000,
  timeoutMs: 300,
  failureThreshold: 3,
  successThreshold: 1,
  ...more,
});

function started(topology: ExecutableTopology, seed = 5): VirtualRun {
  return new VirtualRun({ documentId: 'life', topology, initialData: null, seed, inputs: [] });
}
const of = <T extends EventType>(run: VirtualRun, type: T): EventOf<T>[] =>
  run.events.filter((event): event is EventOf<T> => event.type === type);
/** Ends of the client's own spans. */
function clientResults(run: VirtualRun): { status: string; description: string | null; t: number }[] {
  return of(run, 'span.ended').flatMap(({ source, status, description, t }) =>
    source === 'web#0' ? [{ status, description, t }] : [],
  );
}
/** Edits the configuration of a service while the run goes on. */
function edit(run: VirtualRun, topology: ExecutableTopology, id: string, more: Partial<ConfigOf<'service'>>): void {
  const from = topology.nodes[id];
  if (from?.kind !== 'service') throw new Error(`${id} is a service`);
  const to = { ...from, config: { ...from.config, ...more } };
  run.inject({ kind: 'topology.apply', diff: nodeEdit(id, from, to) });
}
const set = (run: VirtualRun, fault: Fault): void => void run.inject({ kind: 'fault.set', fault });
const clear = (run: VirtualRun, fault: Fault): void => void run.inject({ kind: 'fault.clear', fault });

describe('places of an instance', () => {
  test('so many are served at once, so many wait, the others are answered 503 overloaded', () => {
    const topology = callsTopology({
      ratePerSecond: 100,
      stock: { concurrency: { limit: 1, maxQueued: 2 }, serviceTime: { kind: 'constant', ms: 50 } },
    });
    const run = started(topology);
    run.runUntil(10e6);
    const pools = of(run, 'pool.changed');
    expect(Math.max(...pools.map((p) => p.active))).toBe(1);
    expect(Math.max(...pools.map((p) => p.queued))).toBe(2);
    expect(Math.max(...pools.map((p) => p.refused))).toBeGreaterThan(10);
    const refused = of(run, 'message.sent').filter(
      ({ from, payload }) => from.startsWith('stock#') && payload.kind === 'http.reply' && payload.status === 503,
    );
    expect(refused.length).toBe(
      ['stock#0', 'stock#1'].reduce((sum, id) => sum + (pools.findLast((p) => p.source === id)?.refused ?? 0), 0),
    );
    const [first] = refused;
    expect(first?.payload.kind === 'http.reply' && first.payload.body).toContain('"code":"overloaded"');
    // Two instances, 50 ms each: 40 a second, no more.
    const served = of(run, 'message.sent').filter(
      ({ from, payload, t }) =>
        t > 0 && from.startsWith('stock#') && payload.kind === 'http.reply' && payload.status === 200,
    );
    expect(served.length / 10).toBeLessThanOrEqual(40);
    expect(served.length / 10).toBeGreaterThan(35);
  });
});

describe('probes (RP4)', () => {
  test('liveness: three failures in a row restart the instance, one does not; the reason is in words', () => {
    const topology = callsTopology({ stock: { health: { liveness: probe() } } });
    const run = started(topology);
    const fault: Fault = { kind: 'error-rate', node: 'stock', rate: 1, status: 500 };
    run.runUntil(4.1e6);
    set(run, fault);
    run.runUntil(5.9e6);
    clear(run, fault);
    run.runUntil(9e6);
    expect(of(run, 'instance.crashed')).toEqual([]);
    set(run, fault);
    run.runUntil(13e6);
    clear(run, fault);
    run.runUntil(20e6);
    const crashes = of(run, 'instance.crashed').filter((event) => event.instance === 'stock#0');
    expect(crashes).toMatchObject([{ reason: 'liveness probe failed: HTTP 500, 3 in a row' }]);
    expect(
      of(run, 'probe.changed')
        .filter((e) => e.instance === 'stock#0')
        .map((e) => e.passing),
    ).toEqual([true, false, true]);
    expect(of(run, 'instance.starting').filter((event) => event.instance === 'stock#0')).toHaveLength(2);
  });

  test('liveness does not wait for a slow start without a startup probe, and does with one', () => {
    const restarts = (health: Health): number => {
      const run = started(callsTopology({ stock: { startupMs: 8000, health } }));
      run.runUntil(20e6);
      return of(run, 'instance.crashed').filter((event) => event.instance === 'stock#0').length;
    };
    expect(restarts({ liveness: probe() })).toBeGreaterThan(3);
    expect(restarts({ liveness: probe(), startup: probe({ failureThreshold: 10 }) })).toBe(0);
    expect(restarts({ startup: probe({ failureThreshold: 2 }) })).toBeGreaterThan(3);
  });

  test('readiness: out of rotation and back, never restarted; startup gates it', () => {
    const topology = callsTopology({
      stock: { health: { readiness: probe({ successThreshold: 2 }), startup: probe() } },
    });
    const run = started(topology);
    const fault: Fault = { kind: 'error-rate', node: 'stock', rate: 1, status: 503 };
    run.runUntil(5e6);
    set(run, fault);
    run.runUntil(12e6);
    clear(run, fault);
    run.runUntil(20e6);
    expect(of(run, 'instance.crashed')).toEqual([]);
    const one = of(run, 'probe.changed').filter((event) => event.instance === 'stock#0');
    expect(one.map((e) => `${e.probe} ${e.passing}`)).toEqual([
      'startup true',
      'readiness true',
      'readiness false',
      'readiness true',
    ]);
    const status = of(run, 'registry.changed')
      .filter((event) => event.instance === 'stock#0')
      .map((e) => e.status);
    expect(status.filter((s, i) => s !== status[i - 1])).toEqual(['passing', 'gone', 'passing']);
    const [, , failed, passed] = one;
    const asked = of(run, 'message.sent').filter(
      ({ t, to, payload }) =>
        to === 'stock#0' && payload.kind === 'http.request' && t > (failed?.t ?? 0) + 1.2e6 && t < (passed?.t ?? 0),
    );
    expect(asked).toEqual([]);
    expect(of(run, 'instance.ready').filter((event) => event.instance === 'stock#0')).toHaveLength(1);
  });

  test('a liveness probe that asks a dependency restarts everybody when only the dependency is ill', () => {
    const deep = { health: { liveness: probe({ path: '/orders', timeoutMs: 900 }) } };
    const crashed = (orders: Partial<ConfigOf<'service'>>): string[] => {
      const run = started(callsTopology({ orders }));
      run.runUntil(5e6);
      set(run, { kind: 'outage', node: 'stock' });
      run.runUntil(15e6);
      return [...new Set(of(run, 'instance.crashed').map((event) => event.instance))].sort();
    };
    expect(crashed(deep)).toEqual(['orders#0', 'orders#1']);
    expect(crashed({ health: { liveness: probe() } })).toEqual([]);
  });

  test('an instance that stands still is ended by its node agent after as many time-outs', () => {
    const run = started(callsTopology({ stock: { health: { liveness: probe() } } }));
    run.runUntil(5e6);
    set(run, { kind: 'pause', node: 'stock' });
    run.runUntil(9e6);
    expect(of(run, 'instance.crashed')).toMatchObject([
      { t: 8.3e6, instance: 'stock#0', reason: 'liveness probe failed: no answer within 300 ms, 3 in a row' },
      { instance: 'stock#1' },
    ]);
  });
});

describe('rolling release (SR9)', () => {
  const release = { strategy: 'rolling' as const, graceMs: 5000 };
  const topology = callsTopology({ ratePerSecond: 60, orders: { release, replicas: 3 }, stock: { release } });

  test('0 failed requests while all replicas are replaced, one after the other, drained', () => {
    const run = started(topology);
    run.runUntil(5e6);
    edit(run, topology, 'orders', { version: '2' });
    edit(run, topology, 'stock', { version: '2' });
    run.runUntil(30e6);
    const results = clientResults(run);
    expect(results.length).toBeGreaterThan(1500);
    expect(results.filter(({ status }) => status === 'error')).toEqual([]);
    const changed = of(run, 'release.changed').filter((event) => event.node === 'orders');
    expect(changed.map(({ version, done, total }) => `${version} ${done}/${total}`)).toEqual([
      '2 0/3',
      '2 1/3',
      '2 2/3',
      '2 3/3',
    ]);
    const life = run.events.flatMap((e) =>
      e.t > 1e6 && 'instance' in e && e.instance.startsWith('orders#') && e.type.startsWith('instance.')
        ? [`${e.type.slice(9)} ${e.instance}${e.type === 'instance.starting' ? ` ${e.version}` : ''}`]
        : [],
    );
    expect(life).toEqual(
      [0, 1, 2].flatMap((n) => [
        `draining orders#${n}`,
        `stopped orders#${n}`,
        `starting orders#${n} 2`,
        `ready orders#${n}`,
      ]),
    );
  });

  test('without time to drain the callers of old lists find nobody', () => {
    const hasty = callsTopology({
      ratePerSecond: 60,
      orders: { release: { strategy: 'rolling', graceMs: 0 }, replicas: 3 },
    });
    const run = started(hasty);
    run.runUntil(5e6);
    edit(run, hasty, 'orders', { version: '2' });
    run.runUntil(30e6);
    expect(clientResults(run).filter(({ status }) => status === 'error').length).toBeGreaterThan(0);
  });

  test('a version that never becomes ready stops the release; going back replaces only what was replaced', () => {
    const run = started(topology);
    run.runUntil(5e6);
    edit(run, topology, 'orders', { version: 'broken', startupMs: 1e9 });
    run.runUntil(20e6);
    expect(
      of(run, 'instance.starting')
        .filter((e) => e.t > 0)
        .map((e) => `${e.instance} ${e.version}`),
    ).toEqual(['orders#0 broken']);
    edit(run, topology, 'orders', {});
    run.runUntil(30e6);
    expect(
      of(run, 'instance.starting')
        .filter((e) => e.t > 6e6)
        .map((e) => `${e.instance} ${e.version}`),
    ).toEqual(['orders#0 broken', 'orders#0 1']);
    expect(clientResults(run).filter(({ status }) => status === 'error')).toEqual([]);
  });

  test('a request that is in flight when the grace is over is cut off, and the reason says so', () => {
    const slow = callsTopology({
      stock: { release: { strategy: 'rolling', graceMs: 2000 }, serviceTime: { kind: 'constant', ms: 60_000 } },
    });
    const run = started(slow);
    run.runUntil(5e6);
    edit(run, slow, 'stock', { version: '2' });
    run.runUntil(12e6);
    const stopped = of(run, 'instance.stopped').find((event) => event.instance === 'stock#0');
    expect(stopped?.reason).toMatch(/^drained: \d+ still in flight after 2000 ms$/);
    expect((stopped?.t ?? 0) - 7e6).toBeGreaterThanOrEqual(0);
  });
});

test('the life of services gives the same bytes for every window size', () => {
  const topology = callsTopology({
    orders: { release: { strategy: 'rolling', graceMs: 2500 }, health: { readiness: probe({ path: '/orders' }) } },
    stock: {
      health: { liveness: probe({ periodMs: 400 }), startup: probe() },
      concurrency: { limit: 2, maxQueued: 1 },
    },
    users: { endpoints: [{ id: 'get', method: 'GET', path: '/users', steps: [callStep('users')] }] },
  });
  const live = started(topology);
  live.runUntil(3e6);
  set(live, { kind: 'slow', node: 'stock', factor: 30 });
  edit(live, topology, 'orders', { version: '2' });
  live.runUntil(5e6);
  set(live, { kind: 'pause', node: 'stock' });
  set(live, { kind: 'loss', link: 'stock-consul', rate: 0.9 });
  live.runUntil(8e6);
  clear(live, { kind: 'pause', node: 'stock' });
  live.runUntil(12e6);
  const inputs = live.fabric.inputs();
  for (const windowSize of ['event', 71, 1] as const) {
    const other = new VirtualRun({ documentId: 'life', topology, initialData: null, seed: 5, inputs }, { windowSize });
    other.runUntil(12e6);
    expect(other.sha256()).toBe(live.sha256());
  }
});
