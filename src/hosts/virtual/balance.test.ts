import { describe, expect, it } from 'vitest';
import { BALANCERS } from '../../core/balance/presets.ts';
import { bootAddresses } from '../../core/fabric/boot-addresses.ts';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import { runVirtual } from './run-virtual.ts';
import {
  brokenBalance,
  definition,
  ejections,
  eventsOf,
  forwarded,
  QUICK,
  S,
  scale,
  shares,
  shop,
  upgrade,
} from './simulation/balance.suite.ts';

const replies = (events: readonly LogEvent[]): number[] =>
  events.flatMap((event) =>
    event.type === 'message.sent' && event.from === 'gw#0' && event.payload.kind === 'http.reply'
      ? [event.payload.status]
      : [],
  );
const policies = BALANCERS.map((loadBalancing) =>
  'header' in loadBalancing ? { ...loadBalancing, header: 'x-user' } : loadBalancing,
);
const DISTURBED: [number, InputBody][] = [
  [1, { kind: 'instance.kill', instance: 'order#1' }],
  [2, scale(3, 4)],
  [3, { kind: 'instance.start', instance: 'order#1' }],
  [4, { kind: 'instance.move', instance: 'order#0' }],
  [5, scale(4, 2)],
];

describe('balancing in whole runs', { timeout: 60_000 }, () => {
  it('GW11, GW12, SR8, SR9: rounds are even, ejections end, lists expire, requests that are done do not count', () => {
    expect(brokenBalance()).toEqual([]);
  });

  it.each(policies)('$kind: chooses as it says over three instances', (loadBalancing) => {
    const topology = shop({ replicas: 3, ratePerSecond: 100, gateway: { timeoutMs: 2000, loadBalancing } });
    const events = eventsOf(definition(topology), 6);
    const sent = forwarded(events);
    const counts = [0, 1, 2].map((n) => shares(events)[`order#${n}`] ?? 0);
    expect(sent.length).toBeGreaterThan(590);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(sent.length);
    if ('header' in loadBalancing) {
      const homes = new Map<string, Set<string>>();
      for (const { payload, to } of sent) {
        const user = payload.kind === 'http.request' ? (payload.headers['x-user'] ?? '') : '';
        homes.set(user, (homes.get(user) ?? new Set()).add(to));
      }
      expect(homes.size).toBe(20);
      expect(Math.max(...[...homes.values()].map((home) => home.size))).toBe(1);
    } else if (loadBalancing.kind === 'weighted-round-robin') {
      // #0 weighs 1, #1 weighs 3, #2 is not named: 1.
      expect(counts.map((count) => Math.round((5 * count) / sent.length))).toEqual([1, 3, 1]);
    } else {
      for (const count of counts) expect(Math.abs(count / sent.length - 1 / 3)).toBeLessThan(0.07);
    }
  });

  it.each(policies)('$kind: the log bytes do not depend on the size of the windows', (loadBalancing) => {
    const gateway = {
      timeoutMs: 2000,
      loadBalancing,
      outlierDetection: QUICK,
      upstreamLimits: { maxRequests: 2, maxPending: 2, maxRetries: 1 },
    };
    const topology = shop({ replicas: 3, ratePerSecond: 60, busyMs: 40, gateway, resolve: { by: 'dns', ttlMs: 700 } });
    const hashOf = (windowSize: 'lookahead' | 'event' | number): string =>
      runVirtual(definition(topology, DISTURBED), 7 * S, { windowSize, keep: false }).sha256();
    const whole = hashOf('lookahead');
    expect(hashOf('event')).toBe(whole);
    expect(hashOf(143)).toBe(whole);
  });

  it('GW11: weights by version take effect while a rolling release is under way', () => {
    const gateway = {
      timeoutMs: 2000,
      loadBalancing: { kind: 'weighted-round-robin', weights: { '1.0.0': 1, '2.0.0': 3 } } as const,
    };
    const topology = shop({ replicas: 2, ratePerSecond: 100, gateway });
    const events = eventsOf(definition(topology, [[2, upgrade(2, '2.0.0', 3000)]]), 12);
    const readyAt = (instance: string): number =>
      events.findLast((event) => event.type === 'instance.ready' && event.instance === instance)?.t ?? 0;
    const stoppedAt =
      events.find((event) => event.type === 'instance.draining' && event.instance === 'order#1')?.t ?? 0;
    expect(shares(events, 0, 2 * S)).toEqual({ 'order#0': 100, 'order#1': 99 });
    expect(readyAt('order#0')).toBeGreaterThan(4 * S);
    expect(readyAt('order#1')).toBeGreaterThan(7 * S);
    // Until the new one is ready it is refused, but chosen: DNS says nothing about that. Then its sister is replaced.
    const mixed = shares(events, 2.1 * S, stoppedAt);
    expect((mixed['order#0'] ?? 0) / (mixed['order#1'] ?? 1)).toBeCloseTo(3, 1);
    const after = shares(events, readyAt('order#1') + 100_000);
    expect(Math.abs((after['order#0'] ?? 0) - (after['order#1'] ?? 0))).toBeLessThanOrEqual(1);
  });

  it('GW12: with two of three dead it panics and calls all of them; with all back it does not', () => {
    const outlierDetection = { ...QUICK, maxEjectionPercent: 100 };
    const topology = shop({ replicas: 3, ratePerSecond: 50, gateway: { timeoutMs: 2000, outlierDetection } });
    const events = eventsOf(
      definition(topology, [
        [1, { kind: 'instance.kill', instance: 'order#0' }],
        [1, { kind: 'instance.kill', instance: 'order#1' }],
        [3, { kind: 'instance.start', instance: 'order#0' }],
        [3, { kind: 'instance.start', instance: 'order#1' }],
      ]),
      15,
    );
    const panics = events.flatMap((event) => (event.type === 'panic.changed' ? [event.panicking] : []));
    expect(panics.length).toBeGreaterThanOrEqual(2);
    expect(panics[0]).toBe(true);
    expect(panics.at(-1)).toBe(false);
    expect(ejections(events, 15 * S)).toEqual([]);
  });

  it('GW12: threshold 0 and nobody available: 503 without a try', () => {
    const outlierDetection = { ...QUICK, panicPercent: 0 };
    const topology = shop({ replicas: 1, ratePerSecond: 50, gateway: { timeoutMs: 2000, outlierDetection } });
    const events = eventsOf(definition(topology, [[1, { kind: 'instance.kill', instance: 'order#0' }]]), 3);
    const ejected = events.find((event) => event.type === 'host.ejected');
    const returned = events.find((event) => event.type === 'host.returned');
    expect(shares(events, ejected?.t ?? 0, returned?.t ?? 0)).toEqual({});
    const text = JSON.stringify(events.filter((event) => event.type === 'span.ended'));
    expect(text).toContain('no_healthy_host');
  });

  it('GW13: never more than the limit at an upstream, the excess refused at once', () => {
    const upstreamLimits = { maxRequests: 2, maxPending: 1, maxRetries: 1 };
    const topology = shop({
      replicas: 1,
      ratePerSecond: 100,
      busyMs: 100,
      gateway: { timeoutMs: 2000, upstreamLimits },
    });
    const events = eventsOf(definition(topology), 4);
    const pools = events.flatMap((event) => (event.type === 'pool.changed' ? [event] : []));
    expect(Math.max(...pools.map((pool) => pool.active))).toBe(2);
    expect(Math.max(...pools.map((pool) => pool.queued))).toBe(1);
    expect(pools.at(-1)?.refused).toBeGreaterThan(100);
    expect(new Set(replies(events))).toEqual(new Set([200, 503]));
  });
});

describe('whom a link reaches when an instance moves', () => {
  const address = bootAddresses(shop({ replicas: 1, ratePerSecond: 1 })).get('order#0') ?? '';
  const move: [number, InputBody][] = [[3, { kind: 'instance.move', instance: 'order#0' }]];
  const failures = (events: readonly LogEvent[], from: number, to: number): number =>
    replies(events.filter((event) => event.t >= from * S && event.t < to * S)).filter((status) => status >= 500).length;

  it("static: the address is nobody's from then on; every request is really sent there and refused", () => {
    const topology = shop({ replicas: 1, ratePerSecond: 20, resolve: { by: 'static', addresses: [address] } });
    const events = eventsOf(definition(topology, move), 8);
    expect(new Set(replies(events.filter((event) => event.t < 3 * S)))).toEqual(new Set([200]));
    const after = shares(events, 3 * S);
    expect(Object.keys(after)).toEqual([`order#${address}`]);
    const refused = events.filter((event) => event.type === 'message.refused' && event.to === `order#${address}`);
    expect(refused.length).toBeGreaterThan(90);
    expect(new Set(replies(events.filter((event) => event.t > 3.1 * S))).has(200)).toBe(false);
  });

  it('DNS: it is found again when the TTL is over, at once without one', () => {
    const topology = shop({ replicas: 1, ratePerSecond: 20, resolve: { by: 'dns', ttlMs: 2500 } });
    const events = eventsOf(definition(topology, move), 8);
    // Answers of the first request at 0 s expire every 2.5 s: at 5 s and a little.
    expect(failures(events, 3.1, 5)).toBeGreaterThan(30);
    expect(failures(events, 5.2, 8)).toBe(0);
    const quick = eventsOf(definition(shop({ replicas: 1, ratePerSecond: 20 }), move), 8);
    expect(failures(quick, 3.1, 8)).toBe(0);
  });

  it('registry: it registers under its new address, and one refused connection is enough to ask again', () => {
    const topology = shop({ replicas: 1, ratePerSecond: 20, registry: true });
    const events = eventsOf(definition(topology, move), 8);
    expect(failures(events, 3.2, 8)).toBe(0);
    expect(shares(events, 3.2 * S)['order#0']).toBeGreaterThan(90);
  });
});
