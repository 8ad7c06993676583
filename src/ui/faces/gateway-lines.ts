import type { ConfigOf, Route } from '../../core/topology/schema/types.ts';

type Config = ConfigOf<'gateway'>;
type RateLimit = NonNullable<Config['rateLimit']>;
type Split = NonNullable<Extract<Route['action'], { kind: 'forward' }>['split']>;

/** More routes than this are summed up in one line; more limits are left to the inspector. */
const SHOWN_ROUTES = 6;
const SHOWN_LIMITS = 2;

/** What the face of a gateway shows: its configuration alone decides, so that nothing grows while it runs. */
export interface GatewayLines {
  routes: readonly Route[];
  /** Routes that one line sums up. */
  hidden: number;
  /** Route id, or null for the limit of all routes, and how many requests it lets through at once. */
  limits: { route: string | null; limit: number }[];
  /** Statuses that its own policies answer with. */
  codes: ('401' | '403' | '429')[];
  hasRetries: boolean;
}

export function linesOf({ routes, rateLimit, auth, retries }: Config): GatewayLines {
  const shown = routes.length > SHOWN_ROUTES ? routes.slice(0, SHOWN_ROUTES - 1) : routes;
  const limits = [
    ...(rateLimit === undefined ? [] : [{ route: null, limit: capacityOf(rateLimit) }]),
    ...routes.flatMap((route) => (route.rateLimit ? [{ route: route.id, limit: capacityOf(route.rateLimit) }] : [])),
  ];
  return {
    routes: shown,
    hidden: routes.length - shown.length,
    limits: limits.slice(0, SHOWN_LIMITS),
    codes: [...(auth ? (['401', '403'] as const) : []), ...(limits.length > 0 ? (['429'] as const) : [])],
    hasRetries: retries !== undefined || routes.some((route) => route.retries !== undefined),
  };
}

const capacityOf = (limit: RateLimit): number => (limit.kind === 'token-bucket' ? limit.maxTokens : limit.limit);

/** Whom a route shares its traffic among; null when it goes to one node. */
export function splitOf({ action }: Route): Split | null {
  if (action.kind !== 'forward' || action.split === undefined || action.split.length < 2) return null;
  return action.split;
}

/** px at 100 %: header, routes and their splits, limits, figures. */
export function gatewayHeight(config: Config): number {
  const { routes, hidden, limits, codes, hasRetries } = linesOf(config);
  const lines = routes.length + (hidden > 0 ? 1 : 0) + routes.filter((route) => splitOf(route) !== null).length;
  const limited = limits.length === 0 ? 0 : 13 + 30 * limits.length;
  return 34 + 13 + 18 * Math.max(1, lines) + limited + 29 + (codes.length > 0 ? 18 : 0) + (hasRetries ? 18 : 0);
}

type ValueMatch = NonNullable<Route['headers']>[string];
const condition = (name: string, match: ValueMatch): string =>
  'equals' in match ? `${name}: ${match.equals}` : 'matches' in match ? `${name} ~ ${match.matches}` : name;

/** What has to match besides path and method, a few words each: two routes of one path differ by these. */
export function routeConditions({ headers, query, version, clientKinds }: Route): string[] {
  const byName = (record: Record<string, ValueMatch> | undefined, sign: string): string[] =>
    Object.entries(record ?? {}).map(([name, match]) => condition(sign + name, match));
  return [
    ...(version === undefined ? [] : [version]),
    ...(clientKinds ?? []),
    ...byName(headers, ''),
    ...byName(query, '?'),
  ];
}

/** What a route is called on the face: its path, over gRPC what it calls, and what else has to match. */
export function routeName(route: Route): string {
  const { protocol, match, path } = route;
  if (protocol === 'grpc') return [`gRPC ${path === '/' ? '*' : path.slice(1)}`, ...routeConditions(route)].join(' · ');
  const where = match === 'prefix' && path.endsWith('/') ? `${path}*` : path;
  return [where, ...routeConditions(route)].join(' · ');
}
