import { describe, expect, it } from 'vitest';
import type { Route, Versioning } from '../../../topology/schema/types.ts';
import { matchPath } from './path-match.ts';
import type { RouteDecision } from './route-decision.ts';
import { createRouter, type RouterConfig } from './routing.ts';

const route = (
  id: string,
  match: 'exact' | 'prefix' | 'template',
  path: string,
  methods?: string[],
  more: Partial<Route> = {},
): Route => ({
  id,
  match,
  path,
  ...(methods === undefined ? {} : { methods }),
  action: { kind: 'forward', to: 'x', stripPrefix: false },
  ...more,
});
const decide = (config: RouterConfig, method: string, target: string, headers = {}): RouteDecision =>
  createRouter(config)({ method, target, headers });
const chosen = (routes: Route[], method: string, target: string, headers = {}): string | number => {
  const found = decide({ routes }, method, target, headers);
  if (found.kind === 'redirect') return found.location;
  return found.kind === 'route' ? found.route.id : found.status;
};

describe('GW1 match precedence of the Gateway API', () => {
  it.each([
    ['/v2', true],
    ['/v2/', true],
    ['/v2/x', true],
    ['/v2example', false],
    ['/v1', false],
    ['/', false],
  ])('prefix /v2 and %s: by segment', (path, expected) => {
    expect(matchPath({ match: 'prefix', path: '/v2' }, path) !== null).toBe(expected);
    expect(matchPath({ match: 'prefix', path: '/v2/' }, path) !== null).toBe(expected);
  });

  it('takes exact before prefix, the longer prefix before the shorter, whatever the order', () => {
    const routes = [
      route('all', 'prefix', '/'),
      route('orders', 'prefix', '/api/orders'),
      route('api', 'prefix', '/api'),
      route('details', 'exact', '/api/orders/details'),
    ];
    for (const list of [routes, routes.toReversed()]) {
      expect(chosen(list, 'GET', '/api/orders/details?id=1')).toBe('details');
      expect(chosen(list, 'GET', '/api/orders/details/')).toBe('orders');
      expect(chosen(list, 'GET', '/api/orders')).toBe('orders');
      expect(chosen(list, 'GET', '/api/ordersX')).toBe('api');
      expect(chosen(list, 'GET', '/')).toBe('all');
    }
  });

  it('puts templates between exact and prefix, the one with more literal segments first', () => {
    const routes = [
      route('prefix', 'prefix', '/api/orders/7'),
      route('two', 'template', '/api/{kind}/{id}'),
      route('one', 'template', '/api/orders/{id}'),
      route('left', 'template', '/{any}/orders/{id}'),
      route('exact', 'exact', '/api/orders/8'),
    ];
    for (const list of [routes, routes.toReversed()]) {
      expect(
        ['/api/orders/7', '/api/orders/8', '/api/users/7', '/x/orders/7', '/api/orders/7/x'].map((path) =>
          chosen(list, 'GET', path),
        ),
      ).toEqual(['one', 'exact', 'two', 'left', 'prefix']);
    }
    expect(decide({ routes }, 'GET', '/api/orders/a%20b')).toMatchObject({ params: { id: 'a b' } });
    expect(chosen(routes, 'GET', '/api/orders/')).toBe(404);
  });

  it('takes the route that names the method before the one that does not, then the first declared', () => {
    const routes = [
      route('any', 'prefix', '/a'),
      route('get', 'prefix', '/a', ['GET']),
      route('again', 'prefix', '/a', ['GET']),
    ];
    expect([chosen(routes, 'GET', '/a/1'), chosen(routes, 'POST', '/a/1')]).toEqual(['get', 'any']);
  });

  it('lets a path beat a method: a longer prefix of any method before a shorter one that names it', () => {
    expect(chosen([route('short', 'prefix', '/a', ['GET']), route('long', 'prefix', '/a/b')], 'GET', '/a/b')).toBe(
      'long',
    );
  });

  it('takes more header conditions, then more query conditions, then the order', () => {
    const canary = { headers: { 'x-canary': { equals: 'yes' } } } satisfies Partial<Route>;
    const both = { headers: { ...canary.headers, 'x-user': { present: true } } } satisfies Partial<Route>;
    const routes = [
      route('plain', 'prefix', '/a'),
      route('query', 'prefix', '/a', undefined, { query: { q: { matches: '[0-9]+' } } }),
      route('two', 'prefix', '/a', undefined, { query: { q: { present: true }, r: { present: true } } }),
      route('one', 'prefix', '/a', undefined, canary),
      route('both', 'prefix', '/a', undefined, both),
      route('method', 'prefix', '/a', ['POST']),
    ];
    const yes = { 'X-Canary': 'yes' };
    for (const list of [routes, routes.toReversed()]) {
      expect(chosen(list, 'GET', '/a')).toBe('plain');
      expect(chosen(list, 'GET', '/a?q=12')).toBe('query');
      expect(chosen(list, 'GET', '/a?q=12x')).toBe('plain');
      expect(chosen(list, 'GET', '/a?q=1&r=')).toBe('two');
      expect(chosen(list, 'GET', '/a?q=1&r=', yes)).toBe('one');
      expect(chosen(list, 'GET', '/a', { ...yes, 'x-user': '' })).toBe('both');
      expect(chosen(list, 'GET', '/a', { 'x-canary': 'YES' })).toBe('plain');
      expect(chosen(list, 'POST', '/a?q=12', yes)).toBe('method');
    }
  });

  it('compares decoded segments and keeps the case', () => {
    const routes = [route('users', 'exact', '/api/users')];
    expect([chosen(routes, 'GET', '/api/%75sers'), chosen(routes, 'GET', '/API/users')]).toEqual(['users', 404]);
  });

  it('tells 404 from 405 and lists the methods that the path allows (GW3)', () => {
    const routes = [route('get', 'exact', '/a', ['GET']), route('change', 'prefix', '/a', ['PUT', 'GET'])];
    expect(decide({ routes }, 'DELETE', '/a')).toMatchObject({ kind: 'refused', status: 405, allow: ['GET', 'PUT'] });
    expect(decide({ routes }, 'DELETE', '/b')).toMatchObject({ kind: 'refused', status: 404 });
    expect(chosen(routes, 'PUT', '/a')).toBe('change');
  });

  it('takes a route that only its conditions keep from matching for none: 404, not 405', () => {
    const routes = [route('get', 'exact', '/a', ['GET'], { headers: { x: { present: true } } })];
    expect([chosen(routes, 'DELETE', '/a'), chosen(routes, 'DELETE', '/a', { x: '' })]).toEqual([404, 405]);
  });
});

describe('GW17 a backend for each frontend', () => {
  it('gives each kind of client its own route, and the others the general one', () => {
    const routes = [
      route('all', 'exact', '/home'),
      route('mobile', 'exact', '/home', undefined, { clientKinds: ['mobile'] }),
      route('things', 'exact', '/home', undefined, { clientKinds: ['iot', 'web'] }),
    ];
    const ask = (kind: string): string | number => chosen(routes, 'GET', '/home', { 'x-client-kind': kind });
    expect([ask('mobile'), ask('iot'), ask('web'), ask('tv'), chosen(routes, 'GET', '/home')]).toEqual([
      'mobile',
      'things',
      'things',
      'all',
      'all',
    ]);
  });
});

describe('GW16 versions', () => {
  const routes = [
    route('old', 'prefix', '/orders', undefined, { version: 'v1' }),
    route('new', 'prefix', '/orders', undefined, { version: 'v2' }),
    route('any', 'prefix', '/users'),
  ];
  const versions = [{ name: 'v1' }, { name: 'v2' }];
  const ask = (versioning: Versioning, target: string, headers = {}): unknown => {
    const found = decide({ routes, versioning }, 'GET', target, headers);
    return found.kind === 'route' ? `${found.route.id} ${found.target}` : found.kind === 'refused' && found.status;
  };

  it('by the first segment, which the gateway takes off', () => {
    const by = { by: 'path', default: 'v1', unknown: 404, versions } satisfies Versioning;
    expect(
      ['/v1/orders/1', '/v2/orders?x=1', '/orders', '/v2/users/', '/v3/orders', '/v2', '/vips'].map((target) =>
        ask(by, target),
      ),
    ).toEqual(['old /orders/1', 'new /orders?x=1', 'old /orders', 'any /users/', 404, 404, 404]);
    expect(ask({ ...by, unknown: 406 }, '/v3/orders')).toBe(406);
    expect(decide({ routes, versioning: by }, 'GET', '/v3/orders')).toMatchObject({ code: 'version_unknown' });
  });

  it('by a header, of its own name or of the usual one', () => {
    const by = { by: 'header', default: 'v2', unknown: 406, versions } satisfies Versioning;
    expect(ask(by, '/orders', { 'Api-Version': 'v1' })).toBe('old /orders');
    expect([ask(by, '/orders'), ask(by, '/orders', { 'api-version': 'v9' })]).toEqual(['new /orders', 406]);
    expect(ask({ ...by, header: 'x-v' }, '/orders', { 'x-v': 'v1' })).toBe('old /orders');
  });

  it('by media type: vendor tree or parameter, the first that names one', () => {
    const by = { by: 'media-type', default: 'v1', unknown: 406, versions } satisfies Versioning;
    const accept = (value: string): unknown => ask(by, '/orders', { accept: value });
    expect(
      [
        'application/vnd.shop.v2+json',
        'application/json;version=v2',
        'text/html, application/json; q=0.5; version="v2"',
        'application/json',
        'application/vnd.shop.v3+json',
      ].map(accept),
    ).toEqual(['new /orders', 'new /orders', 'new /orders', 'old /orders', 406]);
  });
});

describe('stripPrefix', () => {
  const onward = (
    path: string,
    match: 'exact' | 'prefix' | 'template',
    stripPrefix: boolean,
    target: string,
  ): unknown => {
    const action = { kind: 'forward', to: 'x', stripPrefix } as const;
    const found = decide({ routes: [route('a', match, path, undefined, { action })] }, 'GET', target);
    return found.kind === 'route' ? found.target : null;
  };
  it.each([
    ['/api/orders', '/api/orders/1?x=/api/orders', '/1?x=/api/orders'],
    ['/api/orders/', '/api/orders', '/'],
    ['/api/orders', '/api/orders?x=1', '/?x=1'],
    ['/api', '/%61pi/a%2Fb/', '/a%2Fb/'],
    ['/', '/a', '/a'],
  ])('%s takes itself from %s', (path, target, expected) => {
    expect(onward(path, 'prefix', true, target)).toBe(expected);
    expect(onward(path, 'prefix', false, target)).toBe(target);
  });
  it('leaves the root of an exact match and of a template', () => {
    expect(onward('/a/b', 'exact', true, '/a/b?x=1')).toBe('/?x=1');
    expect(onward('/a/{id}', 'template', true, '/a/b?x=1')).toBe('/?x=1');
  });
});
