import type { Route } from '../../topology/types.ts';

export type RouteMatch =
  | { ok: true; route: Route }
  | { ok: false; status: 404 }
  | { ok: false; status: 405; allow: string[] };

/** A prefix matches by whole segments: `/v2` matches `/v2`, `/v2/` and `/v2/x`, not `/v2example` (Gateway API). */
export function prefixMatches(prefix: string, path: string): boolean {
  const bare = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
  return path === bare || path.startsWith(`${bare}/`);
}

const matchesPath = (route: Route, path: string): boolean =>
  route.match === 'exact' ? route.path === path : prefixMatches(route.path, path);

/** Better routes first: exact, then the longer prefix, then one that names methods, then the order in the list (GW1). */
function compareRoutes(a: Route, b: Route): number {
  if (a.match !== b.match) return a.match === 'exact' ? -1 : 1;
  const length = (route: Route): number => route.path.replace(/\/$/, '').length;
  if (length(a) !== length(b)) return length(b) - length(a);
  return (a.methods ? 0 : 1) - (b.methods ? 0 : 1);
}

/** The route of a request by the precedence of the Gateway API; 405 with the allowed methods when only the method is wrong. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const onPath = routes.filter((route) => matchesPath(route, path));
  const route = onPath.filter((r) => !r.methods || r.methods.includes(method)).sort(compareRoutes)[0];
  if (route) return { ok: true, route };
  if (onPath.length === 0) return { ok: false, status: 404 };
  return { ok: false, status: 405, allow: [...new Set(onPath.flatMap((r) => r.methods ?? []))].sort() };
}
