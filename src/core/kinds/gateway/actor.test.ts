import { describe, expect, it } from 'vitest';
import { checkSpans } from '../../telemetry/spans.ts';
import type { LogEvent } from '../../fabric/event.ts';
import type { Route } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, registryRecord, serviceRecord } from '../testing/fixtures.ts';
import { edgeReplies, fromEdge, gatewayRecord, jsonReply, runningGateway, serve } from '../testing/gateway-bench.ts';
import { gatewayActor } from './actor.ts';

const orders: Route = {
  id: 'orders',
  match: 'prefix',
  path: '/api/orders',
  methods: ['GET', 'POST'],
  action: { kind: 'forward', to: 'order', stripPrefix: false },
};
const traceId = 'a'.repeat(32);
const traceparent = `00-${traceId}-${'b'.repeat(16)}-01`;

describe('forwarding', () => {
  it('sends the request on unchanged but for hop-by-hop headers, who asked, the request id and the trace (GW14)', () => {
    const port = runningGateway([orders]);
    const headers = {
      Connection: 'keep-alive, X-Secret',
      'X-Secret': '1',
      'Keep-Alive': '5',
      'Transfer-Encoding': 'chunked',
      Host: 'shop',
      Authorization: 'Bearer x',
      'X-Request-Id': 'given',
      traceparent,
    };
    fromEdge(port, { method: 'POST', path: '/api/orders/7?x=1', headers, body: '{"a":1}' });
    const [sent] = port.sentOf('http.request');
    expect(sent).toMatchObject({
      to: 'order#0',
      link: 'order-link',
      operation: 'POST /api/orders/7',
      trace: { traceId },
    });
    expect(sent?.payload).toEqual({
      kind: 'http.request',
      method: 'POST',
      path: '/api/orders/7?x=1',
      headers: {
        authorization: 'Bearer x',
        'x-forwarded-for': 'edge',
        'x-forwarded-host': 'shop',
        'x-forwarded-proto': 'http',
        'x-request-id': 'given',
        traceparent: `00-${traceId}-${sent?.trace?.spanId}-01`,
      },
      body: '{"a":1}',
    });
    port.reply(sent!, {
      kind: 'http.reply',
      status: 201,
      headers: { Location: '/7', Connection: 'close' },
      body: 'made',
    });
    const [reply] = port.sentOf('http.reply');
    expect(reply).toMatchObject({ link: null, inReplyTo: 'input:1', operation: '201 POST /api/orders/7' });
    expect(reply?.payload).toEqual({
      kind: 'http.reply',
      status: 201,
      headers: { location: '/7', 'x-request-id': 'given' },
      body: 'made',
    });
  });

  it('answers a client on the link that it came by', () => {
    const port = runningGateway([orders]);
    const request = { kind: 'http.request', method: 'GET', path: '/api/orders', headers: {}, body: null } as const;
    const asked = port.message(request, { from: 'web#0', link: 'web-gw', trace: { traceId, spanId: 'c'.repeat(16) } });
    serve(port, () => ({ afterUs: 5, reply: jsonReply([]) }));
    expect(port.sentOf('http.reply')).toMatchObject([
      { to: 'web#0', link: 'web-gw', inReplyTo: asked, payload: { status: 200 } },
    ]);
    expect(port.eventsOf('span.started')[0]).toMatchObject({ traceId, parentSpanId: 'c'.repeat(16), kind: 'SERVER' });
  });

  it.each([
    ['404', 'GET', '/nothing', 404, { code: 'no_route', flag: 'NR' }],
    ['405', 'DELETE', '/api/orders/1', 405, { code: 'method_not_allowed' }],
  ])('answers %s itself as problem+json with a request id', (_, method, path, status, problem) => {
    const port = runningGateway([orders]);
    fromEdge(port, { method, path });
    const [reply] = edgeReplies(port);
    expect(reply).toMatchObject({
      status,
      json: { ...problem, status },
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(reply?.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(reply?.headers['allow']).toBe(status === 405 ? 'GET, POST' : undefined);
    expect(port.sentOf('http.request')).toEqual([]);
  });

  it('GW3 answers 503 as Envoy or 502 as nginx for a refused and for a reset connection, with the flag in body and span', () => {
    for (const [reason, flag, matching, status] of [
      ['connection_refused', 'UF', 'gateway-api', 503],
      ['connection_reset', 'UC', 'gateway-api', 503],
      ['connection_refused', 'UF', 'nginx', 502],
      ['connection_reset', 'UC', 'nginx', 502],
    ] as const) {
      const port = runningGateway([orders], 1000, { matching });
      fromEdge(port, { path: '/api/orders' });
      const [sent] = port.sent;
      if (reason === 'connection_refused') port.deliver({ type: 'refused', message: sent!.id, to: sent!.to, reason });
      else port.deliver({ type: 'peer.down', instance: sent!.to, reason: 'killed' });
      const [reply] = edgeReplies(port);
      expect(reply?.json).toEqual({
        type: 'about:blank',
        title: status === 503 ? 'Service Unavailable' : 'Bad Gateway',
        status,
        detail: expect.stringContaining('order#0') as string,
        instance: reply?.headers['x-request-id'],
        code: reason,
        flag,
      });
      expect(port.eventsOf('span.ended').at(-1)?.attributes).toMatchObject({ 'servarium.flag': flag });
    }
  });

  it('answers 504 exactly at the timeout of the route, and ignores what comes later', () => {
    const port = runningGateway([{ ...orders, timeoutMs: 250 }], 1000);
    fromEdge(port, { path: '/api/orders' });
    port.advance(249_999);
    expect(edgeReplies(port)).toEqual([]);
    port.advance(1);
    expect(edgeReplies(port)).toMatchObject([{ status: 504, json: { code: 'timeout', flag: 'UT' } }]);
    port.reply(port.sent[0]!, { kind: 'http.reply', ...jsonReply({}) });
    expect(edgeReplies(port)).toHaveLength(1);
  });

  it('answers 503 with the words of the chapter when the registry knows no instance', () => {
    const peers = [
      peerOf('order', 'http', 'out', serviceRecord('order-service')),
      peerOf('consul', 'discovery', 'out', registryRecord('consul', 0)),
    ];
    const port = createFakePort(initOf('gw', gatewayRecord([orders]), peers));
    port.attach(gatewayActor);
    port.deliver({ type: 'start' });
    port.advance(1000);
    fromEdge(port, { path: '/api/orders' });
    port.reply(port.sent[0]!, { kind: 'registry.result', service: 'order-service', addresses: [] });
    const detail = 'no instances found for order-service';
    expect(edgeReplies(port)).toMatchObject([{ status: 503, json: { code: 'no_instances', detail, flag: 'UH' } }]);
  });

  it('answers 503 while it starts, and stops after a drain only when nothing is in flight', () => {
    const port = createFakePort(
      initOf('gw', gatewayRecord([orders]), [peerOf('order', 'http', 'out', serviceRecord('o'))]),
    );
    port.attach(gatewayActor);
    port.deliver({ type: 'start' });
    fromEdge(port, { path: '/api/orders' });
    expect(edgeReplies(port)).toMatchObject([{ status: 503, json: { code: 'not_ready' } }]);
    port.advance(1000);
    fromEdge(port, { path: '/api/orders' }, 2);
    port.deliver({ type: 'drain' });
    expect(port.stopped).toBe(null);
    serve(port, () => ({ afterUs: 5, reply: jsonReply({}) }));
    expect([edgeReplies(port)[1]?.status, port.stopped]).toEqual([200, 'drained']);
  });
});

describe('GW7 request id', () => {
  const ids = (port: FakePort): unknown[] => [
    port.sentOf('http.request')[0]?.payload.headers['x-request-id'],
    edgeReplies(port)[0]?.headers['x-request-id'],
    port.eventsOf('span.started')[0]?.attributes['servarium.request_id'],
  ];
  it.each([
    ['keep', 'given', 'given'],
    ['keep', undefined, /^[0-9a-f-]{36}$/],
    ['replace', 'given', /^[0-9a-f-]{36}$/],
  ] as const)('%s: %s -> the same one upstream, in the span and in the reply', (requestId, given, expected) => {
    const port = runningGateway([orders], 1000, { requestId });
    fromEdge(port, { path: '/api/orders', headers: given === undefined ? {} : { 'X-Request-Id': given } });
    serve(port, () => ({ afterUs: 5, reply: jsonReply([]) }));
    const [first, ...others] = ids(port);
    expect(first).toMatch(expected);
    expect(others).toEqual([first, first]);
  });
});

describe('GW14 who asked', () => {
  const asked = (headers: Record<string, string>, fromAddress?: string): unknown => {
    const web = peerOf('web', 'http', 'in', serviceRecord('web'), 2);
    const order = peerOf('order', 'http', 'out', serviceRecord('o'));
    const port = createFakePort(initOf('gw', gatewayRecord([orders]), [web, order]));
    port.attach(gatewayActor);
    port.deliver({ type: 'start' });
    port.advance(1000);
    const request = { kind: 'http.request', method: 'GET', path: '/api/orders', headers, body: null } as const;
    port.message(request, { from: 'web#1', link: 'web-link', ...(fromAddress === undefined ? {} : { fromAddress }) });
    const sent = port.sentOf('http.request')[0]?.payload.headers ?? {};
    return ['for', 'proto', 'host'].map((name) => sent[`x-forwarded-${name}`]);
  };
  it('puts the address of the caller behind those that came, and keeps protocol and host of the first hop', () => {
    expect(asked({})).toEqual(['192.168.1.11', 'http', 'api:8080']);
    const before = { 'x-forwarded-for': '10.0.0.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.test' };
    expect(asked(before)).toEqual(['10.0.0.1, 192.168.1.11', 'https', 'shop.test']);
    expect(asked({}, '172.18.0.7')).toEqual(['172.18.0.7', 'http', 'api:8080']);
    expect(asked({}, '[::1]:5000')).toEqual(['::1', 'http', 'api:8080']);
  });
});

describe('GW16 lifetime of a version', () => {
  it('is told in Deprecation as a structured date and in Sunset as an HTTP date, of that version alone', () => {
    const versions = [
      { name: '1', deprecatedAt: '2023-06-30', sunsetAt: '2024-06-30T23:59:59Z' },
      { name: '2', sunsetAt: '2030-01-01T02:00:00+02:00' },
      { name: '3' },
    ];
    const versioning = { by: 'header', default: '3', unknown: 406, versions } as const;
    const headers = (['1', '2', '3'] as const).map((version) => {
      const port = runningGateway([orders], 1000, { versioning });
      fromEdge(port, { path: '/api/orders', headers: { 'api-version': version } });
      serve(port, () => ({ afterUs: 5, reply: jsonReply([]) }));
      const reply = edgeReplies(port)[0]?.headers ?? {};
      return [reply['deprecation'], reply['sunset']];
    });
    expect(headers).toEqual([
      ['@1688083200', 'Sun, 30 Jun 2024 23:59:59 GMT'],
      [undefined, 'Tue, 01 Jan 2030 00:00:00 GMT'],
      [undefined, undefined],
    ]);
  });
});

describe('GW2 in nginx mode', () => {
  it('answers 301 with the slash, and 400 for a path above the root', () => {
    const port = runningGateway([{ ...orders, path: '/api/orders/' }], 1000, { matching: 'nginx' });
    fromEdge(port, { path: '/api/orders?x=1' });
    fromEdge(port, { path: '/../api' }, 2);
    expect(edgeReplies(port)).toMatchObject([
      { status: 301, headers: { location: '/api/orders/?x=1' } },
      { status: 400, json: { code: 'bad_request', title: 'Bad Request' } },
    ]);
  });
});

describe('OB3 spans', () => {
  const asEvents = (port: FakePort): LogEvent[] =>
    port.events.map(({ t, body }, seq) => ({ t, class: 3, source: 'gw#0', seq, ...body }));

  it('has a SERVER span around the CLIENT span of the upstream call; 4xx leaves the SERVER unset and marks the CLIENT', () => {
    const port = runningGateway([orders]);
    for (const status of [200, 404, 500]) {
      fromEdge(port, { path: '/api/orders' }, status);
      serve(port, () => ({ afterUs: 100, reply: jsonReply({}, status) }));
    }
    expect(checkSpans(asEvents(port))).toEqual([]);
    const ended = port
      .eventsOf('span.ended')
      .map(({ status, attributes }) => [status, attributes['http.response.status_code']]);
    expect(ended).toEqual([
      ['unset', 200],
      ['unset', 200],
      ['error', 404],
      ['unset', 404],
      ['error', 500],
      ['error', 500],
    ]);
    const [server, client] = port.eventsOf('span.started');
    expect(server).toMatchObject({ kind: 'SERVER', name: 'GET /api/orders', parentSpanId: null });
    expect(client).toMatchObject({ kind: 'CLIENT', parentSpanId: server?.spanId, traceId: server?.traceId });
  });

  it('trusts the inbound context, and tells two requests with one traceparent apart', () => {
    const port = runningGateway([orders]);
    for (const seq of [1, 2]) fromEdge(port, { path: '/api/orders', headers: { traceparent } }, seq);
    const servers = port.eventsOf('span.started').filter(({ kind }) => kind === 'SERVER');
    expect(servers).toMatchObject(Array(2).fill({ traceId, parentSpanId: 'b'.repeat(16) }));
    expect(new Set(port.eventsOf('span.started').map(({ spanId }) => spanId)).size).toBe(4);
  });

  it('begins a new trace for an invalid traceparent, and passes the saga on', () => {
    const port = runningGateway([orders]);
    fromEdge(port, { path: '/api/orders', headers: { traceparent: `${traceparent}-x` } });
    expect(port.eventsOf('span.started')[0]?.traceId).not.toBe(traceId);
    const baggage = 'user=7,saga.name=order,saga.direction=compensation';
    fromEdge(port, { path: '/api/orders', headers: { traceparent, baggage, tracestate: 'a=1' } }, 2);
    expect(port.sent.at(-1)?.trace?.saga).toEqual({ name: 'order', direction: 'compensation' });
    expect(port.sentOf('http.request').at(-1)?.payload.headers).toMatchObject({ baggage, tracestate: 'a=1' });
    fromEdge(port, { path: '/api/orders', headers: { traceparent: 'nonsense', tracestate: 'a=1' } }, 3);
    expect(port.sentOf('http.request').at(-1)?.payload.headers['tracestate']).toBe(undefined);
  });
});
