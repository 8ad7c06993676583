import { describe, expect, it, test } from 'vitest';
import { edgeReplies, fromEdge } from '../../testing/gateway-bench.ts';
import type { FakePort } from '../../testing/fake-port.ts';
import type { Retries, Route } from '../../../topology/schema/types.ts';
import { ALL, answers, ask, ended, piece, rpcGateway, rpcRoute, statuses } from './grpc-bench.suite.ts';

const asked = (port: FakePort) => port.sentOf('grpc.request');
const replies = (port: FakePort) => port.sentOf('grpc.reply').map(({ payload }) => payload);
const RETRIES: Retries = {
  maxAttempts: 3,
  on: ['connection', '5xx', 'timeout'],
  backoff: { initialIntervalMs: 10, backoffCoefficient: 2, maxIntervalMs: 100, jitter: 'none' },
};
const flags = (port: FakePort): unknown[] =>
  port.eventsOf('span.ended').flatMap(({ attributes }) => attributes['servarium.flag'] ?? []);

describe('GW18 routes over gRPC', () => {
  const routes: Route[] = [
    rpcRoute('rest', 'prefix', '/'),
    rpcRoute('service', 'prefix', '/shop.Stock'),
    rpcRoute('one', 'exact', '/shop.Stock/Get'),
    rpcRoute('canary', 'exact', '/shop.Stock/Get', { headers: { 'x-canary': { equals: '1' } } }),
    rpcRoute('mobile', 'prefix', '/shop.Stock', { clientKinds: ['mobile'] }),
  ];
  it.each([
    ['/shop.Stock/Get', {}, 'one'],
    ['/shop.Stock/Get', { 'x-canary': '1' }, 'canary'],
    ['/shop.Stock/List', {}, 'service'],
    ['/shop.Stock/List', { 'x-client-kind': 'mobile' }, 'mobile'],
    ['/shop.Stocks/List', {}, 'rest'],
    ['/shop/Stock', {}, 'rest'],
  ])(
    '%s with %j takes "%s": more of the service, then of the method, then more conditions on metadata',
    (path, metadata, id) => {
      const port = rpcGateway(routes);
      ask(port, { path, metadata });
      expect(port.eventsOf('span.started')[0]?.attributes['servarium.route']).toBe(id);
    },
  );
  it('what no route takes is UNIMPLEMENTED, as a 404 is to gRPC; nothing is forwarded', () => {
    const port = rpcGateway([rpcRoute('one', 'exact', '/shop.Stock/Get')]);
    ask(port, { path: '/shop.Stock/List' });
    expect(replies(port)).toMatchObject([
      { status: 12, message: 'no route for /shop.Stock/List', bytes: null, sent: 0 },
    ]);
    expect([asked(port), flags(port)]).toEqual([[], ['NR']]);
  });
  it('routes over HTTP and over gRPC do not meet, whatever their paths', () => {
    const http: Route = {
      id: 'http',
      match: 'prefix',
      path: '/',
      action: { kind: 'forward', to: 'stock', stripPrefix: false },
    };
    const rpc = rpcGateway([http]);
    ask(rpc);
    expect(statuses(rpc)).toEqual([12]);
    const plain = rpcGateway([ALL]);
    fromEdge(plain, { method: 'POST', path: '/shop.Stock/Get' });
    expect(edgeReplies(plain)).toMatchObject([{ status: 404, json: { code: 'no_route' } }]);
  });
  it('shares of the traffic are by the span of the request', () => {
    const split = [
      { to: 'stock', weight: 0 },
      { to: 'store', weight: 1 },
    ];
    const port = rpcGateway([{ ...ALL, action: { kind: 'forward', to: 'stock', stripPrefix: false, split } }]);
    ask(port);
    expect(asked(port)[0]?.to).toBe('store#0');
  });
});

describe('GW19 what goes through a gateway over gRPC', () => {
  it('a unary call: the same bytes, metadata and status; who asked and the trace are added', () => {
    const port = rpcGateway([ALL]);
    const metadata = { 'x-mine': '1', 'blob-bin': 'AAE', 'user-agent': 'grpc' };
    const id = ask(port, { metadata, bytes: '/////w==', json: '{"odd":1}' });
    const [sent] = asked(port);
    const [server, client] = port.eventsOf('span.started');
    expect(sent).toMatchObject({ to: 'stock#0', link: 'stock-rpc', operation: 'shop.Stock/Get' });
    expect(sent?.payload).toEqual({
      kind: 'grpc.request',
      path: '/shop.Stock/Get',
      bytes: '/////w==',
      json: '{"odd":1}',
      timeoutUs: 1_000_000,
      metadata: {
        'x-mine': '1',
        'blob-bin': 'AAE',
        'x-forwarded-for': '192.168.1.10',
        'x-forwarded-host': 'api:50051',
        'x-forwarded-proto': 'http',
        'x-request-id': server?.attributes['servarium.request_id'],
        traceparent: `00-${server?.traceId}-${client?.spanId}-01`,
      },
    });
    port.reply(sent!, ended(0, { metadata: { 'x-theirs': '2' }, bytes: 'AQID', json: '{"any":1}' }));
    expect(answers(port)).toMatchObject([
      {
        to: 'app#0',
        link: 'app-link',
        inReplyTo: id,
        operation: 'OK shop.Stock/Get',
        payload: { status: 0, bytes: 'AQID', json: '{"any":1}', metadata: { 'x-theirs': '2' } },
      },
    ]);
    const { metadata: got } = replies(port)[0]!;
    expect(got['x-request-id']).toBe(server?.attributes['servarium.request_id']);
    expect(port.inspect()).toMatchObject({ inFlight: 0 });
  });
  it('a stream goes on message by message, in order; its status behind it', () => {
    const port = rpcGateway([ALL]);
    ask(port);
    const [sent] = asked(port);
    port.reply(sent!, piece(1));
    expect(answers(port)).toEqual([]);
    port.reply(sent!, piece(0));
    port.reply(sent!, ended(15, { sent: 3, message: 'lost the rest' }));
    expect(answers(port).map(({ payload }) => payload)).toEqual([piece(0), piece(1)]);
    port.reply(sent!, piece(2));
    expect(answers(port).map(({ payload }) => payload)).toMatchObject([
      piece(0),
      piece(1),
      piece(2),
      { status: 15, sent: 3, message: 'lost the rest' },
    ]);
  });
  it('spans: SERVER around CLIENT with rpc.*; of both the status, an error of the caller only in the CLIENT', () => {
    const port = rpcGateway([ALL]);
    for (const status of [0, 5, 13]) {
      ask(port);
      port.reply(asked(port).at(-1)!, ended(status));
    }
    const [server, client] = port.eventsOf('span.started');
    const rpc = { 'rpc.system': 'grpc', 'rpc.service': 'shop.Stock', 'rpc.method': 'Get' };
    expect(server).toMatchObject({ kind: 'SERVER', name: 'shop.Stock/Get', parentSpanId: null, attributes: rpc });
    expect(client).toMatchObject({ kind: 'CLIENT', parentSpanId: server?.spanId, attributes: rpc });
    const ends = port.eventsOf('span.ended').map((end) => [end.status, end.attributes['rpc.grpc.status_code']]);
    expect(ends).toEqual([
      ['unset', 0],
      ['unset', 0],
      ['error', 5],
      ['unset', 5],
      ['error', 13],
      ['error', 13],
    ]);
  });
  it("the deadline is what is left of the caller's, capped by the time-out of the route; each has its own status", () => {
    const own = rpcGateway([{ ...ALL, timeoutMs: 200 }]);
    ask(own, { timeoutUs: 500_000 });
    expect(asked(own)[0]?.payload.timeoutUs).toBe(200_000);
    own.advance(200_000);
    expect(replies(own)).toMatchObject([{ status: 14, message: 'no answer from stock-service within 200 ms' }]);
    expect([flags(own), own.sentOf('grpc.cancel')]).toMatchObject([['UT'], [{ to: 'stock#0' }]]);
    const callers = rpcGateway([ALL]);
    ask(callers, { timeoutUs: 50_000 });
    expect(asked(callers)[0]?.payload.timeoutUs).toBe(50_000);
    callers.advance(50_000);
    expect([statuses(callers), flags(callers)]).toEqual([[4], []]);
  });
  it('a caller that gives up or dies ends the call below', () => {
    const port = rpcGateway([ALL]);
    const id = ask(port);
    port.message({ kind: 'grpc.cancel', request: id }, { from: 'app#0', link: 'app-link' });
    ask(port);
    port.deliver({ type: 'peer.down', instance: 'app#0', reason: 'killed' });
    expect(port.sentOf('grpc.cancel').map(({ payload }) => payload.request)).toEqual(asked(port).map((one) => one.id));
    expect([answers(port), port.inspect()]).toMatchObject([[], { inFlight: 0 }]);
    const codes = port.eventsOf('span.ended').map(({ attributes }) => attributes['rpc.grpc.status_code']);
    expect(codes).toEqual([1, 1, 1, 1]);
  });
  it.each([
    [400, 13],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [500, 2],
    [503, 14],
  ])('what it says itself: %i is %i, trailers alone', (http, status) => {
    const port = rpcGateway([ALL]);
    port.init = { ...port.init, faults: [{ kind: 'error-rate', node: 'gw', rate: 1, status: http }] };
    ask(port);
    expect(replies(port)).toMatchObject([{ status, message: `api answers ${http} by fault`, bytes: null, sent: 0 }]);
  });
  it('an upstream that is lost behind the first message resets the stream: INTERNAL', () => {
    const port = rpcGateway([{ ...ALL, retries: RETRIES }]);
    ask(port);
    port.reply(asked(port)[0]!, piece(0));
    port.deliver({ type: 'peer.down', instance: 'stock#0', reason: 'killed' });
    expect([statuses(port), asked(port).length, flags(port)]).toEqual([[13], 1, ['UC']]);
    expect(replies(port)[0]).toMatchObject({ sent: 1, bytes: null });
  });
  it('GW4, GW5 keys and budgets count for rpcs, too: UNAUTHENTICATED, and UNAVAILABLE with the headers of the limit', () => {
    const keys = [{ key: 'k-1', consumer: 'ada' }];
    const rateLimit = { kind: 'fixed-window', limit: 1, period: 'second', key: 'consumer' } as const;
    const port = rpcGateway([ALL], { auth: { kind: 'api-key', header: 'x-key', keys }, rateLimit });
    ask(port);
    ask(port, { metadata: { 'x-key': 'k-1', 'x-consumer': 'root' } });
    ask(port, { metadata: { 'x-key': 'k-1' } });
    expect(statuses(port)).toEqual([16, 14]);
    expect(replies(port).map(({ metadata }) => [metadata['www-authenticate'], metadata['retry-after']])).toEqual([
      ['Key realm="api"', undefined],
      [undefined, '1'],
    ]);
    expect(asked(port).map(({ payload }) => payload.metadata['x-consumer'])).toEqual(['ada']);
    expect(flags(port)).toEqual(['RL']);
  });
  it('nothing is taken before it is ready, and a drain waits for streams', () => {
    const starting = rpcGateway([ALL], {}, 1000, 0);
    ask(starting);
    expect([statuses(starting), asked(starting).length]).toEqual([[14], 0]);
    expect(replies(starting)[0]?.message).toBe('api is starting');
    const port = rpcGateway([ALL]);
    ask(port);
    port.deliver({ type: 'drain' });
    expect(port.stopped).toBe(null);
    port.reply(asked(port)[0]!, ended(0));
    expect(port.stopped).toBe('drained');
  });
});

describe('GW20 who gets an rpc', () => {
  it.each([
    [13, 14],
    [2, 4],
    [12, 15],
  ])('instances take turns; the state of an upstream over gRPC is its own; statuses %i and %i eject', (one, two) => {
    const outlierDetection = {
      consecutive5xx: 2,
      intervalMs: 1000,
      baseEjectionMs: 1000,
      maxEjectionMs: 1000,
      maxEjectionPercent: 100,
      panicPercent: 0,
    };
    const port = rpcGateway([ALL], { outlierDetection });
    const turn = (status: number, more = {}): string => {
      ask(port);
      const sent = asked(port).at(-1)!;
      port.reply(sent, ended(status, more));
      return sent.to;
    };
    expect([turn(0), turn(0), turn(0)]).toEqual(['stock#0', 'stock#1', 'stock#0']);
    // Statuses of the caller's own fault, and those behind a message, are no failures of the instance.
    for (const status of [3, 5, 7, 8, 9, 16, 5, 3]) turn(status);
    for (let n = 0; n < 4; n += 1) turn(13, { sent: 0, bytes: 'CgFi', json: '{}' });
    expect(port.eventsOf('host.ejected')).toEqual([]);
    for (const status of [two, two, one, one]) turn(status);
    expect(port.eventsOf('host.ejected')).toMatchObject([
      { to: 'stock', protocol: 'grpc', reason: expect.stringContaining('2 failures in a row') as string },
      { to: 'stock', protocol: 'grpc' },
    ]);
    ask(port);
    port.advance(1);
    expect(replies(port).at(-1)).toMatchObject({ status: 14, message: 'no instance of stock-service is available' });
  });
  it('limits of an upstream: what waits is sent when a place is free, what is too much is UNAVAILABLE', () => {
    const port = rpcGateway([ALL], { upstreamLimits: { maxRequests: 1, maxPending: 1, maxRetries: 1 } });
    for (let n = 0; n < 3; n += 1) ask(port);
    port.advance(1);
    expect([asked(port).length, statuses(port), flags(port)]).toEqual([1, [14], ['UO']]);
    port.reply(asked(port)[0]!, ended(0));
    expect(asked(port)).toHaveLength(2);
    expect(port.eventsOf('pool.changed').every(({ protocol }) => protocol === 'grpc')).toBe(true);
  });
  it('GW12 active checks ask grpc.health.v1; NOT_SERVING takes an instance out at once, silence after the threshold', () => {
    const healthChecks = {
      path: '/unused',
      intervalMs: 100,
      timeoutMs: 20,
      unhealthyThreshold: 2,
      healthyThreshold: 1,
    };
    const port = rpcGateway([ALL], { healthChecks });
    const checks = () => asked(port).filter(({ payload }) => payload.path === '/grpc.health.v1.Health/Check');
    expect(checks().map(({ to, payload }) => [to, payload.bytes, payload.timeoutUs])).toEqual([
      ['stock#0', '', 20_000],
      ['stock#1', '', 20_000],
    ]);
    expect(port.sentOf('http.request')).toEqual([]);
    const SERVING = { bytes: 'CAE=', json: '{}' };
    port.reply(checks()[0]!, ended(0, SERVING));
    port.reply(checks()[1]!, ended(0, { bytes: 'CAI=', json: '{}' }));
    ask(port);
    expect(asked(port).at(-1)?.to).toBe('stock#0');
    expect(port.eventsOf('host.ejected')).toMatchObject([
      { instance: 'stock#1', protocol: 'grpc', reason: 'a health check got NOT_SERVING', until: null },
    ]);
    port.advance(100_000);
    port.reply(checks()[3]!, ended(0, SERVING));
    expect(port.eventsOf('host.returned')).toMatchObject([{ instance: 'stock#1', protocol: 'grpc' }]);
    const out = () => port.eventsOf('host.ejected').map(({ instance, reason }) => [instance, reason]);
    // The check of stock#0 at 0.1 s got no answer yet: one silence is none too many, the second is.
    port.advance(100_000);
    expect(out()).toHaveLength(1);
    port.advance(200_000);
    expect(out().filter(([instance]) => instance === 'stock#0')).toHaveLength(1);
  });
});

describe('GW21 rpcs that are sent again', () => {
  const route = { ...ALL, retries: RETRIES };
  it('after a status that came alone, to another instance, with the number of the try and the same request id', () => {
    const port = rpcGateway([route]);
    ask(port);
    port.reply(asked(port)[0]!, ended(14));
    port.advance(10_000);
    expect(asked(port).map(({ to }) => to)).toEqual(['stock#0', 'stock#1']);
    const [first, second] = asked(port).map(({ payload }) => payload);
    expect(second?.metadata['x-request-id']).toBe(first?.metadata['x-request-id']);
    expect(second?.timeoutUs).toBe(990_000);
    expect(port.eventsOf('span.started').at(-1)?.attributes['rpc.grpc.resend_count']).toBe(1);
    port.reply(asked(port)[1]!, ended(0));
    expect(statuses(port)).toEqual([0]);
  });
  it('until all tries are made: the last status, and URX', () => {
    const port = rpcGateway([route]);
    ask(port);
    for (let n = 0; n < 3; n += 1) {
      port.reply(asked(port)[n]!, ended(13, { message: `try ${n}`, metadata: { 'grpc-retry-pushback-ms': '-1' } }));
      port.advance(50_000);
    }
    expect(asked(port)).toHaveLength(3);
    expect(replies(port)).toMatchObject([{ status: 13, message: 'try 2' }]);
    expect(flags(port)).toEqual(['URX']);
  });
  it.each([
    ['a reason that the policy does not name', (port: FakePort) => port.reply(asked(port)[0]!, ended(8))],
    [
      'a status behind a message',
      (port: FakePort) => {
        port.reply(asked(port)[0]!, piece(0));
        port.reply(asked(port)[0]!, ended(14, { sent: 1 }));
      },
    ],
  ])('not after %s', (_, answer) => {
    const port = rpcGateway([route]);
    ask(port);
    answer(port);
    port.advance(500_000);
    expect([asked(port).length, statuses(port).length]).toEqual([1, 1]);
  });
  test('the time of a try holds until its answer begins', () => {
    const retries: Retries = { ...RETRIES, perTryTimeoutMs: 100 };
    const port = rpcGateway([{ ...ALL, retries }]);
    ask(port);
    port.advance(100_000);
    expect(port.sentOf('grpc.cancel')).toHaveLength(1);
    port.advance(10_000);
    expect(asked(port)[1]?.payload.timeoutUs).toBe(100_000);
    port.reply(asked(port)[1]!, piece(0));
    port.advance(500_000);
    port.reply(asked(port)[1]!, ended(0, { bytes: null, json: null, sent: 1 }));
    expect(statuses(port)).toEqual([0]);
  });
});
