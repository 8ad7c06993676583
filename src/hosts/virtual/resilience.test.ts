import { describe, expect, test } from 'vitest';
import type { EventOf, LogEvent } from '../../core/fabric/event.ts';
import type { RunDefinition } from '../../core/fabric/run-api.ts';
import type { CallPolicy, Retries, TopologyNode } from '../../core/topology/schema/types.ts';
import { runVirtual, VirtualRun } from './run-virtual.ts';
import {
  amplification,
  ask,
  client,
  endpoint,
  immediate,
  latencies,
  layers,
  mean,
  requestsTo,
  runOf,
  service,
  threeRetries,
} from './simulation/layers.suite.ts';
import { brokenResilience } from './simulation/resilience.suite.ts';

const SECOND = 1_000_000;
const say = (text: string): void => console.log(text);
const isType =
  <T extends LogEvent['type']>(type: T) =>
  (event: LogEvent): event is EventOf<T> =>
    event.type === type;

describe('GW10 amplification', () => {
  test.each([1, 2, 3, 4])('in a total outage k = %i layers of 3 retries make exactly 4^k calls of one', (k) => {
    const run = new VirtualRun(layers(k, threeRetries, 0));
    run.inject({ kind: 'fault.set', fault: { kind: 'outage', node: 'bottom' } });
    run.runUntil(SECOND);
    run.inject({ kind: 'request', node: 's1', request: { method: 'GET', path: '/ask', headers: {}, body: null } });
    run.runUntil(300 * SECOND);
    expect(requestsTo(run.events, 'bottom')).toBe(4 ** k);
    say(`GW10: ${k} layers of 3 retries: 1 request became ${requestsTo(run.events, 'bottom')} calls`);
  });

  test.each([1, 2, 3])(
    'with a budget of a fifth k = %i layers make at most 1.2^k as many calls (and 5 in 100)',
    (k) => {
      const { asked, bottom } = amplification(k, { ...threeRetries, budgetPercent: 20 }, 400, 4);
      say(
        `GW10: ${k} layers with a budget of 20 %: ${bottom} calls of ${asked} requests, ${(bottom / asked).toFixed(3)}`,
      );
      expect(bottom / asked).toBeLessThanOrEqual(1.2 ** k * 1.05);
      expect(bottom / asked).toBeGreaterThan(1.1 ** k);
    },
  );
});

test('retries of one call are sibling CLIENT spans that tell their number (OB3), with the same request id (GW7)', () => {
  const run = new VirtualRun(layers(1, threeRetries, 0));
  run.inject({ kind: 'fault.set', fault: { kind: 'outage', node: 'bottom' } });
  run.runUntil(SECOND);
  run.inject({ kind: 'request', node: 's1', request: { method: 'GET', path: '/ask', headers: {}, body: null } });
  run.runUntil(10 * SECOND);
  const spans = run.events.filter(isType('span.started')).filter(({ kind }) => kind === 'CLIENT');
  expect(new Set(spans.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(4);
  expect(spans.map(({ attributes }) => attributes['http.request.resend_count'] ?? 0)).toEqual([0, 1, 2, 3]);
  const requests = run.events.filter(isType('message.sent')).filter(({ to }) => to === 'bottom#0');
  const ids = requests.map(({ payload }) =>
    payload.kind === 'http.request' ? payload.headers['x-request-id'] : 'none',
  );
  expect([ids.length, new Set(ids).size, typeof ids[0]]).toEqual([4, 1, 'string']);
});

/** A gateway with 20 places towards one service, which asks a fast and a slow neighbour. */
function twoNeighbours(slowMs: number, policy: CallPolicy | undefined): RunDefinition {
  const nodes: Record<string, TopologyNode> = {
    client: client('gateway', ['/fast', '/slow'], 100, 'exponential'),
    gateway: {
      kind: 'gateway',
      name: 'gateway',
      position: { x: 0, y: 0 },
      config: {
        port: 8080,
        timeoutMs: 30_000,
        replicas: 1,
        upstreamLimits: { maxRequests: 20, maxPending: 10_000, maxRetries: 3 },
        routes: [
          { id: 'all', match: 'prefix', path: '/', action: { kind: 'forward', to: 'shop', stripPrefix: false } },
        ],
      },
    },
    shop: service('shop', [
      endpoint('fast', ask('fast', 'fast', 20_000)),
      endpoint('slow', ask('slow', 'slow', 20_000, policy)),
    ]),
    fast: service('fast', [endpoint('fast')], 20),
    slow: service('slow', [endpoint('slow')], slowMs),
  };
  const links: [string, string][] = [
    ['client', 'gateway'],
    ['gateway', 'shop'],
    ['shop', 'fast'],
    ['shop', 'slow'],
  ];
  return runOf(nodes, links, 1);
}

test('RS4 a bulkhead keeps a slow dependency from the others: their latency rises by less than 5 %', () => {
  const policy: CallPolicy = { bulkhead: { maxConcurrent: 5, maxQueued: 0 }, fallback: { ok: false } };
  const fast = (slowMs: number, under: CallPolicy | undefined): number =>
    mean(latencies(runVirtual(twoNeighbours(slowMs, under), 30 * SECOND).events, '/fast', 5 * SECOND, 20 * SECOND)) /
    1000;
  const [healthy, isolated, shared] = [fast(20, policy), fast(2000, policy), fast(2000, undefined)];
  say(
    `RS4: /fast takes ${healthy.toFixed(2)} ms; beside a slow dependency ${isolated.toFixed(2)} ms with a bulkhead, ${shared.toFixed(0)} ms without`,
  );
  expect(isolated).toBeLessThan(healthy * 1.05);
  expect(shared).toBeGreaterThan(healthy * 10);
});

/** client -> front -> back; back does one thing at a time (30 ms) and does what it began, wanted or not. */
function oneWorker(retries: Retries): RunDefinition {
  const oneAtATime: CallPolicy = { bulkhead: { maxConcurrent: 1, maxQueued: 10_000 } };
  const nodes: Record<string, TopologyNode> = {
    client: client('front', ['/work'], 20, 'exponential', 5000),
    front: service('front', [endpoint('work', ask('back', 'work', 3000, { retries }))]),
    back: service('back', [endpoint('work', ask('worker', 'work', 2000, oneAtATime))]),
    worker: service('worker', [endpoint('work')], 30),
  };
  const links: [string, string][] = [
    ['client', 'front'],
    ['front', 'back'],
    ['back', 'worker'],
  ];
  return runOf(nodes, links, 0.5);
}
const TRIGGER_FROM = 10 * SECOND;
const TRIGGER_TO = 20 * SECOND;

/** Share of the requests of each second that were answered with 200; a worker ten times slower for 10 s is the trigger. */
function goodputBySecond(retries: Retries, until: number): number[] {
  const begun = new Map<string, number>();
  const [asked, good] = [Array<number>(until).fill(0), Array<number>(until).fill(0)];
  const run = new VirtualRun(oneWorker(retries), {
    keep: false,
    onEvent(e) {
      if (!e.source.startsWith('client#')) return;
      const second = Math.floor(e.t / SECOND);
      if (e.type === 'span.started' && second < until) {
        begun.set(e.spanId, second);
        asked[second] = (asked[second] ?? 0) + 1;
      } else if (e.type === 'span.ended' && e.attributes['http.response.status_code'] === 200) {
        const at = begun.get(e.spanId) ?? -1;
        good[at] = (good[at] ?? 0) + 1;
      }
    },
  });
  const fault = { kind: 'slow', node: 'worker', factor: 10 } as const;
  run.runUntil(TRIGGER_FROM);
  run.inject({ kind: 'fault.set', fault });
  run.runUntil(TRIGGER_TO);
  run.inject({ kind: 'fault.clear', fault });
  run.runUntil((until + 10) * SECOND);
  return asked.map((n, second) => (n === 0 ? 1 : (good[second] ?? 0) / n));
}

describe('RS6 metastability', () => {
  const unbounded: Retries = { maxAttempts: 10, on: ['timeout', '5xx'], perTryTimeoutMs: 200, backoff: immediate };
  const bounded: Retries = {
    ...unbounded,
    budgetPercent: 20,
    backoff: { initialIntervalMs: 100, backoffCoefficient: 2, maxIntervalMs: 2000, jitter: 'full' },
  };
  const after = TRIGGER_TO / SECOND;

  test('unbounded immediate retries keep the system down long after the trigger is gone', () => {
    const share = goodputBySecond(unbounded, after + 40);
    expect(mean(share.slice(2, TRIGGER_FROM / SECOND - 1))).toBeGreaterThan(0.99);
    const later = mean(share.slice(after, after + 40));
    say(`RS6: goodput in the 40 s after the trigger: ${(later * 100).toFixed(1)} % with 10 immediate tries`);
    expect(later).toBeLessThan(0.2);
    expect(mean(share.slice(after + 30))).toBeLessThan(0.2);
  });

  test('with a budget and back-off it recovers within 30 s', () => {
    const share = goodputBySecond(bounded, after + 40);
    const well = share.findIndex((_, second) => second >= after && share.slice(second).every((part) => part > 0.95));
    say(`RS6: with a budget of 20 % and full jitter all is well ${well - after} s after the trigger`);
    expect(well).toBeGreaterThanOrEqual(after);
    expect(well - after).toBeLessThan(30);
  });
});

const guarded: CallPolicy = {
  retries: {
    maxAttempts: 3,
    on: ['timeout', '5xx', 'connection'],
    perTryTimeoutMs: 100,
    backoff: { initialIntervalMs: 20, backoffCoefficient: 2, maxIntervalMs: 100, jitter: 'full' },
    budgetPercent: 50,
  },
  breaker: {
    window: 'time',
    windowSize: 3,
    minimumCalls: 5,
    failureRatePercent: 50,
    slowRatePercent: 80,
    slowCallMs: 80,
    openMs: 1500,
    halfOpenPermits: 2,
    automatic: true,
  },
  bulkhead: { maxConcurrent: 4, maxQueued: 3, maxWaitMs: 60 },
  fallback: { instead: '${error.code}' },
};
function guardedRun(windowSize: 'lookahead' | 'event' | number): VirtualRun {
  const nodes = {
    client: client('front', ['/work'], 40, 'exponential'),
    front: service('front', [endpoint('work', ask('back', 'work', 1000, guarded))]),
    back: service('back', [endpoint('work')], 20),
  };
  const links: [string, string][] = [
    ['client', 'front'],
    ['front', 'back'],
  ];
  const run = new VirtualRun(runOf(nodes, links, 1, 7), { windowSize });
  const fault = { kind: 'slow', node: 'back', factor: 20 } as const;
  run.runUntil(3 * SECOND);
  run.inject({ kind: 'fault.set', fault });
  run.runUntil(7 * SECOND);
  run.inject({ kind: 'fault.clear', fault });
  run.runUntil(12 * SECOND);
  return run;
}

describe('a run with every policy', () => {
  test('RS2 the breaker opens, half-opens and closes; meanwhile the fallback answers; never more probes than permits', () => {
    const { events } = guardedRun('lookahead');
    const states = events.filter(isType('breaker.changed')).map(({ state }) => state);
    const turns = states.filter((state, at) => state !== states[at - 1]);
    expect(turns.slice(0, 3)).toEqual(['closed', 'open', 'half-open']);
    expect(turns.at(-1)).toBe('closed');
    expect(events.filter(isType('breaker.changed')).every(({ call, to }) => call === 'work/ask' && to === 'back')).toBe(
      true,
    );
    const warned = events
      .filter(isType('log'))
      .filter(({ text }) => text.startsWith('fallback of ask used: back not called: '));
    expect(warned.length).toBeGreaterThan(10);
    expect(events.filter(isType('retry.decided')).some(({ delayUs }) => delayUs !== null)).toBe(true);
    const pools = events.filter(isType('pool.changed')).filter(({ name }) => name === 'work/ask');
    expect(Math.max(...pools.map(({ active }) => active))).toBe(4);
    expect(Math.max(...pools.map(({ queued }) => queued))).toBeLessThanOrEqual(3);
    const asked = events
      .filter(isType('span.started'))
      .filter(({ source, t }) => source === 'client#0' && t < 11 * SECOND);
    expect(latencies(events, '/work', 0, 11 * SECOND)).toHaveLength(asked.length);
  });

  test('the log bytes do not depend on the window size', () => {
    const hashes = (['lookahead', 'event', 143, 1000] as const).map((size) => guardedRun(size).sha256());
    expect(new Set(hashes).size).toBe(1);
  });
});

test('the checks that find planted mistakes find none', () => {
  expect(brokenResilience()).toEqual([]);
});
