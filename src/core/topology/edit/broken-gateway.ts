import type { Broken, Wiring } from './broken.ts';
import type { ConfigOf, Route } from '../schema/types.ts';

function routeStands(route: Route, gateway: string, wiring: Wiring): boolean {
  const targets = route.action.kind === 'forward' ? [route.action.to] : route.action.parts.map((part) => part.to);
  return targets.every(
    (to) => wiring.node(to)?.kind === 'service' && wiring.has(route.protocol ?? 'http', gateway, to),
  );
}

/** The route without shares of upstreams that it lost; the others keep their weights, and when nothing is left to share all goes to `to` again. */
function withoutLostShares(route: Route, gateway: string, before: Wiring | null, after: Wiring): Route {
  const { action } = route;
  if (action.kind !== 'forward' || action.split === undefined) return route;
  const stands = (to: string, wiring: Wiring): boolean =>
    wiring.node(to)?.kind === 'service' && wiring.has(route.protocol ?? 'http', gateway, to);
  const kept = action.split.filter(({ to }) => (before !== null && !stands(to, before)) || stands(to, after));
  if (kept.length === action.split.length) return route;
  const { split: _, ...rest } = action;
  return { ...route, action: kept.some(({ weight }) => weight > 0) ? { ...rest, split: kept } : rest };
}

/** True when a gateway still gets the keys that it verifies tokens with. */
function authStands(auth: ConfigOf<'gateway'>['auth'], gateway: string, wiring: Wiring): boolean {
  if (auth?.kind !== 'jwt' || auth.jwks.kind !== 'node') return true;
  const issuer = wiring.node(auth.jwks.node);
  if (issuer?.kind !== 'service') return false;
  // A symmetric key is shared and needs no link.
  return issuer.config.tokens?.algorithm === 'HS256' || wiring.has('http', gateway, auth.jwks.node);
}

function withoutAuth(route: Route): Route {
  const { auth: _, ...open } = route;
  return open;
}

/** The gateway without the routes that its wiring broke. Authentication goes with the service that its keys come from: what routes ask of it, too. */
export function pruneGateway(
  id: string,
  config: ConfigOf<'gateway'>,
  before: Wiring | null,
  after: Wiring,
): { config: ConfigOf<'gateway'>; broken: Omit<Broken, 'node'>[] } {
  const isLost = (route: Route): boolean =>
    (before === null || routeStands(route, id, before)) && !routeStands(route, id, after);
  const lost = config.routes.filter(isLost);
  const broken: Omit<Broken, 'node'>[] = lost.map((route) => ({
    kind: 'route',
    id: route.id,
    handler: null,
    isRemoved: true,
  }));
  const routes = config.routes
    .filter((route) => !lost.includes(route))
    .map((route) => withoutLostShares(route, id, before, after));
  const { auth, ...open } = config;
  const isOpen = (before === null || authStands(auth, id, before)) && !authStands(auth, id, after);
  if (!isOpen) return { config: { ...config, routes }, broken };
  broken.push({ kind: 'auth', id: 'auth', handler: null, isRemoved: true });
  return { config: { ...open, routes: routes.map(withoutAuth) }, broken };
}
