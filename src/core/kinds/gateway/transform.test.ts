import { describe, expect, it } from 'vitest';
import type { HttpReply, HttpRequest } from '../../fabric/message.ts';
import type { Route, Transform } from '../../topology/schema/types.ts';
import { edgeReplies, fromEdge, jsonReply, runningGateway, serve } from '../testing/gateway-bench.ts';

const orders: Route = {
  id: 'orders',
  match: 'template',
  path: '/api/orders/{id}',
  action: { kind: 'forward', to: 'order', stripPrefix: false },
};
interface Exchanged {
  sent: HttpRequest | undefined;
  got: (HttpReply & { json: unknown }) | undefined;
}
function exchange(
  given: { gateway?: Transform; route?: Transform },
  request: Partial<HttpRequest> = {},
  reply: HttpReply = jsonReply({ n: 1 }),
): Exchanged {
  const route = given.route === undefined ? orders : { ...orders, transform: given.route };
  const port = runningGateway([route], 1000, given.gateway === undefined ? {} : { transform: given.gateway });
  fromEdge(port, { path: '/api/orders/7?x=1', ...request });
  serve(port, () => ({ afterUs: 5, reply }));
  return { sent: port.sentOf('http.request')[0]?.payload, got: edgeReplies(port)[0] };
}

describe('GW14 transformations', () => {
  it('remove, rename, replace, add, append: in this order', () => {
    const headers = {
      remove: ['a'],
      rename: { b: 'a', missing: 'x' },
      replace: { a: 'replaced ${ request.headers.a }', none: '1' },
      add: { a: 'no', c: 'added' },
      append: { c: 'more', d: 'new' },
    };
    const { sent } = exchange({ route: { request: { headers } } }, { headers: { A: 'one', B: 'two' } });
    const { a, b, c, d, none, x } = sent?.headers ?? {};
    expect({ a, b, c, d, none, x }).toEqual({ a: 'replaced one', c: 'added, more', d: 'new' });
  });

  it("the route's stage comes behind the gateway's, in both directions", () => {
    const stage = (name: string): Transform => ({
      request: { headers: { append: { trail: name } } },
      response: { headers: { append: { trail: name } } },
    });
    const { sent, got } = exchange({ gateway: stage('gateway'), route: stage('route') });
    expect([sent?.headers['trail'], got?.headers['trail']]).toEqual(['gateway, route', 'gateway, route']);
  });

  it('rewrites path and body by CEL over the request and the parts of its path; the query stays unless there is a new one', () => {
    const path = '/v3/${ request.params.id }/${ request.query.x }';
    const body = { wrapped: '${ request.body }', by: '${ consumer == null ? "nobody" : consumer.name }' };
    const request = { method: 'POST', body: '{"q":2}', headers: { 'content-length': '7' } };
    const { sent } = exchange({ route: { request: { path, body } } }, request);
    expect(sent).toMatchObject({ path: '/v3/7/1?x=1', body: '{"by":"nobody","wrapped":{"q":2}}' });
    expect(sent?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(sent?.headers['content-length']).toBe(undefined);
    expect(exchange({ route: { request: { path: '/a?b=c' } } }).sent?.path).toBe('/a?b=c');
  });

  it('changes status, headers and body of the reply over what came', () => {
    const response = {
      status: '${ reply.status == 201 ? 200 : reply.status }',
      headers: { add: { 'x-count': '${ size(reply.body.list) }' }, remove: ['x-internal'] },
      body: { list: '${ reply.body.list }', id: '${ request.params.id }' },
    };
    const reply = { ...jsonReply({ list: [1, 2], secret: 1 }, 201), headers: { 'x-internal': '1', 'Keep-Alive': '5' } };
    const { got } = exchange({ route: { response } }, {}, reply);
    expect(got).toMatchObject({ status: 200, json: { list: [1, 2], id: '7' }, headers: { 'x-count': '2' } });
    expect(Object.keys(got?.headers ?? {}).sort()).toEqual(['content-type', 'x-count', 'x-request-id']);
  });

  it('a body that becomes null takes its content type with it; a text stays text', () => {
    expect(exchange({ route: { response: { body: null } } }).got).toMatchObject({ body: null });
    expect(exchange({ route: { response: { body: null } } }).got?.headers['content-type']).toBe(undefined);
    const port = runningGateway([{ ...orders, transform: { response: { body: 'hi ${ reply.body }' } } }]);
    fromEdge(port, { path: '/api/orders/7' });
    port.reply(port.sent[0]!, {
      kind: 'http.reply',
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    expect(port.sentOf('http.reply')[0]?.payload.body).toBe('hi x');
  });

  it.each<[string, Transform]>([
    ['an expression that fails', { request: { headers: { add: { a: '${ request.body.none }' } } } }],
    ['a path that is none', { request: { path: '${ request.query.x }' } }],
    ['a header with a line end', { response: { headers: { add: { a: '${ "a\\nb" }' } } } }],
    ['a status that is none', { response: { status: '${ "high" }' } }],
  ])('%s is a 500 of the route, with its reason', (_, transform) => {
    const { got } = exchange({ route: transform });
    const code = expect.stringMatching(/^(expression_failed|transform_failed)$/) as string;
    expect(got).toMatchObject({ status: 500, json: { title: 'Internal Server Error', code } });
  });

  it("does not touch the gateway's own problems", () => {
    const port = runningGateway([{ ...orders, transform: { response: { status: 200 } }, timeoutMs: 5 }]);
    fromEdge(port, { path: '/api/orders/7' });
    serve(port, () => null);
    expect(edgeReplies(port)).toMatchObject([{ status: 504 }]);
  });

  it('changes the headers of the parts of an aggregate, and its reply', () => {
    const part = { id: 'p', to: 'order', method: 'GET', path: '/p', required: true } as const;
    const route: Route = {
      id: 'all',
      match: 'exact',
      path: '/all',
      action: { kind: 'aggregate', mode: 'parallel', parts: [part], body: '${ parts.p }' },
      transform: { request: { headers: { add: { 'x-part': '1' } } }, response: { headers: { add: { etag: 'x' } } } },
    };
    const port = runningGateway([route]);
    fromEdge(port, { path: '/all' });
    serve(port, () => ({ afterUs: 1, reply: jsonReply(3) }));
    expect(port.sentOf('http.request')[0]?.payload.headers['x-part']).toBe('1');
    expect(edgeReplies(port)).toMatchObject([{ json: 3, headers: { etag: 'x' } }]);
  });
});
