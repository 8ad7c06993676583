import { describe, expect, it } from 'vitest';
import type { Route } from '../../topology/types.ts';
import { chooseRoute, forwardTarget, pathMatches } from './routing.ts';

const route = (id: string, match: 'exact' | 'prefix', path: string, methods?: string[]): Route => ({
  id,
  match,
  path,
  ...(methods === undefined ? {} : { methods }),
  action: { kind: 'forward', to: 'x', stripPrefix: false },
});
const chosen = (routes: Route[], method: string, target: string): string | number => {
  const found = chooseRoute(routes, method, target);
  return found.ok ? found.route.id : found.status;
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
    expect(pathMatches({ match: 'prefix', path: '/v2' }, path)).toBe(expected);
    expect(pathMatches({ match: 'prefix', path: '/v2/' }, path)).toBe(expected);
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

  it('compares decoded segments and keeps the case', () => {
    const routes = [route('users', 'exact', '/api/users')];
    expect([chosen(routes, 'GET', '/api/%75sers'), chosen(routes, 'GET', '/API/users')]).toEqual(['users', 404]);
  });

  it('tells 404 from 405 and lists the methods that the path allows (GW3)', () => {
    const routes = [route('get', 'exact', '/a', ['GET']), route('change', 'prefix', '/a', ['PUT', 'GET'])];
    expect(chooseRoute(routes, 'DELETE', '/a')).toEqual({ ok: false, status: 405, allow: ['GET', 'PUT'] });
    expect(chooseRoute(routes, 'DELETE', '/b')).toEqual({ ok: false, status: 404 });
    expect(chosen(routes, 'PUT', '/a')).toBe('change');
  });
});

describe('stripPrefix', () => {
  it.each([
    ['/api/orders', '/api/orders/1?x=/api/orders', '/1?x=/api/orders'],
    ['/api/orders/', '/api/orders', '/'],
    ['/api/orders', '/api/orders?x=1', '/?x=1'],
    ['/api', '/%61pi/a%2Fb/', '/a%2Fb/'],
    ['/', '/a', '/a'],
  ])('%s takes itself from %s', (path, target, expected) => {
    expect(forwardTarget({ match: 'prefix', path }, true, target)).toBe(expected);
    expect(forwardTarget({ match: 'prefix', path }, false, target)).toBe(target);
  });
  it('leaves the root of an exact match', () => {
    expect(forwardTarget({ match: 'exact', path: '/a/b' }, true, '/a/b?x=1')).toBe('/?x=1');
  });
});
