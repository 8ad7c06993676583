import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../core/fabric/event.ts';
import type { InputBody } from '../../core/fabric/input.ts';
import { checkSpans } from '../../core/telemetry/spans.ts';
import type { ConfigOf, ExecutableTopology, Route } from '../../core/topology/schema/types.ts';
import { runVirtual } from './run-virtual.ts';
import { definition, eventsOf, S, shop } from './simulation/balance.suite.ts';

const backoff = { initialIntervalMs: 20, backoffCoefficient: 2, maxIntervalMs: 200, jitter: 'full' } as const;
const forward: Route['action'] = { kind: 'forward', to: 'order', stripPrefix: false };
const all: Route = { id: 'orders', match: 'prefix', path: '/orders', action: forward };

/** The shop with a second version of its service and a gateway of this configuration. */
function shopWith(gateway: Partial<ConfigOf<'gateway'>>, ratePerSecond = 50): ExecutableTopology {
  const topology = shop({ replicas: 2, ratePerSecond, busyMs: 10 });
  const { gw, order } = topology.nodes;
  const link = topology.links['gw-order'];
  if (gw?.kind !== 'gateway' || order?.kind !== 'service' || link === undefined) throw new Error('another shop');
  const serviceTime = { kind: 'constant', ms: 30 } as const;
  return {
    nodes: {
      ...topology.nodes,
      gw: { ...gw, config: { ...gw.config, ...gateway } },
      'order-next': { ...order, name: 'order-next', config: { ...order.config, serviceTime, replicas: 1 } },
    },
    links: { ...topology.links, 'gw-next': { ...link, to: 'order-next' } },
  };
}

const KILLED: [number, InputBody][] = [
  [1, { kind: 'instance.kill', instance: 'order#1' }],
  [3, { kind: 'instance.start', instance: 'order#1' }],
  [4, { kind: 'instance.kill', instance: 'order#0' }],
];
/** Ends of the gateway's SERVER spans with the time that each took. */
function served(events: readonly LogEvent[]): { took: number; attributes: Record<string, unknown> }[] {
  const begun = new Map<string, number>();
  return events.flatMap((event) => {
    if (event.type === 'span.started' && event.kind === 'SERVER' && event.source === 'gw#0')
      begun.set(event.spanId, event.t);
    const from = event.type === 'span.ended' ? begun.get(event.spanId) : undefined;
    return event.type === 'span.ended' && from !== undefined
      ? [{ took: event.t - from, attributes: event.attributes }]
      : [];
  });
}

describe('gateways in whole runs', { timeout: 60_000 }, () => {
  it('the log bytes do not depend on the size of the windows, with every policy at once', () => {
    const topology = shopWith({
      rateLimit: { kind: 'sliding-window', limit: 45, windowMs: 1000, key: 'client-kind' },
      retries: {
        maxAttempts: 3,
        on: ['connection', '5xx', 'timeout'],
        perTryTimeoutMs: 200,
        backoff,
        budgetPercent: 20,
      },
      versioning: { by: 'header', default: '1', unknown: 406, versions: [{ name: '1', deprecatedAt: '2026-01-01' }] },
      cors: { allowOrigins: ['*'], allowMethods: ['GET'], allowHeaders: [], allowCredentials: false, maxAgeSeconds: 1 },
      transform: { request: { headers: { add: { 'x-draw': '${ random() } ${ uuid() }' } } } },
      routes: [
        {
          ...all,
          action: {
            ...forward,
            split: [
              { to: 'order', weight: 3 },
              { to: 'order-next', weight: 1 },
            ],
          },
        },
      ],
    });
    const hashOf = (windowSize: 'lookahead' | 'event' | number): string =>
      runVirtual(definition(topology, KILLED), 6 * S, { windowSize, keep: false }).sha256();
    const whole = hashOf('lookahead');
    expect(hashOf('event')).toBe(whole);
    expect(hashOf(143)).toBe(whole);
    const events = eventsOf(definition(topology, KILLED), 6);
    expect(checkSpans(events)).toEqual([]);
    const types = new Set(events.map(({ type }) => type));
    expect(['limit.decided', 'retry.decided'].filter((type) => !types.has(type as LogEvent['type']))).toEqual([]);
  });

  it('GW15: parts in parallel take the time of the longest, in sequence the sum, to the microsecond', () => {
    const part = (id: string, to: string) => ({ id, to, method: 'GET' as const, path: '/orders', required: true });
    const parts = [part('a', 'order'), part('b', 'order-next')];
    const took = (mode: 'parallel' | 'sequential'): number[] => {
      const action = { kind: 'aggregate' as const, mode, parts, body: '${ parts }' };
      const ends = served(eventsOf(definition(shopWith({ routes: [{ ...all, action }] }, 5)), 3));
      expect(ends.length).toBeGreaterThan(10);
      return [...new Set(ends.map((end) => end.took))];
    };
    // There and back 1 ms each, and 10 or 30 ms of service.
    expect([took('parallel'), took('sequential')]).toEqual([[32_000], [44_000]]);
  });

  it('GW5: what a token bucket admits in any stretch of time is at most its size and what flowed in', () => {
    const rateLimit = { kind: 'token-bucket', maxTokens: 5, tokensPerFill: 1, fillIntervalMs: 100, key: 'ip' } as const;
    const events = eventsOf(definition(shopWith({ rateLimit })), 5);
    const admitted = events.flatMap((event) => (event.type === 'limit.decided' && event.allowed ? [event.t] : []));
    const worst = admitted.map((from, index) =>
      Math.max(...admitted.slice(index).map((to, more) => more + 1 - (5 + Math.floor((to - from) / 100_000)))),
    );
    expect(Math.max(...worst)).toBeLessThanOrEqual(0);
    expect(admitted.length).toBeGreaterThanOrEqual(5 + 48);
    const refused = served(events).filter(({ attributes }) => attributes['servarium.flag'] === 'RL');
    expect(refused.length).toBe(served(events).length - admitted.length);
  });

  it('GW7 GW9: a killed instance costs tries, not requests; every try of one request carries its id', () => {
    const retries = { maxAttempts: 3, on: ['connection' as const], backoff };
    const events = eventsOf(definition(shopWith({ retries }), KILLED.slice(0, 2)), 6);
    const statuses = new Set(served(events).map(({ attributes }) => attributes['http.response.status_code']));
    expect([...statuses]).toEqual([200]);
    const ids = new Map<string, Set<string>>();
    let sent = 0;
    for (const event of events) {
      if (event.type !== 'message.sent' || event.from !== 'gw#0' || event.payload.kind !== 'http.request') continue;
      const traceId = event.trace?.traceId ?? '';
      sent += 1;
      ids.set(traceId, (ids.get(traceId) ?? new Set()).add(event.payload.headers['x-request-id'] ?? ''));
    }
    expect(sent).toBeGreaterThan(ids.size);
    expect(Math.max(...[...ids.values()].map((own) => own.size))).toBe(1);
    const without = served(eventsOf(definition(shopWith({}), KILLED.slice(0, 2)), 6));
    expect(without.some(({ attributes }) => attributes['servarium.flag'] === 'UF')).toBe(true);
  });
});
