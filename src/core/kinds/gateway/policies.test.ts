import { describe, expect, it } from 'vitest';
import type { RateLimit, Retries, Route } from '../../topology/schema/types.ts';
import { checkSpans } from '../../telemetry/spans.ts';
import type { LogEvent } from '../../fabric/event.ts';
import type { FakePort } from '../testing/fake-port.ts';
import { edgeReplies, fromEdge, jsonReply, runningGateway, serve } from '../testing/gateway-bench.ts';

const orders: Route = {
  id: 'orders',
  match: 'prefix',
  path: '/api/orders',
  action: { kind: 'forward', to: 'order', stripPrefix: false },
};
const backoff: Retries['backoff'] = { initialIntervalMs: 10, backoffCoefficient: 1, maxIntervalMs: 10, jitter: 'none' };
const retries = (more: Partial<Retries> = {}): Retries => ({
  maxAttempts: 3,
  on: ['5xx', 'connection', 'timeout'],
  backoff,
  ...more,
});
const soundSpans = (port: FakePort): void =>
  expect(
    checkSpans(port.events.map(({ t, body }, seq): LogEvent => ({ t, class: 3, source: 'gw#0', seq, ...body }))),
  ).toEqual([]);
const statuses = (port: FakePort): number[] => edgeReplies(port).map(({ status }) => status);

describe('GW5 GW6 rate limits', () => {
  const bucket: RateLimit = { kind: 'token-bucket', maxTokens: 2, tokensPerFill: 1, fillIntervalMs: 1500, key: 'ip' };
  const send = (port: FakePort, headers: Record<string, string> = {}): void => {
    fromEdge(port, { path: '/api/orders', headers });
    serve(port, () => ({ afterUs: 5, reply: jsonReply([]) }), 10);
  };

  it('admits a burst, then answers 429 with what a client has to know, and tells every decision', () => {
    const port = runningGateway([{ ...orders, rateLimit: bucket }]);
    for (let count = 0; count < 3; count += 1) send(port);
    expect(statuses(port)).toEqual([200, 200, 429]);
    const [first, , refused] = edgeReplies(port);
    expect(first?.headers).toMatchObject({
      'ratelimit-limit': '2',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '2',
    });
    expect(first?.headers['retry-after']).toBe(undefined);
    expect(refused).toMatchObject({
      headers: { 'ratelimit-limit': '2', 'ratelimit-remaining': '0', 'ratelimit-reset': '3', 'retry-after': '2' },
      json: { code: 'rate_limited', flag: 'RL', title: 'Too Many Requests' },
    });
    expect(port.sentOf('http.request')).toHaveLength(2);
    expect(port.eventsOf('limit.decided')).toMatchObject([
      {
        route: 'orders',
        key: 'ip edge',
        algorithm: 'token-bucket',
        allowed: true,
        limit: 2,
        remaining: 1,
        retryAt: null,
      },
      { allowed: true, remaining: 0, retryAt: 1_501_000 },
      { allowed: false, remaining: 0, retryAt: 1_501_000 },
    ]);
    port.advance(2_000_000);
    send(port);
    expect(statuses(port).at(-1)).toBe(200);
    expect(port.eventsOf('span.ended').some(({ attributes }) => attributes['servarium.flag'] === 'RL')).toBe(true);
  });

  it('counts by what the key says, and by address where that is missing; budgets never meet', () => {
    const by = (key: RateLimit['key'], header?: string): RateLimit => ({
      kind: 'fixed-window',
      limit: 1,
      period: 'hour',
      key,
      ...(header === undefined ? {} : { header }),
    });
    const keys = (limit: RateLimit, ...requests: Record<string, string>[]): string[] => {
      const port = runningGateway([orders], 1000, { rateLimit: limit });
      for (const headers of requests) send(port, headers);
      return port.eventsOf('limit.decided').map(({ key, allowed, route }) => `${key} ${allowed} ${route}`);
    };
    expect(keys(by('client-kind'), { 'x-client-kind': 'iot' }, { 'x-client-kind': 'web' }, {}, {})).toEqual([
      'client-kind iot true null',
      'client-kind web true null',
      'ip edge true null',
      'ip edge false null',
    ]);
    expect(keys(by('header', 'x-tenant'), { 'X-Tenant': 'a' }, { 'X-Tenant': 'a' }, { 'x-tenant': '' })).toEqual([
      'header x-tenant a true null',
      'header x-tenant a false null',
      'ip edge true null',
    ]);
    expect(keys(by('consumer'), {})).toEqual(['ip edge true null']);
  });

  it("asks the gateway's limit before the route's, and shows the tighter one", () => {
    const window = (limit: number): RateLimit => ({ kind: 'sliding-window', limit, windowMs: 60_000, key: 'ip' });
    const port = runningGateway([{ ...orders, rateLimit: window(1) }], 1000, { rateLimit: window(3) });
    for (let count = 0; count < 4; count += 1) send(port);
    expect(port.eventsOf('limit.decided').map(({ route, allowed }) => `${route} ${allowed}`)).toEqual([
      'null true',
      'orders true',
      'null true',
      'orders false',
      'null true',
      'orders false',
      'null false',
    ]);
    expect(edgeReplies(port)[0]?.headers).toMatchObject({ 'ratelimit-limit': '1', 'ratelimit-remaining': '0' });
  });
});

describe('GW8 GW9 retries', () => {
  const tries = (port: FakePort): unknown[] => port.sentOf('http.request').map(({ t }) => t - 1000);

  it('repeats what failed after its pause, with the same request id on spans of their own', () => {
    const port = runningGateway([{ ...orders, retries: retries() }]);
    fromEdge(port, { path: '/api/orders' });
    let asked = 0;
    serve(port, () => ({ afterUs: 1000, reply: jsonReply({}, (asked += 1) < 3 ? 503 : 200) }));
    expect(tries(port)).toEqual([0, 11_000, 22_000]);
    expect(statuses(port)).toEqual([200]);
    const ids = new Set(port.sentOf('http.request').map(({ payload }) => payload.headers['x-request-id']));
    expect([...ids]).toEqual([edgeReplies(port)[0]?.headers['x-request-id']]);
    expect(port.eventsOf('retry.decided')).toMatchObject([
      { call: 'orders', to: 'order', attempt: 1, reason: 'http_503', delayUs: 10_000, refused: null },
      { attempt: 2, delayUs: 10_000 },
    ]);
    const clients = port.eventsOf('span.started').filter(({ kind }) => kind === 'CLIENT');
    expect(clients.map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([undefined, 1, 2]);
    soundSpans(port);
  });

  it('stops when the time of the whole request is over, whatever the tries have left', () => {
    const port = runningGateway([{ ...orders, timeoutMs: 300, retries: retries({ perTryTimeoutMs: 270 }) }]);
    fromEdge(port, { path: '/api/orders' });
    serve(port, () => null);
    expect(tries(port)).toEqual([0, 280_000]);
    expect(edgeReplies(port)).toMatchObject([{ status: 504, t: 301_000, json: { flag: 'UT' } }]);
    soundSpans(port);
  });

  it('does not repeat a POST that may have been done, but one that was never accepted; says URX when all tries are made', () => {
    const post = (reason: 'refused' | 'answered'): FakePort => {
      const port = runningGateway([orders], 1000, { retries: retries({ maxAttempts: 2 }) });
      fromEdge(port, { path: '/api/orders', method: 'POST' });
      if (reason === 'answered') serve(port, () => ({ afterUs: 10, reply: jsonReply({}, 500) }));
      else
        for (let n = 0; n < 2; n += 1) {
          const sent = port.sentOf('http.request')[n];
          port.deliver({ type: 'refused', message: sent!.id, to: sent!.to, reason: 'connection_refused' });
          port.advance(20_000);
        }
      return port;
    };
    const answered = post('answered');
    expect([tries(answered).length, statuses(answered)]).toEqual([1, [500]]);
    expect(answered.eventsOf('retry.decided')).toMatchObject([
      { delayUs: null, refused: expect.any(String) as string },
    ]);
    const refused = post('refused');
    expect([tries(refused).length, edgeReplies(refused)[0]?.json]).toMatchObject([2, { flag: 'UF,URX', status: 503 }]);
  });

  it('passes the last answer of an upstream on, with URX on the span', () => {
    const port = runningGateway([{ ...orders, retries: retries() }]);
    fromEdge(port, { path: '/api/orders' });
    serve(port, () => ({ afterUs: 10, reply: jsonReply({ mine: true }, 502) }));
    expect(edgeReplies(port)).toMatchObject([{ status: 502, json: { mine: true } }]);
    expect(port.eventsOf('span.ended').at(-1)?.attributes['servarium.flag']).toBe('URX');
  });

  it('GW10 a layer of 1 + 3 tries makes 4 calls of 1 in an outage; with a budget at most 3 repeat at once', () => {
    const total = (more: Partial<Retries>): number => {
      const policy = retries({ maxAttempts: 4, ...more });
      const port = runningGateway([{ ...orders, retries: policy }], 60_000);
      for (let n = 0; n < 10; n += 1) fromEdge(port, { path: '/api/orders' }, n);
      serve(port, () => ({ afterUs: 10, reply: jsonReply({}, 503) }));
      return port.sentOf('http.request').length;
    };
    expect(total({})).toBe(40);
    expect(total({ budgetPercent: 20 })).toBeLessThan(25);
  });
});

describe('split of the traffic', () => {
  const canary = (weights: [string, number][]): Route => ({
    ...orders,
    action: {
      kind: 'forward',
      to: 'order',
      stripPrefix: false,
      split: weights.map(([to, weight]) => ({ to, weight })),
    },
  });
  const run = (weights: [string, number][], requests: number): string[] => {
    const port = runningGateway([canary(weights)]);
    for (let n = 0; n < requests; n += 1) fromEdge(port, { path: '/api/orders' }, n);
    serve(port, () => ({ afterUs: 10, reply: jsonReply({}) }));
    const chosen = port.eventsOf('span.ended').flatMap(({ attributes }) => attributes['servarium.upstream'] ?? []);
    expect(chosen).toEqual(port.sentOf('http.request').map(({ to }) => to.split('#')[0]));
    return chosen as string[];
  };

  it('gives each upstream its share, the same request always the same one', () => {
    const weights: [string, number][] = [
      ['order', 90],
      ['user', 10],
      ['product', 0],
    ];
    const chosen = run(weights, 2000);
    const share = chosen.filter((to) => to === 'user').length / chosen.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
    expect(chosen).not.toContain('product');
    expect(run(weights, 50)).toEqual(chosen.slice(0, 50));
  });

  it('moves only to the new version what the new weights move', () => {
    const before = run(
      [
        ['order', 90],
        ['user', 10],
      ],
      500,
    );
    const after = run(
      [
        ['order', 50],
        ['user', 50],
      ],
      500,
    );
    expect(before.every((to, index) => to === 'order' || after[index] === 'user')).toBe(true);
  });
});

describe('GW13 limits towards an upstream', () => {
  it('answers 503 UO at once for what overflows', () => {
    const port = runningGateway([orders], 1000, { upstreamLimits: { maxRequests: 1, maxPending: 0, maxRetries: 3 } });
    fromEdge(port, { path: '/api/orders' });
    fromEdge(port, { path: '/api/orders' }, 2);
    port.advance(10);
    expect(edgeReplies(port)).toMatchObject([{ status: 503, json: { code: 'upstream_overflow', flag: 'UO' } }]);
  });
});
