import { compilePattern, type Pattern } from '../../../http/pattern.ts';
import type { Route } from '../../../topology/schema/types.ts';
import { escapePath, nginxPath } from './nginx-path.ts';
import { refusal, type Router } from './route-decision.ts';

/** Locations by the way in which nginx looks for them. */
interface Locations {
  exact: Map<string, Route>;
  /** Plain and `^~` prefixes, the longest first. */
  prefixes: Route[];
  /** In the order of the file. */
  patterns: { route: Route; pattern: Pattern }[];
}

function locationsOf(routes: readonly Route[]): Locations {
  const found: Locations = { exact: new Map(), prefixes: [], patterns: [] };
  for (const route of routes) {
    if (route.match === 'exact') found.exact.set(route.path, found.exact.get(route.path) ?? route);
    else if (route.match === 'regex') {
      const pattern = compilePattern(route.path);
      if (pattern.ok) found.patterns.push({ route, pattern: pattern.value });
    } else found.prefixes.push(route);
  }
  found.prefixes.sort((a, b) => b.path.length - a.path.length);
  return found;
}

/** Exact; else the longest prefix, by text: final when it is a `^~`; else the first pattern that is found, and only then that prefix (GW2). */
function locate({ exact, prefixes, patterns }: Locations, path: string): Route | undefined {
  const same = exact.get(path);
  if (same !== undefined) return same;
  const longest = prefixes.find((route) => path.startsWith(route.path));
  if (longest?.match === 'prefix-first') return longest;
  return patterns.find(({ pattern }) => pattern.search(path))?.route ?? longest;
}

/** A proxied location that ends with a slash takes the path without it by a redirect, unless a location of just that path is there. */
function wantsSlash({ exact, prefixes }: Locations, path: string): boolean {
  const isNamed = (name: string): boolean => exact.has(name) || prefixes.some((route) => route.path === name);
  return !isNamed(path) && isNamed(`${path}/`);
}

/**
 * Routes as locations of nginx: `exact` is `=`, `prefix` plain, `prefix-first` `^~`, `regex` `~` (with a leading `(?i)` `~*`).
 * A location is chosen by path alone; methods are looked at in the chosen one. Replayed against recordings of nginx 1.22.1.
 */
export function createNginxRouter(routes: readonly Route[]): Router {
  const locations = locationsOf(routes);
  return ({ method, target }) => {
    const asked = nginxPath(target);
    if (asked === null)
      return { kind: 'refused', status: 400, code: 'bad_request', detail: 'the path cannot be read', allow: [] };
    const { path, query } = asked;
    if (wantsSlash(locations, path)) return { kind: 'redirect', location: `${escapePath(path)}/${query}` };
    const route = locate(locations, path);
    if (route === undefined) return refusal(method, path, []);
    const methods = route.methods ?? [];
    if (methods.length > 0 && !methods.includes(method)) return refusal(method, path, [...methods].sort());
    return { kind: 'route', route, params: {}, version: null, target: onward(route, path, query, target) };
  };
}

/** `proxy_pass` without a path sends the target as it came; with `/` the location's name is replaced by it, by text: `/rr/x` of `/rr` becomes `//x`. */
function onward(route: Route, path: string, query: string, target: string): string {
  if (route.action.kind !== 'forward' || !route.action.stripPrefix) return target;
  return `/${escapePath(path.slice(route.path.length))}${query}`;
}
