import { splitTarget } from '../../http/path.ts';
import type { Route } from '../../topology/types.ts';

export type RouteMatch =
  | { ok: true; route: Route }
  | { ok: false; status: 404 }
  | { ok: false; status: 405; allow: string[] };

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};
const segmentsOf = (path: string): string[] => path.split('/').slice(1).map(decode);
/** Segments of a prefix: a trailing slash does not count, `/` has none. */
const prefixOf = (path: string): string[] => {
  const segments = segmentsOf(path);
  return segments.at(-1) === '' ? segments.slice(0, -1) : segments;
};

/** Whether a route's path accepts a path: the whole of it, or by segment as a prefix (`/v2` takes `/v2`, `/v2/`, `/v2/x`, not `/v2example`). */
export function pathMatches(route: Pick<Route, 'match' | 'path'>, path: string): boolean {
  const given = segmentsOf(path);
  if (route.match === 'exact') {
    const wanted = segmentsOf(route.path);
    return wanted.length === given.length && wanted.every((segment, index) => segment === given[index]);
  }
  return prefixOf(route.path).every((segment, index) => segment === given[index]);
}

const allows = (route: Route, method: string): boolean =>
  route.methods === undefined || route.methods.length === 0 || route.methods.includes(method);
const namesMethods = (route: Route): boolean => (route.methods ?? []).length > 0;

/** Which of two matching routes goes first: exact, then the longer prefix, then the one that names methods (Gateway API, HTTPRouteMatch). */
function precedence(a: Route, b: Route): number {
  if (a.match !== b.match) return a.match === 'exact' ? -1 : 1;
  if (a.match === 'prefix') {
    const longer = prefixOf(b.path).length - prefixOf(a.path).length;
    if (longer !== 0) return longer;
  }
  return Number(namesMethods(b)) - Number(namesMethods(a));
}

/** The route of a request; ties go to the one declared first. 404 when no path matches, 405 with the sorted methods when only they differ (GW1, GW3). */
export function chooseRoute(routes: readonly Route[], method: string, target: string): RouteMatch {
  const { path } = splitTarget(target);
  const matching = routes.filter((route) => pathMatches(route, path));
  // A stable sort: of equals the first declared stays first.
  const route = matching.filter((entry) => allows(entry, method)).toSorted(precedence)[0];
  if (route !== undefined) return { ok: true, route };
  if (matching.length === 0) return { ok: false, status: 404 };
  return { ok: false, status: 405, allow: [...new Set(matching.flatMap((entry) => entry.methods ?? []))].sort() };
}

/** The target as the upstream gets it: unchanged, or without the matched prefix (never empty: `/`); the query stays. */
export function forwardTarget(route: Pick<Route, 'match' | 'path'>, stripPrefix: boolean, target: string): string {
  if (!stripPrefix) return target;
  const at = target.search(/[?#]/);
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? '' : target.slice(at);
  if (route.match === 'exact') return `/${query}`;
  const rest = path.split('/').slice(1 + prefixOf(route.path).length);
  return `/${rest.join('/')}${query}`;
}
