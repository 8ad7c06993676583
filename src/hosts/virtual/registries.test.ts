import { describe, expect, it } from 'vitest';
import type { EventOf, LogEvent } from '../../core/fabric/event.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import type { AnyExecutableNode, ConfigOf, ExecutableTopology } from '../../core/topology/schema/types.ts';
import { runVirtual } from './run-virtual.ts';
import { definition, eventsOf, forwarded, S, shop } from './simulation/balance.suite.ts';
import { brokenRegistries } from './simulation/registries.suite.ts';

type Registry = Partial<ConfigOf<'registry'>> & Pick<ConfigOf<'registry'>, 'engine'>;

/** A client calls two instances of orders through a gateway that finds them in the registry. */
function found(registry: Registry, ratePerSecond = 50): ExecutableTopology {
  const topology = shop({ replicas: 2, ratePerSecond, registry: true });
  const node = topology.nodes['consul'];
  if (node?.kind === 'registry') node.config = { ...node.config, ...registry };
  topology.nodes['order'] = orders(topology, 2);
  return topology;
}
/** The orders of a topology with so many replicas, each of which serves old lists for a while when it leaves. */
function orders(topology: ExecutableTopology, replicas: number): AnyExecutableNode {
  const { order } = topology.nodes;
  if (order?.kind !== 'service') throw new Error('no orders');
  return { ...order, config: { ...order.config, replicas, release: { strategy: 'rolling', graceMs: 5000 } } };
}
function scale(from: number, to: number): InputBody {
  const topology = shop({ replicas: 2, ratePerSecond: 1 });
  const none = { added: {}, removed: {}, updated: {} };
  const updated = { order: [orders(topology, from), orders(topology, to)] as [AnyExecutableNode, AnyExecutableNode] };
  return { kind: 'topology.apply', diff: { nodes: { ...none, updated }, links: none } };
}
const QUICK_EUREKA: Registry = {
  engine: 'eureka',
  heartbeatMs: 1000,
  ttlMs: 3000,
  cacheTtlMs: 1000,
  evictionIntervalMs: 2000,
  responseCacheMs: 1000,
  selfPreservation: { renewalThreshold: 0 },
};
const FLAVOURS: Registry[] = [
  { engine: 'consul' },
  { engine: 'consul', check: 'http' },
  QUICK_EUREKA,
  { engine: 'etcd' },
  { engine: 'zookeeper', tickMs: 500 },
  { engine: 'consul', blockingWaitMs: 4000 },
];
const nameOf = ({ engine, check, blockingWaitMs }: Registry): string =>
  `${engine}${check === 'http' ? ' with HTTP checks' : ''}${blockingWaitMs === undefined ? '' : ' with blocking queries'}`;
const each = FLAVOURS.map((registry) => ({ name: nameOf(registry), registry }));

const isSent = (event: LogEvent): event is EventOf<'message.sent'> => event.type === 'message.sent';
const failures = (events: readonly LogEvent[], from = 0): number =>
  events.filter(
    (event) =>
      isSent(event) &&
      event.t >= from &&
      event.from === 'gw#0' &&
      event.payload.kind === 'http.reply' &&
      event.payload.status !== 200,
  ).length;
const goneAt = (events: readonly LogEvent[], instance: string): number[] =>
  events.flatMap((event) =>
    event.type === 'registry.changed' && event.t > S && event.instance === instance && event.status !== 'passing'
      ? [event.t]
      : [],
  );
/** Deaths that the registry must notice by itself: no connection is closed, as when a machine loses its power or stands still. */
const silent = (instance: string): InputBody => ({ kind: 'fault.set', fault: { kind: 'pause', node: instance } });
const DISTURBED: [number, InputBody][] = [
  [3, { kind: 'instance.kill', instance: 'order#1' }],
  [17, { kind: 'instance.start', instance: 'order#1' }],
  [20, { kind: 'instance.kill', instance: 'consul#0' }],
  [22, { kind: 'instance.start', instance: 'consul#0' }],
  [26, { kind: 'instance.move', instance: 'order#0' }],
  [28, scale(2, 1)],
];

describe.each(each)('$name in whole runs', ({ registry }) => {
  it('SR1, SR6, SR7: both instances are found, traffic is shared, a graceful leave costs no request (SR9)', () => {
    const events = eventsOf(definition(found(registry), [[4, scale(2, 1)]]), 8);
    expect(failures(events, 0.5 * S)).toBe(0);
    const before = forwarded(events).filter((sent) => sent.t > S && sent.t < 4 * S);
    expect(new Set(before.map((sent) => sent.to))).toEqual(new Set(['order#0', 'order#1']));
    const [left] = goneAt(events, 'order#1');
    const staleness = registry.engine === 'eureka' ? 2.1 * S : 1.1 * S;
    expect(forwarded(events).some((sent) => sent.to === 'order#1' && sent.t > (left ?? 0) + staleness)).toBe(false);
  });

  it('a killed instance is not called any more once the registry has noticed and lists are renewed; a new one is', () => {
    const events = eventsOf(definition(found(registry), DISTURBED.slice(0, 2)), 28);
    const [noticed = Infinity] = goneAt(events, 'order#1');
    expect(noticed).toBeGreaterThan(3 * S);
    expect(noticed).toBeLessThan(15 * S);
    const called = forwarded(events).filter((sent) => sent.to === 'order#1');
    expect(called.some((sent) => sent.t > noticed + 2.1 * S && sent.t < 17 * S)).toBe(false);
    expect(called.filter((sent) => sent.t > 22 * S).length).toBeGreaterThan(20);
    expect(failures(events, 22 * S)).toBe(0);
  });

  it('SR8: while the registry is down the last list serves; when it is back everybody registers again', () => {
    const events = eventsOf(definition(found(registry), DISTURBED.slice(2, 4)), 30);
    expect(failures(events, 0.5 * S) - failures(events, 22 * S)).toBe(0);
    // It comes back empty: until everybody has registered again it honestly finds nobody.
    expect(failures(events, 27 * S)).toBe(0);
    const again = events.filter(
      (event) => event.type === 'registry.changed' && event.t > 22 * S && event.status === 'passing',
    );
    expect(new Set(again.map((event) => (event.type === 'registry.changed' ? event.instance : '')))).toEqual(
      new Set(['order#0', 'order#1']),
    );
  });

  it('the log does not depend on the size of windows, whatever happens', () => {
    const run = definition(found(registry, 20), DISTURBED);
    const whole = runVirtual(run, 32 * S).sha256();
    expect(runVirtual(run, 32 * S, { windowSize: 137 }).sha256()).toBe(whole);
    expect(runVirtual(run, 32 * S, { windowSize: 'event' }).sha256()).toBe(whole);
  });
});

describe('what tells the registries apart', () => {
  it('another registry in the same place begins empty; everybody registers again and traffic goes on', () => {
    const [from, to] = [found({ engine: 'etcd' }), found({ ...QUICK_EUREKA, check: undefined } as Registry)];
    const none = { added: {}, removed: {}, updated: {} };
    const updated = { consul: [from.nodes['consul'], to.nodes['consul']] as [AnyExecutableNode, AnyExecutableNode] };
    const change: InputBody = { kind: 'topology.apply', diff: { nodes: { ...none, updated }, links: none } };
    const events = eventsOf(definition(from, [[4, change]]), 12);
    expect(failures(events, 7 * S)).toBe(0);
    expect(forwarded(events).filter((sent) => sent.t > 7 * S).length).toBeGreaterThan(200);
    const again = events.filter((event) => event.type === 'registry.changed' && event.t >= 4 * S);
    expect(again.filter((event) => event.type === 'registry.changed' && event.status === 'gone').length).toBe(2);
  });

  it('a service that stands still is critical in Consul after its TTL, its session ends in ZooKeeper, its lease in etcd; Eureka keeps it far longer', () => {
    const stale = (registry: Registry): number => {
      const events = eventsOf(definition(found(registry), [[5, silent('order')]]), 30);
      return ((goneAt(events, 'order#0')[0] ?? Infinity) - 5 * S) / S;
    };
    const [consul, http, eureka, etcd, zookeeper] = FLAVOURS.map(stale);
    expect([consul, etcd, zookeeper].every((seconds = 0) => seconds >= 2 && seconds <= 4)).toBe(true);
    // The question of the agent waits for its whole time-out.
    expect(http).toBeGreaterThan(10);
    expect(eureka).toBeGreaterThan(5);
  });

  it('who was forgotten while it was silent registers again with its next sign of life', () => {
    for (const registry of [FLAVOURS[3], FLAVOURS[4], FLAVOURS[2]] as Registry[]) {
      const events = eventsOf(
        definition(found(registry), [
          [3, silent('order')],
          [13, { kind: 'fault.clear', fault: { kind: 'pause', node: 'order' } }],
        ]),
        20,
      );
      const unknown = events.filter((event) => isSent(event) && event.payload.kind === 'registry.unknown');
      expect([registry.engine, unknown.length]).toEqual([registry.engine, 2]);
      expect(failures(events, 16 * S)).toBe(0);
    }
  });

  it('SR3: by a blocking query a caller sees a new instance at once and asks half as often; by a list of a second up to a second later', () => {
    const seen = (registry: Registry): { afterMs: number; asked: number } => {
      const events = eventsOf(definition(found(registry), [[4.3, scale(2, 3)]]), 9);
      const joined = events.find(
        (event) => event.type === 'registry.changed' && event.instance === 'order#2' && event.status === 'passing',
      );
      const first = forwarded(events).find(({ to }) => to === 'order#2');
      const asked = events.filter((event) => isSent(event) && event.payload.kind === 'registry.discover').length;
      return { afterMs: ((first?.t ?? Infinity) - (joined?.t ?? 0)) / 1000, asked };
    };
    const [polls, waits] = [seen({ engine: 'consul' }), seen({ engine: 'consul', blockingWaitMs: 60_000 })];
    expect(waits.afterMs).toBeLessThan(100);
    expect(polls.afterMs).toBeGreaterThan(waits.afterMs);
    expect(waits.asked * 2).toBeLessThanOrEqual(polls.asked);
  });

  it('etcd tells every watcher the new list; ZooKeeper fires once and is asked again', () => {
    const notices = (registry: Registry): (number | null)[] =>
      eventsOf(
        definition(found(registry), [
          [4, scale(2, 3)],
          [6, scale(3, 1)],
        ]),
        8,
      ).flatMap((event) =>
        isSent(event) && event.payload.kind === 'registry.notice' && event.t > 4 * S
          ? [event.payload.addresses?.length ?? null]
          : [],
      );
    expect(notices({ engine: 'etcd' })).toEqual([3, 2, 1]);
    const fired = notices({ engine: 'zookeeper', tickMs: 500 });
    expect(fired.every((count) => count === null)).toBe(true);
    expect(fired.length).toBeGreaterThanOrEqual(2);
  });
});

describe("SR4 with Eureka's own times", () => {
  const DEFAULTS: Registry = {
    engine: 'eureka',
    heartbeatMs: 30_000,
    ttlMs: 90_000,
    cacheTtlMs: 30_000,
    selfPreservation: { renewalThreshold: 0 },
  };
  /** Seconds from an input until nobody is sent to order#1 any more. */
  const calledFor = (at: number, body: InputBody): number => {
    const sent = forwarded(eventsOf(definition(found(DEFAULTS, 1), [[at, body]]), at + 330));
    expect(sent.at(-1)?.t).toBeGreaterThan((at + 320) * S);
    return (sent.findLast(({ to }) => to === 'order#1')?.t ?? 0) / S - at;
  };

  it('a crash is felt by a caller for 150 to 300 s, a graceful leave for at most 60 s', () => {
    for (const at of [125, 160]) {
      const crash = calledFor(at, { kind: 'instance.kill', instance: 'order#1' });
      expect(crash).toBeGreaterThan(150);
      expect(crash).toBeLessThanOrEqual(300);
      const leave = calledFor(at, scale(2, 1));
      expect(leave).toBeGreaterThan(0);
      expect(leave).toBeLessThanOrEqual(61);
    }
  });
});

it('SR3, SR6: a change that a cut connection kept from a watcher is seen after it was reset, not never', () => {
  const cut = { kind: 'partition', link: 'gw-consul', direction: 'both' } as const;
  for (const registry of [
    { engine: 'consul' },
    { engine: 'consul', blockingWaitMs: 300_000 },
    { engine: 'etcd' },
    { engine: 'zookeeper', tickMs: 500 },
  ] as Registry[]) {
    const events = eventsOf(
      definition(found(registry, 20), [
        [3, { kind: 'fault.set', fault: cut }],
        [5, scale(2, 4)],
        [20, { kind: 'fault.clear', fault: cut }],
      ]),
      40,
    );
    const called = (from: number, to: number): Set<string> =>
      new Set(forwarded(events).flatMap((sent) => (sent.t > from * S && sent.t < to * S ? [sent.to] : [])));
    expect(called(5, 17)).toEqual(new Set(['order#0', 'order#1']));
    expect(called(34, 40)).toEqual(new Set(['order#0', 'order#1', 'order#2', 'order#3']));
  }
});

it('SR2, SR3, SR4, SR6, SR7: 200 random lives of registrations agree with a recount of who must be listed and who was told', () => {
  const found = Array.from({ length: 200 }, (_, seed) =>
    brokenRegistries(seed + 1).map((problem) => `seed ${seed + 1}: ${problem}`),
  ).flat();
  expect(found).toEqual([]);
});
