import { expect, test } from 'vitest';
import type { ConfigOf, Route } from '../../core/topology/schema/types.ts';
import { gatewayHeight, linesOf, routeName, splitOf } from './gateway-lines.ts';

const forward = (more: Partial<Extract<Route['action'], { kind: 'forward' }>> = {}): Route['action'] => ({
  kind: 'forward',
  to: 'a',
  stripPrefix: false,
  ...more,
});
const route = (id: string, more: Partial<Route> = {}): Route => ({
  id,
  match: 'exact',
  path: `/${id}`,
  action: forward(),
  ...more,
});
const gateway = (more: Partial<ConfigOf<'gateway'>>): ConfigOf<'gateway'> => ({
  port: 80,
  routes: [route('a')],
  timeoutMs: 1000,
  replicas: 1,
  ...more,
});
const bucket = { kind: 'token-bucket', maxTokens: 20, tokensPerFill: 1, fillIntervalMs: 1000, key: 'ip' } as const;
const retries = {
  maxAttempts: 2,
  on: ['5xx' as const],
  backoff: { initialIntervalMs: 1, backoffCoefficient: 1, maxIntervalMs: 1, jitter: 'none' as const },
};

test('a gateway without policies shows routes and status classes alone', () => {
  expect(linesOf(gateway({}))).toMatchObject({ limits: [], codes: [], hasRetries: false });
  expect(gatewayHeight(gateway({}))).toBe(94);
});
test('each policy brings its own line: limits with what they let through, the statuses they answer with, retries', () => {
  const window = { kind: 'fixed-window', limit: 5, period: 'second', key: 'ip' } as const;
  const config = gateway({ rateLimit: bucket, routes: [route('a', { rateLimit: window, retries })] });
  expect(linesOf(config)).toMatchObject({
    limits: [
      { route: null, limit: 20 },
      { route: 'a', limit: 5 },
    ],
    codes: ['429'],
    hasRetries: true,
  });
  expect(gatewayHeight(config)).toBe(94 + 13 + 60 + 18 + 18);
});
test('many routes take no more room than six lines; a split takes one of its own', () => {
  const many = Array.from({ length: 9 }, (_, n) => route(`r${n}`));
  expect(linesOf(gateway({ routes: many }))).toMatchObject({ hidden: 4 });
  expect(gatewayHeight(gateway({ routes: many }))).toBe(94 + 5 * 18);
  const split = [
    { to: 'a', weight: 90 },
    { to: 'b', weight: 10 },
  ];
  const shared = route('s', { action: forward({ split }) });
  expect(splitOf(shared)).toEqual(split);
  expect(splitOf(route('s', { action: forward({ split: split.slice(0, 1) }) }))).toBeNull();
  expect(gatewayHeight(gateway({ routes: [shared] }))).toBe(94 + 18);
});
test('routes of one path are told apart by what else they ask for', () => {
  expect(routeName(route('a', { match: 'prefix', path: '/api/' }))).toBe('/api/*');
  expect(routeName(route('a', { path: '/p', version: 'v2', clientKinds: ['mobile'] }))).toBe('/p · v2 · mobile');
  const asked = {
    headers: { 'x-beta': { equals: '1' } },
    query: { lang: { matches: 'uk|en' }, debug: { present: true as const } },
  };
  expect(routeName(route('a', { path: '/p', ...asked }))).toBe('/p · x-beta: 1 · ?lang ~ uk|en · ?debug');
});
