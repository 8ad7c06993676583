import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import type { ExecutableTopology, HealthChecks } from '../../core/topology/schema/types.ts';
import { runVirtual } from './run-virtual.ts';
import { definition, eventsOf, forwarded, QUICK, S, scale, shop, type Shop } from './simulation/balance.suite.ts';

const healthChecks: HealthChecks = {
  path: '/orders',
  intervalMs: 200,
  timeoutMs: 100,
  unhealthyThreshold: 2,
  healthyThreshold: 2,
};
const checked = (more: Partial<Shop> = {}, gateway: Shop['gateway'] = { timeoutMs: 2000 }): ExecutableTopology =>
  shop({ replicas: 3, ratePerSecond: 50, ...more, gateway: { ...gateway, healthChecks } });
const requests = (events: readonly LogEvent[]) =>
  forwarded(events).filter(({ operation }) => !operation.startsWith('check '));
const checks = (events: readonly LogEvent[]) =>
  forwarded(events).filter(({ operation }) => operation.startsWith('check '));
const turns = (events: readonly LogEvent[]): [string, number][] =>
  events.flatMap((event): [string, number][] =>
    event.type === 'host.ejected' || event.type === 'host.returned'
      ? [[`${event.type} ${event.instance}`, event.t / S]]
      : [],
  );
const DEATH: [number, InputBody][] = [
  [2, { kind: 'instance.kill', instance: 'order#1' }],
  [4, { kind: 'instance.start', instance: 'order#1' }],
];

describe('GW12 active health checks in whole runs', () => {
  it('whoever DNS still names although it is dead is found out by two checks, gets nothing, and is back after two good ones', () => {
    const events = eventsOf(definition(checked(), DEATH), 8);
    const [out, back, ...rest] = turns(events);
    expect([out?.[0], back?.[0], rest]).toEqual(['host.ejected order#1', 'host.returned order#1', []]);
    expect(out?.[1]).toBeGreaterThan(2);
    expect(out?.[1]).toBeLessThan(2.6);
    expect(back?.[1]).toBeGreaterThan(4.2);
    expect(back?.[1]).toBeLessThan(4.7);
    const [from = 0, to = 0] = [out?.[1], back?.[1]];
    const called = requests(events).filter((sent) => sent.to === 'order#1');
    expect(called.filter(({ t }) => t > from * S && t < to * S)).toEqual([]);
    expect(called.filter(({ t }) => t > to * S).length).toBeGreaterThan(30);
  });

  it('an instance that stands still answers no check in time', () => {
    const still: InputBody = { kind: 'fault.set', fault: { kind: 'pause', node: 'order' } };
    const gateway = { timeoutMs: 2000, outlierDetection: { ...QUICK, consecutive5xx: 1000, panicPercent: 0 } };
    const events = eventsOf(definition(checked({}, gateway), [[2, still]]), 5);
    expect(turns(events).map(([what]) => what)).toEqual([0, 1, 2].map((n) => `host.ejected order#${n}`));
    const refused = events.filter(
      (event) =>
        event.type === 'message.sent' &&
        event.payload.kind === 'http.reply' &&
        event.payload.status === 503 &&
        event.payload.body?.includes('UH') === true,
    );
    expect(refused.length).toBeGreaterThan(50);
  });

  it('what fails its requests but answers its checks is ejected by the former and returned by the latter', () => {
    const gateway = { timeoutMs: 2000, outlierDetection: { ...QUICK, baseEjectionMs: 60_000, maxEjectionMs: 60_000 } };
    const topology = checked({}, gateway);
    const { order, gw } = topology.nodes;
    if (order?.kind !== 'service' || gw?.kind !== 'gateway') throw new Error('no shop');
    const [list] = order.config.endpoints;
    order.config.endpoints.push({ ...list!, id: 'health', path: '/health' });
    list!.steps = [{ id: 'answer', do: 'respond', status: 500, body: [] }];
    gw.config.healthChecks = { ...healthChecks, path: '/health' };
    const events = eventsOf(definition(topology), 4);
    const ejected = turns(events).filter(([what]) => what.startsWith('host.ejected'));
    const returned = turns(events).filter(([what]) => what.startsWith('host.returned'));
    expect(ejected.length).toBeGreaterThan(5);
    expect(returned.length).toBeGreaterThanOrEqual(ejected.length - 2);
    const longest = ejected.map(([what, t]) => {
      const back = returned.find(([which, at]) => which.slice(14) === what.slice(13) && at > t);
      return (back?.[1] ?? 4) - t;
    });
    expect(Math.max(...longest)).toBeLessThan(0.3);
  });

  it('a new instance gets nothing before its first good check, however long it starts', () => {
    const events = eventsOf(definition(checked({ replicas: 2 }), [[2, scale(2, 3)]]), 4);
    const first = requests(events).find((sent) => sent.to === 'order#2');
    const check = checks(events).find((sent) => sent.to === 'order#2');
    expect(check?.t).toBeGreaterThanOrEqual(2 * S);
    expect(first?.t).toBeGreaterThan(check?.t ?? Infinity);
    expect(first?.t).toBeLessThan(3 * S);
  });

  it('whoever a registry names is checked, whoever leaves it is not', () => {
    const topology = checked({ replicas: 2, registry: true });
    const events = eventsOf(definition(topology, [[4, scale(2, 1)]]), 9);
    expect(new Set(checks(events).map(({ to }) => to))).toEqual(new Set(['order#0', 'order#1']));
    expect(checks(events).some(({ to, t }) => to === 'order#1' && t > 6 * S)).toBe(false);
    const statuses = events.flatMap((event) =>
      event.type === 'message.sent' &&
      event.from === 'gw#0' &&
      event.payload.kind === 'http.reply' &&
      event.t > S &&
      event.t < 4 * S
        ? [event.payload.status]
        : [],
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('the log does not depend on the size of windows', () => {
    const run = definition(checked({ registry: true }), [
      ...DEATH,
      [6, { kind: 'instance.move', instance: 'order#0' }],
    ]);
    const whole = runVirtual(run, 9 * S).sha256();
    expect(runVirtual(run, 9 * S, { windowSize: 137 }).sha256()).toBe(whole);
    expect(runVirtual(run, 9 * S, { windowSize: 'event' }).sha256()).toBe(whole);
  });
});
