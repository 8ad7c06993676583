import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument, validateDocument } from './validate.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- these tests break documents in ways that their type forbids
type Loose = any;
const json = readFileSync(new URL('../../../../public/examples/hello.json', import.meta.url), 'utf8');
const GATEWAY = 'nodes/gateway/config/';

/** Problems of the gateway of the small example with this configuration, as `code place`. */
function problems(config: Loose): string[] {
  const document = JSON.parse(json) as Loose;
  document.nodes.gateway.config = { ...document.nodes.gateway.config, ...config };
  const parsed = parseDocument(JSON.stringify(document));
  if (!parsed.ok) return parsed.error.map((problem) => `shape: ${problem.message}`);
  return validateDocument(parsed.value)
    .filter(({ code }) => code !== 'REQUEST_NOT_ROUTED')
    .map(({ severity, code, at }) => `${severity === 'warning' ? 'warning ' : ''}${code} ${at.replace(GATEWAY, '')}`);
}
const route = (id: string, path: string, more: Loose = {}): Loose => ({
  id,
  match: 'prefix',
  path,
  action: { kind: 'forward', to: 'hello', stripPrefix: false },
  ...more,
});
const ofRoutes = (...routes: Loose[]): string[] => problems({ routes });

/** Places of requests that no route of the small example's gateway takes. */
function unrouted(config: Loose, path: string): string[] {
  const document = JSON.parse(json) as Loose;
  document.nodes.gateway.config = { ...document.nodes.gateway.config, ...config };
  for (const request of document.nodes.web.config.requests) request.path = path;
  return validateDocument(document)
    .filter(({ code }) => code === 'REQUEST_NOT_ROUTED')
    .map(({ severity, at }) => `${severity} ${at}`);
}

it.each<[string, Loose, string, boolean]>([
  ['its prefix', { routes: [route('a', '/api')] }, '/api/x?q=1', true],
  ['no segment of its prefix', { routes: [route('a', '/api')] }, '/apis', false],
  ['its template', { routes: [route('a', '/u/{id}', { match: 'template' })] }, '/u/7', true],
  ['its exact path', { routes: [route('a', '/u', { match: 'exact' })] }, '/u/7', false],
  ['a route over gRPC only', { grpc: { port: 50051 }, routes: [route('a', '/', { protocol: 'grpc' })] }, '/', false],
  ['a computed path', { routes: [route('a', '/api')] }, '/${ seed }', true],
  ['a computed path and no route', { routes: [] }, '/${ seed }', false],
])('a request that finds no route is told of: %s', (_what, config, path, isTaken) => {
  const places = [...Array(2).keys()].map((index) => `warning nodes/web/config/requests/${index}/path`);
  expect(unrouted(config, path)).toEqual(isTaken ? [] : places);
});

describe('GW1 routes are checked', () => {
  it.each<[string, Loose[], string[]]>([
    ['a pattern outside of nginx', [route('a', 'x', { match: 'regex' })], ['ROUTE_MODE routes/0/match']],
    ['a path without a slash', [route('a', 'x')], ['PATH_INVALID routes/0/path']],
    ['a path with a query', [route('a', '/x?y')], ['PATH_INVALID routes/0/path']],
    ['half a parameter', [route('a', '/x-{id}', { match: 'template' })], ['PATH_INVALID routes/0/path']],
    ['a parameter twice', [route('a', '/{id}/{id}', { match: 'template' })], ['PATH_INVALID routes/0/path']],
    ['a method in lower case', [route('a', '/x', { methods: ['get'] })], ['METHOD_INVALID routes/0/methods/0']],
    [
      'a header name in upper case and a pattern that backtracks',
      [route('a', '/x', { headers: { 'X-A': { matches: '(a)\\1' } } })],
      ['HEADER_NAME_INVALID routes/0/headers/X-A', 'PATTERN_INVALID routes/0/headers/X-A'],
    ],
    ['a look-around', [route('a', '/x', { query: { q: { matches: '(?=a)' } } })], ['PATTERN_INVALID routes/0/query/q']],
    ['a version of none', [route('a', '/x', { version: 'v1' })], ['VERSION_UNKNOWN routes/0/version']],
    [
      'one template under two names',
      [route('a', '/x/{id}', { match: 'template' }), route('b', '/x/{key}', { match: 'template' })],
      ['ROUTE_DUPLICATE routes/1/path'],
    ],
    [
      'a route behind one that takes all its methods',
      [route('a', '/x', { methods: ['GET', 'POST'] }), route('b', '/x/', { methods: ['POST'] })],
      ['warning ROUTE_UNREACHABLE routes/1'],
    ],
    [
      'a route whose conditions make it come first',
      [
        route('a', '/x'),
        route('b', '/x', { headers: { a: { equals: '1' } } }),
        route('c', '/x', { clientKinds: ['iot'] }),
      ],
      [],
    ],
    [
      'a route behind one for more kinds of clients',
      [route('a', '/x', { clientKinds: ['web', 'iot'] }), route('b', '/x', { clientKinds: ['iot'] })],
      ['warning ROUTE_UNREACHABLE routes/1'],
    ],
  ])('%s', (_, routes, expected) => {
    expect(ofRoutes(...routes)).toEqual(expected);
  });
});

describe('GW2 locations are checked', () => {
  it.each<[string, Loose[], string[]]>([
    ['patterns and ^~', [route('a', '\\.png$', { match: 'regex' }), route('b', '/x', { match: 'prefix-first' })], []],
    ['a bad pattern', [route('a', '(', { match: 'regex' })], ['PATTERN_INVALID routes/0/path']],
    ['a template', [route('a', '/{x}', { match: 'template' })], ['ROUTE_MODE routes/0/match']],
    ['a condition', [route('a', '/x', { clientKinds: ['web'] })], ['ROUTE_MODE routes/0/clientKinds']],
    [
      'stripping a pattern',
      [route('a', 'x', { match: 'regex', action: { kind: 'forward', to: 'hello', stripPrefix: true } })],
      ['ROUTE_MODE routes/0/action/stripPrefix'],
    ],
    [
      'a location twice, plain and ^~',
      [route('a', '/x', { methods: ['GET'] }), route('b', '/x', { match: 'prefix-first' })],
      ['ROUTE_DUPLICATE routes/1/path'],
    ],
    [
      'a pattern that is never looked at',
      [route('a', '/', { match: 'prefix-first' }), route('b', 'x', { match: 'regex' })],
      ['warning ROUTE_UNREACHABLE routes/1'],
    ],
  ])('%s', (_, routes, expected) => {
    expect(problems({ routes, matching: 'nginx' })).toEqual(expected);
  });
});

describe('GW16 versions are checked', () => {
  const versioning = { by: 'header', header: 'api-version', default: '1', unknown: 404, versions: [{ name: '1' }] };
  const of = (change: Loose): string[] => problems({ versioning: { ...versioning, ...change } });
  it.each<[string, Loose, string[]]>([
    ['sound', {}, []],
    ['a default of none', { default: '2' }, ['VERSION_UNKNOWN versioning/default']],
    ['a header in upper case', { header: 'X' }, ['HEADER_NAME_INVALID versioning/header']],
    ['a version twice', { versions: [{ name: '1' }, { name: '1' }] }, ['VERSION_DUPLICATE versioning/versions/1/name']],
    [
      'a name with a slash',
      { default: 'a/b', versions: [{ name: 'a/b' }] },
      ['VERSION_NAME_INVALID versioning/versions/0/name'],
    ],
    [
      'a date that is none',
      { versions: [{ name: '1', deprecatedAt: 'soon', sunsetAt: '2027-02-30' }] },
      ['DATE_INVALID versioning/versions/0/deprecatedAt', 'DATE_INVALID versioning/versions/0/sunsetAt'],
    ],
    [
      'a sunset before the deprecation',
      { versions: [{ name: '1', deprecatedAt: '2027-01-01', sunsetAt: '2026-12-31' }] },
      ['SUNSET_BEFORE_DEPRECATION versioning/versions/0/sunsetAt'],
    ],
  ])('%s', (_, change, expected) => {
    expect(of(change)).toEqual(expected);
  });
  it('by path: a route that begins with a version is never reached', () => {
    const by = { ...versioning, by: 'path', default: 'v1', versions: [{ name: 'v1' }] };
    expect(problems({ versioning: by, routes: [route('a', '/v1/x'), route('b', '/v7'), route('c', '/vx')] })).toEqual([
      'warning ROUTE_UNREACHABLE routes/0/path',
      'warning ROUTE_UNREACHABLE routes/1/path',
    ]);
  });
  it('exist with the matching of the Gateway API alone', () => {
    expect(problems({ versioning, matching: 'nginx' })).toEqual(['ROUTE_MODE versioning']);
  });
});

describe('GW14 transformations are checked', () => {
  const transform = (request: Loose, response: Loose = {}): string[] => problems({ transform: { request, response } });
  it.each<[string, string[], string[]]>([
    [
      'a header of the connection',
      transform({ headers: { remove: ['connection'] } }),
      ['HEADER_MANAGED transform/request/headers/remove/0'],
    ],
    [
      'the length of the body',
      transform({}, { headers: { add: { 'content-length': '1' } } }),
      ['HEADER_MANAGED transform/response/headers/add/content-length'],
    ],
    [
      'a name in upper case',
      transform({ headers: { rename: { a: 'B' } } }),
      ['HEADER_NAME_INVALID transform/request/headers/rename/a'],
    ],
    [
      'an expression that cannot be read',
      transform({ body: '${ 1 + }' }),
      ['EXPRESSION_INVALID transform/request/body'],
    ],
    [
      'the reply before it came',
      transform({ path: '/${ reply.status }' }),
      ['warning EXPRESSION_NAME_UNKNOWN transform/request/path'],
    ],
    ['a path that is none', transform({ path: 'x' }), ['PATH_INVALID transform/request/path']],
    ['a status that is none', transform({}, { status: 42 }), ['STATUS_INVALID transform/response/status']],
    [
      'what is sound',
      transform({ path: '/${ request.params.id }' }, { status: '${ reply.status }', body: { a: '${ consumer }' } }),
      [],
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('origins are checked', () => {
  const cors = {
    allowOrigins: ['https://a.test'],
    allowMethods: ['GET'],
    allowHeaders: [],
    allowCredentials: true,
    maxAgeSeconds: 1,
  };
  it.each<[string, Loose, string[]]>([
    ['sound', {}, []],
    ['everybody without credentials', { allowOrigins: ['*'], allowMethods: ['*'], allowCredentials: false }, []],
    ['everybody with credentials', { allowOrigins: ['*'] }, ['CORS_CREDENTIALS_WILDCARD cors/allowOrigins']],
    ['all headers with credentials', { allowHeaders: ['*'] }, ['CORS_CREDENTIALS_WILDCARD cors/allowHeaders']],
    ['an origin with a path', { allowOrigins: ['https://a.test/x'] }, ['CORS_ORIGIN_INVALID cors/allowOrigins/0']],
    ['a method in lower case', { allowMethods: ['get'] }, ['METHOD_INVALID cors/allowMethods/0']],
  ])('%s', (_, change, expected) => {
    expect(problems({ cors: { ...cors, ...change } })).toEqual(expected);
  });
});

describe('GW6 GW8 limits and retries are checked', () => {
  const limit = { kind: 'token-bucket', maxTokens: 5, tokensPerFill: 1, fillIntervalMs: 1000, key: 'ip' };
  const backoff = { initialIntervalMs: 1, backoffCoefficient: 1, maxIntervalMs: 1, jitter: 'none' };
  const retries = { maxAttempts: 2, on: ['5xx'], backoff };
  it.each<[string, Loose, string[]]>([
    ['sound', { rateLimit: limit, retries }, []],
    ['a header without a name', { rateLimit: { ...limit, key: 'header' } }, ['LIMIT_HEADER_MISSING rateLimit']],
    [
      'a header that is not read',
      { rateLimit: { ...limit, header: 'x' } },
      ['warning LIMIT_HEADER_UNUSED rateLimit/header'],
    ],
    [
      'a consumer that nobody knows',
      { rateLimit: { ...limit, key: 'consumer' } },
      ['warning LIMIT_CONSUMER_UNKNOWN rateLimit/key'],
    ],
    [
      'a bucket that spills',
      { rateLimit: { ...limit, tokensPerFill: 6 } },
      ['warning LIMIT_FILL_OVERFLOWS rateLimit/tokensPerFill'],
    ],
    [
      'a try as long as the whole',
      { timeoutMs: 100, retries: { ...retries, perTryTimeoutMs: 100 } },
      ['RETRY_TIMEOUT_TOO_LONG retries/perTryTimeoutMs'],
    ],
    [
      'a try longer than its route',
      { routes: [route('a', '/x', { timeoutMs: 50, retries: { ...retries, perTryTimeoutMs: 60 } })] },
      ['RETRY_TIMEOUT_TOO_LONG routes/0/retries/perTryTimeoutMs'],
    ],
  ])('%s', (_, config, expected) => {
    expect(problems(config)).toEqual(expected);
  });
});

describe('splits and parts are checked', () => {
  const split = (...shares: [string, number][]): string[] => {
    const action = {
      kind: 'forward',
      to: 'hello',
      stripPrefix: false,
      split: shares.map(([to, weight]) => ({ to, weight })),
    };
    return ofRoutes(route('a', '/x', { action }));
  };
  const part = { id: 'p', to: 'hello', method: 'GET', path: '/p', required: true };
  const parts = (change: Loose, more: Loose = {}): string[] =>
    ofRoutes(
      route('a', '/x', {
        action: { kind: 'aggregate', mode: 'parallel', parts: [{ ...part, ...change }], body: 1 },
        ...more,
      }),
    );
  it.each<[string, string[], string[]]>([
    ['a share of nobody', split(['hello', 1], ['nobody', 1]), ['NODE_UNKNOWN routes/0/action/split/1/to']],
    ['a share twice', split(['hello', 1], ['hello', 1]), ['SPLIT_DUPLICATE routes/0/action/split/1/to']],
    ['no share at all', split(['hello', 0]), ['SPLIT_EMPTY routes/0/action/split']],
    ['a fallback for what is required', parts({ fallback: 1 }), ['PART_FALLBACK routes/0/action/parts/0/fallback']],
    [
      'more time than there is',
      parts({ timeoutMs: 500 }, { timeoutMs: 400 }),
      ['warning PART_TIMEOUT routes/0/action/parts/0/timeoutMs'],
    ],
    [
      'a body for parts',
      parts({}, { transform: { request: { body: 1 } } }),
      ['TRANSFORM_NOT_FORWARDED routes/0/transform/request/body'],
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});
