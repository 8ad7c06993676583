import { describe, expect, it } from 'vitest';
import type { Cors, Route } from '../../topology/schema/types.ts';
import { edgeReplies, fromEdge, jsonReply, runningGateway, serve } from '../testing/gateway-bench.ts';

const orders: Route = {
  id: 'orders',
  match: 'prefix',
  path: '/api',
  methods: ['GET'],
  action: { kind: 'forward', to: 'order', stripPrefix: false },
};
const open: Cors = {
  allowOrigins: ['*'],
  allowMethods: ['GET', 'PUT'],
  allowHeaders: ['content-type', 'X-Shop'],
  allowCredentials: false,
  maxAgeSeconds: 600,
};
const closed: Cors = {
  ...open,
  allowOrigins: ['https://shop.test'],
  exposeHeaders: ['x-total'],
  allowCredentials: true,
};
const ask = (
  cors: Cors,
  method: string,
  headers: Record<string, string>,
  upstream: Record<string, string> = {},
): { status: number; headers: Record<string, string>; sent: number } => {
  const port = runningGateway([orders], 1000, { cors });
  fromEdge(port, { method, path: '/api/x', headers });
  serve(port, () => ({ afterUs: 5, reply: { ...jsonReply([]), headers: upstream } }));
  const [reply] = edgeReplies(port);
  const { 'x-request-id': _, ...rest } = reply?.headers ?? {};
  return { status: reply?.status ?? 0, headers: rest, sent: port.sentOf('http.request').length };
};
const preflight = (origin: string, method: string, asked?: string): Record<string, string> => ({
  Origin: origin,
  'Access-Control-Request-Method': method,
  ...(asked === undefined ? {} : { 'Access-Control-Request-Headers': asked }),
});

describe('other origins (CORS)', () => {
  it('preflight: answered by the gateway alone, with what is allowed', () => {
    expect(ask(open, 'OPTIONS', preflight('https://a.test', 'PUT', 'Content-Type, x-shop'))).toEqual({
      status: 204,
      sent: 0,
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'content-type, X-Shop',
        'access-control-max-age': '600',
      },
    });
    expect(ask(closed, 'OPTIONS', preflight('https://shop.test', 'GET')).headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.test',
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    });
  });

  it.each([
    ['origin', closed, preflight('https://evil.test', 'GET')],
    ['method', open, preflight('https://a.test', 'DELETE')],
    ['header', open, preflight('https://a.test', 'GET', 'content-type, x-other')],
  ])('preflight: 403 in words for an unknown %s, and nothing that a browser takes for leave', (what, cors, headers) => {
    const reply = ask(cors, 'OPTIONS', headers);
    expect([reply.status, reply.sent]).toEqual([403, 0]);
    if (what === 'origin') expect(reply.headers['access-control-allow-origin']).toBe(undefined);
    expect(reply.headers['access-control-allow-methods']).toBe(undefined);
  });

  it('actual replies are decorated; what the upstream said about origins is replaced', () => {
    const upstream = { 'access-control-allow-origin': 'https://else.test', vary: 'Accept' };
    expect(ask(closed, 'GET', { origin: 'https://shop.test' }, upstream)).toMatchObject({
      status: 200,
      headers: {
        'access-control-allow-origin': 'https://shop.test',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'x-total',
        vary: 'Accept, Origin',
      },
    });
    expect(ask(closed, 'GET', { origin: 'https://evil.test' }, upstream).headers).toEqual({ vary: 'Accept, Origin' });
    expect(ask(closed, 'GET', {}).headers).toEqual({ vary: 'Origin' });
    expect(ask(open, 'GET', { origin: 'https://a.test' }).headers).toEqual({ 'access-control-allow-origin': '*' });
  });

  it('problems of the gateway are readable too', () => {
    expect(ask(open, 'DELETE', { origin: 'https://a.test' })).toMatchObject({
      status: 405,
      headers: { 'access-control-allow-origin': '*' },
    });
  });

  it('never gives "*" together with credentials', () => {
    const both = { ...open, allowCredentials: true };
    expect(ask(both, 'GET', { origin: 'https://a.test' }).headers['access-control-allow-origin']).toBe(undefined);
  });

  it('without the policy an OPTIONS request is one like any other', () => {
    const port = runningGateway([{ ...orders, methods: ['OPTIONS'] }]);
    fromEdge(port, { method: 'OPTIONS', path: '/api/x', headers: preflight('https://a.test', 'GET') });
    expect(port.sentOf('http.request')).toHaveLength(1);
  });
});
