import { sortedKeys } from '../../base/canonical.ts';
import { LIKE_A_VERSION } from '../../http/api-version.ts';
import { compilePattern } from '../../http/pattern.ts';
import type { Check } from './check.ts';
import { sortedEntries } from '../sorted.ts';
import type { ConfigOf, Route } from '../schema/types.ts';

type Gateway = ConfigOf<'gateway'>;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** Reports a header name that is no name or not in lower case: names are compared without case, documents say them in one way. */
export function checkHeaderName(check: Check, name: string, at: string): void {
  if (!HEADER_NAME.test(name)) check.error('HEADER_NAME_INVALID', at, { name, wanted: name.toLowerCase() });
}

/** Reports a method that is no upper-case word. */
export function checkMethods(check: Check, methods: readonly string[], at: string): void {
  methods.forEach((method, index) => {
    if (!/^[A-Z]+$/.test(method))
      check.error('METHOD_INVALID', `${at}/${index}`, { method, wanted: method.toUpperCase() });
  });
}

function checkPattern(check: Check, source: string, at: string): void {
  const pattern = compilePattern(source);
  if (!pattern.ok) check.error('PATTERN_INVALID', at, { pattern: source, reason: pattern.error });
}

function checkConditions(check: Check, route: Route, at: string): void {
  for (const field of ['headers', 'query'] as const) {
    const matches = route[field] ?? {};
    for (const name of sortedKeys(matches)) {
      const place = `${at}/${field}/${name}`;
      const match = matches[name];
      if (field === 'headers') checkHeaderName(check, name, place);
      if (match !== undefined && 'matches' in match) checkPattern(check, match.matches, place);
    }
  }
}

function checkPath(check: Check, { match, path }: Route, at: string): void {
  if (match === 'regex') return checkPattern(check, path, at);
  if (!path.startsWith('/')) check.error('PATH_INVALID.slash', at, { path });
  else if (/[?#\s]/.test(path)) check.error('PATH_INVALID.extra', at, { path });
  if (match !== 'template') return;
  const names = [...path.matchAll(/\{([^/]*)\}/g)].map((found) => found[1] ?? '');
  const isSound = path.split('/').every((segment) => !/[{}]/.test(segment) || /^\{[A-Za-z_]\w*\}$/.test(segment));
  if (!isSound) check.error('PATH_INVALID.parameter', at, { path });
  else if (new Set(names).size < names.length) check.error('PATH_INVALID.twice', at, { path });
}

/** What only one of the two ways to match knows. */
function checkMode(check: Check, route: Route, isNginx: boolean, at: string): void {
  const { match, action } = route;
  const refuse = (place: string, what: string): void =>
    check.error(isNginx ? 'ROUTE_MODE.notNginx' : 'ROUTE_MODE.onlyNginx', `${at}/${place}`, { what });
  if (!isNginx) {
    if (match === 'regex' || match === 'prefix-first') refuse('match', `the match "${match}"`);
    return;
  }
  if (match === 'template') refuse('match', 'the match "template"');
  for (const field of ['headers', 'query', 'clientKinds', 'version'] as const)
    if (route[field] !== undefined) refuse(field, `"${field}"`);
  if (match === 'regex' && action.kind === 'forward' && action.stripPrefix)
    refuse('action/stripPrefix', 'stripping what a pattern matched');
}

/** Where a route stands, as text: parameters without their names, a prefix without its last slash. To nginx `^~` and a plain prefix of one name are one location. */
function placeOf({ protocol, match, path }: Route, isNginx: boolean): string {
  if (protocol === 'grpc') return `grpc ${match} ${path}`;
  if (isNginx) return `${match === 'prefix-first' ? 'prefix' : match} ${path}`;
  const shape = match === 'template' ? path.replace(/\{[^/]*\}/g, '{}') : path;
  return `${match} ${match === 'prefix' ? shape.replace(/(.)\/$/, '$1') : shape}`;
}

/** Everything but the action that tells two routes apart, as text; in nginx the place alone, whatever the methods. */
function identityOf(route: Route, isNginx: boolean): string {
  const { methods, headers, query, clientKinds, version } = route;
  const place = placeOf(route, isNginx);
  if (isNginx) return place;
  const parts = [
    methods === undefined || methods.length === 0 ? null : [...methods].sort(),
    sortedEntries(headers ?? {}),
    sortedEntries(query ?? {}),
    clientKinds === undefined ? null : [...clientKinds].sort(),
    version ?? null,
  ];
  const rest = JSON.stringify(parts);
  return rest === '[null,[],[],null,null]' ? place : `${place} ${rest}`;
}

/** Whether a list that admits everything when it is empty admits all that another one does. */
const admits = (all: readonly string[] = [], some: readonly string[] = []): boolean =>
  all.length === 0 || (some.length > 0 && some.every((one) => all.includes(one)));

/** True when every request that the second route matches is matched by the first, for routes of one place. */
function covers(first: Route, second: Route): boolean {
  const holdsIn = (a: Route['headers'], b: Route['headers']): boolean =>
    Object.entries(a ?? {}).every(([name, match]) => JSON.stringify(b?.[name]) === JSON.stringify(match));
  return (
    admits(first.methods, second.methods) &&
    holdsIn(first.headers, second.headers) &&
    holdsIn(first.query, second.query) &&
    admits(first.clientKinds, second.clientKinds) &&
    (first.version === undefined || first.version === second.version)
  );
}

const namesMethods = (route: Route): number => Number((route.methods ?? []).length > 0);
const conditions = (route: Route): number =>
  Object.keys(route.headers ?? {}).length +
  Number(route.clientKinds !== undefined) +
  Number(route.version !== undefined);

/** Whether the first of two routes is asked first: the order of `routing.ts`, for routes of one place. */
function isBefore(first: Route, second: Route, isDeclaredFirst: boolean): boolean {
  const order =
    namesMethods(second) - namesMethods(first) ||
    conditions(second) - conditions(first) ||
    Object.keys(second.query ?? {}).length - Object.keys(first.query ?? {}).length;
  return order === 0 ? isDeclaredFirst : order < 0;
}

/** Reports routes that no request can reach, because another takes all of them. */
function checkReach(check: Check, routes: readonly Route[], isNginx: boolean, at: string): void {
  routes.forEach((route, index) => {
    const hidden = routes.find((other, position) => {
      if (other === route || identityOf(other, isNginx) === identityOf(route, isNginx)) return false;
      if (isNginx) return route.match === 'regex' && isSilenced(routes);
      return (
        placeOf(other, false) === placeOf(route, false) &&
        covers(other, route) &&
        isBefore(other, route, position < index)
      );
    });
    if (hidden === undefined) return;
    if (isNginx) check.warn('ROUTE_UNREACHABLE.prefix', `${at}/${index}`, { route: route.id });
    else check.warn('ROUTE_UNREACHABLE.route', `${at}/${index}`, { route: route.id, other_route: hidden.id });
  });
}

/** In nginx no pattern is looked at when the longest prefix of every path is a `^~`. */
function isSilenced(routes: readonly Route[]): boolean {
  const prefixes = routes.filter((route) => route.match === 'prefix' || route.match === 'prefix-first');
  return prefixes.some((route) => route.path === '/') && prefixes.every((route) => route.match === 'prefix-first');
}

/** Checks how the routes of one gateway match: paths, patterns, names, what the mode knows, repeated and unreachable ones (GW1, GW2, GW16). */
export function checkMatching(check: Check, config: Gateway, at: string): void {
  const { routes, versioning } = config;
  const isNginx = config.matching === 'nginx';
  check.unique(
    routes.map((route) => route.id),
    'ROUTE_DUPLICATE.id',
    (index) => `${at}/routes/${index}/id`,
  );
  check.unique(
    routes.map((route) => identityOf(route, isNginx)),
    'ROUTE_DUPLICATE.path',
    (index) => `${at}/routes/${index}/path`,
  );
  routes.forEach((route, index) => {
    const place = `${at}/routes/${index}`;
    if (route.protocol === undefined) checkPath(check, route, `${place}/path`);
    checkMethods(check, route.methods ?? [], `${place}/methods`);
    checkConditions(check, route, place);
    checkMode(check, route, isNginx, place);
    const first = route.path.split('/')[1] ?? '';
    const isVersion = LIKE_A_VERSION.test(first) || versioning?.versions.some(({ name }) => name === first) === true;
    if (route.protocol === undefined && versioning?.by === 'path' && isVersion)
      check.warn('ROUTE_UNREACHABLE.version', `${place}/path`, { route: route.id, version: first });
    if (route.version !== undefined && versioning?.versions.some(({ name }) => name === route.version) !== true)
      check.error('VERSION_UNKNOWN.route', `${place}/version`, { version: route.version });
  });
  checkReach(check, routes, isNginx, `${at}/routes`);
}
