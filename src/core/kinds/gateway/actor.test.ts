import { describe, expect, it } from 'vitest';
import { checkSpans } from '../../telemetry/spans.ts';
import type { LogEvent } from '../../fabric/event.ts';
import type { Route } from '../../topology/types.ts';
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
  it('sends the request on unchanged but for hop-by-hop headers, the request id and the trace', () => {
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

  it('answers 502 for a refused and for a reset connection', () => {
    for (const [reason, flag] of [
      ['connection_refused', 'UF'],
      ['connection_reset', 'UC'],
    ] as const) {
      const port = runningGateway([orders]);
      fromEdge(port, { path: '/api/orders' });
      const [sent] = port.sent;
      if (reason === 'connection_refused') port.deliver({ type: 'refused', message: sent!.id, to: sent!.to, reason });
      else port.deliver({ type: 'peer.down', instance: sent!.to, reason: 'killed' });
      expect(edgeReplies(port)).toMatchObject([{ status: 502, json: { code: reason, flag, status: 502 } }]);
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
