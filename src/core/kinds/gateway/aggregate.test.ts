import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../fabric/event.ts';
import type { HttpRequest } from '../../fabric/message.ts';
import { checkSpans } from '../../telemetry/spans.ts';
import type { Route } from '../../topology/schema/types.ts';
import type { FakePort } from '../testing/fake-port.ts';
import { edgeReplies, fromEdge, jsonReply, runningGateway, serve } from '../testing/gateway-bench.ts';
import { MAX_ITEMS, type Aggregate } from './aggregate.ts';

type Part = Aggregate['parts'][number];
const order: Part = {
  id: 'order',
  to: 'order',
  method: 'GET',
  path: '/api/orders/${ request.query.id }',
  required: true,
};
const user: Part = {
  id: 'user',
  to: 'user',
  method: 'GET',
  path: '/api/users/${ parts.order.userId }',
  required: true,
};
const products: Part = {
  id: 'products',
  to: 'product',
  method: 'GET',
  path: '/api/products/${ item.productId }',
  each: '${ parts.order.items }',
  required: true,
};
const body = { order: '${ parts.order }', user: '${ parts.user }', products: '${ parts.products }' };
const details = (parts: Part[], mode: 'sequential' | 'parallel', shape: Aggregate['body'] = body): Route => ({
  id: 'details',
  match: 'exact',
  path: '/details',
  action: { kind: 'aggregate', mode, parts, body: shape },
});
const items = [{ productId: 'p1' }, { productId: 'p2' }];
const shop = ({ path }: HttpRequest): { afterUs: number; reply: ReturnType<typeof jsonReply> } => {
  const id = path.split('/').at(-1) ?? '';
  if (path.startsWith('/api/orders')) return { afterUs: 10_000, reply: jsonReply({ id, userId: 'u1', items }) };
  return { afterUs: 20_000, reply: jsonReply({ id }) };
};
const soundSpans = (port: FakePort): void =>
  expect(
    checkSpans(
      port.events.map(({ t, body: event }, seq): LogEvent => ({ t, class: 3, source: 'gw#0', seq, ...event })),
    ),
  ).toEqual([]);

describe('GW15 aggregation, sequential as in the chapter: order, then user, then products', () => {
  it('feeds earlier parts into later ones, once per item', () => {
    const port = runningGateway([details([order, user, products], 'sequential')]);
    fromEdge(port, { path: '/details?id=7' });
    serve(port, shop);
    expect(port.sentOf('http.request').map(({ t, payload }) => [t - 1000, payload.path])).toEqual([
      [0, '/api/orders/7'],
      [10_000, '/api/users/u1'],
      [30_000, '/api/products/p1'],
      [50_000, '/api/products/p2'],
    ]);
    const [reply] = edgeReplies(port);
    expect(reply).toMatchObject({ status: 200, t: 71_000, headers: { 'content-type': 'application/json' } });
    expect(reply?.json).toEqual({
      order: { id: '7', userId: 'u1', items },
      user: { id: 'u1' },
      products: [{ id: 'p1' }, { id: 'p2' }],
    });
    soundSpans(port);
  });

  it('stops at the first required part that fails: 502, 504, 503, or 404 when the part does not exist', () => {
    const outcomes = ([500, 404, null] as const).map((status) => {
      const port = runningGateway([details([order, user, products], 'sequential')]);
      fromEdge(port, { path: '/details?id=7' });
      serve(port, (request) => {
        if (!request.path.startsWith('/api/users')) return shop(request);
        return status === null ? null : { afterUs: 1, reply: jsonReply({ why: 'x' }, status) };
      });
      soundSpans(port);
      const { json, status: answered, t } = edgeReplies(port)[0]!;
      return [
        port.sentOf('http.request').length,
        answered,
        t,
        (json as { code: string; part: string }).code,
        (json as { part: string }).part,
      ];
    });
    expect(outcomes).toEqual([
      [2, 502, 11_001, 'http_500', 'user'],
      [2, 404, 11_001, 'http_404', 'user'],
      [2, 504, 1_001_000, 'timeout', 'user'],
    ]);
  });

  it('puts null and a warning in the place of an optional part that fails, item by item', () => {
    const optional = [order, { ...user, required: false }, { ...products, required: false }];
    const port = runningGateway([details(optional, 'sequential')]);
    fromEdge(port, { path: '/details?id=7' });
    serve(port, (request) =>
      request.path === '/api/users/u1' || request.path === '/api/products/p1'
        ? { afterUs: 1, reply: jsonReply({}, 503) }
        : shop(request),
    );
    expect(edgeReplies(port)[0]).toMatchObject({
      status: 200,
      json: {
        user: null,
        products: [null, { id: 'p2' }],
        warnings: [
          { part: 'user', code: 'http_503', detail: 'HTTP 503' },
          { part: 'products', code: 'http_503', detail: 'HTTP 503' },
        ],
      },
    });
  });

  it('gives a part the time that is left, never more (child deadline <= parent remaining)', () => {
    const port = runningGateway([details([order, user], 'sequential', { user: '${ parts.user }' })], 15);
    fromEdge(port, { path: '/details?id=7' });
    serve(port, shop);
    expect(edgeReplies(port)).toMatchObject([{ status: 504, t: 16_000 }]);
  });

  it('answers 500 for a template that fails, and takes an empty list for an empty part', () => {
    const port = runningGateway([
      details([order, products], 'sequential', { products: '${ parts.products }', x: '${ parts.nothing }' }),
    ]);
    fromEdge(port, { path: '/details?id=7' });
    serve(port, () => ({ afterUs: 1, reply: jsonReply({ items: [] }) }));
    expect(edgeReplies(port)).toMatchObject([{ status: 500, json: { code: 'expression_failed' } }]);
    const none = runningGateway([details([order, products], 'sequential', '${ parts.products }')]);
    fromEdge(none, { path: '/details?id=7' });
    serve(none, () => ({ afterUs: 1, reply: jsonReply({ items: [] }) }));
    expect(edgeReplies(none)).toMatchObject([{ status: 200, json: [] }]);
  });

  it('refuses a list beyond the limit, and says which limit', () => {
    const port = runningGateway([details([order, products], 'sequential')]);
    fromEdge(port, { path: '/details?id=7' });
    const many = Array.from({ length: MAX_ITEMS + 1 }, () => ({ productId: 'p' }));
    serve(port, () => ({ afterUs: 1, reply: jsonReply({ items: many }) }));
    expect(edgeReplies(port)).toMatchObject([{ status: 500, json: { code: 'limit' } }]);
    expect(port.eventsOf('limit.hit')).toMatchObject([{ limit: 'MAX_ITEMS', value: MAX_ITEMS }]);
  });
});

describe('GW15 parts with policies of their own', () => {
  const backoff = { initialIntervalMs: 10, backoffCoefficient: 1, maxIntervalMs: 10, jitter: 'none' } as const;
  const direct: Part = { ...user, path: '/api/users/${ request.query.userId }', required: false };
  const ask = (parts: Part[], upstream: Parameters<typeof serve>[1], timeoutMs = 1000): FakePort => {
    const shape = '${ parts }';
    const port = runningGateway([details(parts, 'parallel', shape)], timeoutMs);
    fromEdge(port, { path: '/details?id=7&userId=u1' });
    serve(port, upstream);
    soundSpans(port);
    return port;
  };

  it('gives a slow part up at its own time, never later than the whole, and puts its fallback in its place', () => {
    const slow = { ...direct, timeoutMs: 15, fallback: { name: 'unknown' } };
    const port = ask([order, slow], (request) => (request.path.startsWith('/api/users') ? null : shop(request)));
    expect(edgeReplies(port)).toMatchObject([
      { status: 200, t: 16_000, json: { order: { id: '7' }, user: { name: 'unknown' } } },
    ]);
    const whole = ask(
      [order, { ...slow, timeoutMs: 500 }],
      (request) => (request.path.startsWith('/api/users') ? null : shop(request)),
      30,
    );
    expect(edgeReplies(whole)).toMatchObject([{ status: 200, t: 31_000 }]);
  });

  it('a required part that is too slow is 504 at its own time', () => {
    const port = ask([order, { ...direct, required: true, timeoutMs: 15 }], (request) =>
      request.path.startsWith('/api/users') ? null : shop(request),
    );
    expect(edgeReplies(port)).toMatchObject([
      { status: 504, t: 16_000, json: { part: 'user', code: 'timeout', flag: 'UT' } },
    ]);
  });

  it('repeats one part while the others are not asked again', () => {
    let asked = 0;
    const again = { ...direct, retries: { maxAttempts: 2, on: ['5xx' as const], backoff } };
    const port = ask([order, again], (request) =>
      request.path.startsWith('/api/users') && (asked += 1) === 1
        ? { afterUs: 500, reply: jsonReply({}, 503) }
        : shop(request),
    );
    expect(port.sentOf('http.request').map(({ payload }) => payload.path)).toEqual([
      '/api/orders/7',
      '/api/users/u1',
      '/api/users/u1',
    ]);
    expect(port.eventsOf('retry.decided')).toMatchObject([{ call: 'details/user', to: 'user', delayUs: 10_000 }]);
    expect(edgeReplies(port)).toMatchObject([{ status: 200, t: 31_500, json: { user: { id: 'u1' } } }]);
    expect(edgeReplies(port)[0]?.json).not.toHaveProperty('warnings');
  });

  it('puts the fallback in the place of each item that failed', () => {
    const list: Part = {
      ...products,
      required: false,
      each: 'request.query.ids.split(",")',
      path: '/api/products/${ item }',
      fallback: { gone: true },
    };
    const port = runningGateway([details([list], 'parallel', { all: '${ parts.products }' })]);
    fromEdge(port, { path: '/details?ids=a,b' });
    serve(port, ({ path }) => ({ afterUs: 1, reply: jsonReply(path.at(-1) ?? '', path.endsWith('a') ? 404 : 200) }));
    expect(edgeReplies(port)[0]?.json).toEqual({
      all: [{ gone: true }, 'b'],
      warnings: [{ part: 'products', code: 'http_404', detail: 'HTTP 404' }],
    });
  });

  it('cancels the pause before a repetition, too, when a required sibling fails', () => {
    const again = { ...direct, retries: { maxAttempts: 3, on: ['5xx' as const], backoff } };
    const port = ask([{ ...order, timeoutMs: 5 }, again], (request) =>
      request.path.startsWith('/api/users') ? { afterUs: 500, reply: jsonReply({}, 503) } : null,
    );
    expect(edgeReplies(port)).toMatchObject([{ status: 504, t: 6_000 }]);
    expect(port.sentOf('http.request')).toHaveLength(2);
  });
});

describe('GW15 aggregation, parallel', () => {
  const direct: Part = { ...user, path: '/api/users/${ request.query.userId }' };
  it('cancels the open siblings of a required part that failed, answers at once, and ignores their late replies', () => {
    const port = runningGateway([details([order, direct], 'parallel')]);
    fromEdge(port, { path: '/details?id=7&userId=u1' });
    serve(port, (request) =>
      request.path.startsWith('/api/users') ? { afterUs: 500, reply: jsonReply({}, 500) } : shop(request),
    );
    expect(edgeReplies(port)).toMatchObject([{ status: 502, t: 1500 }]);
    expect(port.eventsOf('span.ended').filter(({ description }) => description?.startsWith('cancelled'))).toHaveLength(
      1,
    );
    soundSpans(port);
  });

  it('takes max(parts) in parallel and sum(parts) in sequence, in virtual time (property)', () => {
    const delays = fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(delays, fc.constantFrom('parallel' as const, 'sequential' as const), (given, mode) => {
        const parts = given.map((_, index): Part => ({
          id: `p${index}`,
          to: 'order',
          method: 'GET',
          path: `/${index}`,
          required: true,
        }));
        const port = runningGateway([details(parts, mode, '${ parts }')], 10_000);
        fromEdge(port, { path: '/details' });
        const start = port.now();
        serve(port, ({ path }) => ({ afterUs: given[Number(path.slice(1))] ?? 0, reply: jsonReply(path) }));
        const [reply] = edgeReplies(port);
        const expected = mode === 'parallel' ? Math.max(...given) : given.reduce((sum, delay) => sum + delay, 0);
        expect((reply?.t ?? 0) - start).toBe(expected);
        expect(reply?.json).toEqual(Object.fromEntries(parts.map(({ id }, index) => [id, `/${index}`])));
        soundSpans(port);
      }),
    );
  });

  it('fetches the items of one part at once and keeps their order', () => {
    const list: Part = { ...products, each: 'request.query.ids.split(",")', path: '/api/products/${ item }' };
    const port = runningGateway([details([list], 'parallel', '${ parts.products }')]);
    fromEdge(port, { path: '/details?ids=a,b,c' });
    serve(port, ({ path }) => ({ afterUs: path.endsWith('a') ? 900 : 100, reply: jsonReply(path.at(-1) ?? '') }));
    expect(edgeReplies(port)).toMatchObject([{ json: ['a', 'b', 'c'], t: 1900 }]);
  });
});
