import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDocument, validateDocument } from './validate.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- these tests break documents in ways that their type forbids
type Loose = any;
const json = readFileSync(new URL('../../../public/examples/hello.json', import.meta.url), 'utf8');
const GATEWAY = 'nodes/gateway/config/';

/** Problems of the gateway of the small example with this configuration, as `code place`. */
function problems(config: Loose): string[] {
  const document = JSON.parse(json) as Loose;
  document.nodes.gateway.config = { ...document.nodes.gateway.config, ...config };
  const parsed = parseDocument(JSON.stringify(document));
  if (!parsed.ok) return parsed.error.map((problem) => `shape: ${problem.message}`);
  return validateDocument(parsed.value).map(
    ({ severity, code, at }) => `${severity === 'warning' ? 'warning ' : ''}${code} ${at.replace(GATEWAY, '')}`,
  );
}
const route = (id: string, path: string, more: Loose = {}): Loose => ({
  id,
  match: 'prefix',
  path,
  action: { kind: 'forward', to: 'hello', stripPrefix: false },
  ...more,
});
const ofRoutes = (...routes: Loose[]): string[] => problems({ routes });

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
  it('exist with the matching of the Gateway API alone', () => {
    expect(problems({ versioning, matching: 'nginx' })).toEqual(['ROUTE_MODE versioning']);
  });
});
