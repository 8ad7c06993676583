import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Route } from '../../../topology/schema/types.ts';
import { escapePath, nginxPath } from './nginx-path.ts';
import { statusOfFailure } from '../problem.ts';
import { createRouter } from './routing.ts';

interface Recording {
  locations: { id: string; modifier: '' | '=' | '^~' | '~' | '~*'; name: string }[];
  requests: [string, string | number][];
  upstreams: { code: string; status: number }[];
}
const recorded = JSON.parse(
  readFileSync(new URL('__golden__/nginx-1.22.1.json', import.meta.url), 'utf8'),
) as Recording;
const MATCH = { '': 'prefix', '=': 'exact', '^~': 'prefix-first', '~': 'regex', '~*': 'regex' } as const;

const location = (id: string, modifier: keyof typeof MATCH, name: string, more: Partial<Route> = {}): Route => ({
  id,
  match: MATCH[modifier],
  path: modifier === '~*' ? `(?i)${name}` : name,
  action: { kind: 'forward', to: 'x', stripPrefix: false },
  ...more,
});
const stripping = { action: { kind: 'forward', to: 'x', stripPrefix: true } } as const;
const ask = (routes: Route[], target: string, method = 'GET'): unknown => {
  const decision = createRouter({ routes, matching: 'nginx' })({ method, target, headers: {} });
  if (decision.kind === 'route') return decision.route.id;
  return decision.kind === 'redirect' ? decision.location : decision.status;
};

describe('GW2 locations of nginx', () => {
  const routes = recorded.locations.map(({ id, modifier, name }) => location(id, modifier, name));
  it.each(recorded.requests)('recorded: %s -> %s', (target, expected) => {
    expect(ask(routes, target)).toBe(expected);
  });
  it.each(recorded.upstreams)('recorded: an upstream with $code is $status', ({ code, status }) => {
    expect(statusOfFailure('nginx', code)).toBe(status);
  });

  it('takes the order of the file for patterns, and the length of the name for prefixes', () => {
    const patterns = [location('a', '~', 'x'), location('b', '~', '/x$')];
    expect([ask(patterns, '/x'), ask(patterns.toReversed(), '/x')]).toEqual(['a', 'b']);
    const prefixes = [location('short', '', '/a'), location('long', '', '/a/b')];
    for (const list of [prefixes, prefixes.toReversed()]) expect(ask(list, '/a/bc')).toBe('long');
  });

  it('lets ^~ silence patterns only when it is the longest prefix', () => {
    const routes = [location('caret', '^~', '/a/'), location('long', '', '/a/b/'), location('regex', '~', 'c$')];
    expect([ask(routes, '/a/c'), ask(routes, '/a/b/c')]).toEqual(['caret', 'regex']);
  });

  it('redirects to the slash that a proxied location ends with, unless the name without it is there', () => {
    const routes = [location('all', '', '/'), location('dir', '', '/dir/'), location('regex', '~', 'dir')];
    expect(ask(routes, '/dir?x=1')).toBe('/dir/?x=1');
    expect(ask([...routes, location('named', '=', '/dir')], '/dir')).toBe('named');
    expect(ask([...routes, location('named', '', '/dir')], '/dir')).toBe('regex');
  });

  it('does not look at methods before the location is chosen: 405 with Allow in it', () => {
    const routes = [location('get', '', '/a/b', { methods: ['GET'] }), location('any', '', '/a')];
    expect(createRouter({ routes, matching: 'nginx' })({ method: 'PUT', target: '/a/b', headers: {} })).toMatchObject({
      status: 405,
      allow: ['GET'],
    });
  });

  it.each([
    ['/', '/'],
    ['//', '/'],
    ['/a//b///c', '/a/b/c'],
    ['/a/./b/.', '/a/b/'],
    ['/a/b/..', '/a/'],
    ['/a/..', '/'],
    ['/a//../b', '/b'],
    ['/a/...', '/a/...'],
    ['/%61%2F%2e%2E/b', '/b'],
    ['/a%3Fb%23c%25d', '/a?b#c%d'],
    ['/%D1%96', '/і'],
    ['/%FF', '/\u00ff'],
    ['/a?b=/../c', '/a'],
    ['/a#b?c', '/a'],
    ['/..', null],
    ['/a/../..', null],
    ['/%zz', null],
    ['/%0', null],
    ['/%00', null],
    ['a', null],
  ])('reads %s as %s', (target, expected) => {
    expect(nginxPath(target)?.path ?? null).toBe(expected);
    if (expected === null) expect(ask([location('all', '', '/')], target)).toBe(400);
  });

  it('passes the target on as it came, or with the name replaced by "/", by text', () => {
    const onward = (route: Route, target: string): string | null => {
      const decision = createRouter({ routes: [route], matching: 'nginx' })({ method: 'GET', target, headers: {} });
      return decision.kind === 'route' ? decision.target : null;
    };
    expect(onward(location('a', '', '/rr'), '/rr//%61?x=%20')).toBe('/rr//%61?x=%20');
    expect(onward(location('a', '', '/rr', stripping), '/rr/x?y=1')).toBe('//x?y=1');
    expect(onward(location('a', '', '/rr/', stripping), '/rr//%61%20b?y=1')).toBe('/a%20b?y=1');
    expect(onward(location('a', '=', '/rr', stripping), '/rr')).toBe('/');
    expect(escapePath('/a b?#%é')).toBe('/a%20b%3F%23%25%C3%A9');
  });
});
