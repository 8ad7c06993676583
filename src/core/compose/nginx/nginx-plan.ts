import { sortedKeys } from '../../base/canonical.ts';
import { inPrecedence } from '../../kinds/gateway/routing/routing.ts';
import type { ConfigOf, ExecutableNode, RateLimit, Route, Transform } from '../../topology/schema/types.ts';

type Gateway = ConfigOf<'gateway'>;
type HeaderChanges = NonNullable<NonNullable<Transform['request']>['headers']>;

/** Paths that answer health checks, as in our own runtime. */
export const HEALTH_PATHS: readonly string[] = ['/healthz', '/readyz'];
/** Where the sidecar is asked whether a request may go on. */
export const ADMIT_PATH = '/servarium/admit/';
/** Header that tells the sidecar who asks nginx. */
export const CLIENT_HEADER = 'x-servarium-client';

/** What nginx does with one route itself, and what it hands to the sidecar. */
export interface PlannedRoute {
  route: Route;
  /** Why the whole route is served by the sidecar; null when nginx serves it. */
  sidecar: 'aggregation' | 'transform' | null;
  /** The sidecar is asked before the request goes on: identity, or a budget that nginx cannot count. */
  admit: boolean;
}
/** How one gateway is divided between nginx and its sidecar. */
export interface NginxPlan {
  config: Gateway;
  /** In the order in which they are tried. */
  routes: PlannedRoute[];
  /** Who counts requests. */
  limits: 'nginx' | 'sidecar' | null;
  /** Configuration of the sidecar; null when nginx does everything. */
  sidecar: Gateway | null;
}

/** `rate=` of nginx for a token bucket, or null when it has no whole number of requests per second or minute. */
export function nginxRate(limit: RateLimit): string | null {
  if (limit.kind !== 'token-bucket') return null;
  const perSecond = (limit.tokensPerFill * 1000) / limit.fillIntervalMs;
  if (Number.isInteger(perSecond)) return `${perSecond}r/s`;
  return Number.isInteger(perSecond * 60) ? `${perSecond * 60}r/m` : null;
}

/** Names that nginx or the gateway itself writes: changing one of these is left to the sidecar. */
const DERIVED =
  /^(x-forwarded-.*|x-request-id|x-consumer|content-length|host|connection|traceparent|tracestate|baggage)$/;

/** Names that a list of header changes concerns, sorted. */
export const changedNames = (changes: readonly HeaderChanges[]): string[] => {
  const names = changes.flatMap(({ remove = [], rename = {}, replace = {}, add = {}, append = {} }) => [
    ...remove,
    ...Object.entries(rename).flat(),
    ...[replace, add, append].flatMap(sortedKeys),
  ]);
  return [...new Set(names)].sort();
};

/** Header changes of the gateway and of one route, in the order in which they are applied. */
export function headerStages(config: Gateway, route: Route, side: 'request' | 'response'): HeaderChanges[] {
  return [config.transform, route.transform].flatMap((stage) => stage?.[side]?.headers ?? []);
}

/** True for changes of headers by fixed values: all that nginx does itself. */
function isPlain(config: Gateway, route: Route): boolean {
  for (const stage of [config.transform, route.transform]) {
    const { request, response } = stage ?? {};
    if (request?.path !== undefined || request?.body !== undefined) return false;
    if (response?.status !== undefined || response?.body !== undefined) return false;
    for (const { replace = {}, add = {}, append = {} } of [request?.headers ?? {}, response?.headers ?? {}])
      if (JSON.stringify([replace, add, append]).includes('${')) return false;
  }
  const names = (['request', 'response'] as const).flatMap((side) => changedNames(headerStages(config, route, side)));
  return names.every((name) => /^[a-z0-9-]+$/.test(name) && !DERIVED.test(name));
}

const limitsOf = (config: Gateway): RateLimit[] =>
  [config.rateLimit, ...config.routes.map((route) => route.rateLimit)].filter((limit) => limit !== undefined);

/** A budget by address is one by a header there: nginx stands between. */
function behindNginx(limit: RateLimit): RateLimit {
  return limit.key === 'ip' ? { ...limit, key: 'header', header: CLIENT_HEADER } : limit;
}
const withLimit = <T extends { rateLimit?: RateLimit | undefined }>(one: T, isCounted: boolean): T => {
  const { rateLimit, ...rest } = one;
  return (isCounted && rateLimit !== undefined ? { ...rest, rateLimit: behindNginx(rateLimit) } : rest) as T;
};

/** A route that answers who asks, once that is settled: the same identity, scopes and budget, no upstream. */
function admitRoute({ id, auth, rateLimit, timeoutMs }: Route): Route {
  const nothing = { id: 'nothing', to: 'nothing', method: 'GET', path: '/', each: '${ [] }', required: true } as const;
  return {
    id,
    match: 'exact',
    path: `${ADMIT_PATH}${id}`,
    action: { kind: 'aggregate', mode: 'sequential', parts: [nothing], body: { consumer: '${ consumer }' } },
    ...(auth === undefined ? {} : { auth }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}

function sidecarOf(plan: Omit<NginxPlan, 'sidecar'>): Gateway | null {
  const { config, limits } = plan;
  const served = plan.routes.filter(({ sidecar, admit }) => sidecar !== null || admit);
  if (served.length === 0) return null;
  const isCounted = limits === 'sidecar';
  const routes = config.routes.flatMap((route): Route[] => {
    const planned = served.find((one) => one.route.id === route.id);
    if (planned === undefined) return [];
    return [withLimit(planned.sidecar === null ? admitRoute(route) : route, isCounted)];
  });
  // nginx has already chosen the id.
  const { requestId: _, ...rest } = config;
  return withLimit({ ...rest, routes }, isCounted);
}

/** Routes as the gateway tries them; in nginx mode nginx chooses, and the order is that of the document. */
function inOrder(config: Gateway): Route[] {
  return config.matching === 'nginx' ? config.routes : inPrecedence(config.routes);
}

/** Divides a gateway: what nginx says exactly or nearly stays with it, the rest goes to our own runtime beside it. */
export function planNginx({ config }: Pick<ExecutableNode<'gateway'>, 'config'>): NginxPlan {
  const all = limitsOf(config);
  const isNative = all.every((limit) => nginxRate(limit) !== null);
  const limits = all.length === 0 ? null : isNative ? 'nginx' : 'sidecar';
  const isReserved = (route: Route): boolean => route.match === 'exact' && HEALTH_PATHS.includes(route.path);
  const routes = inOrder(config)
    .filter((route) => !isReserved(route))
    .map((route): PlannedRoute => {
      const sidecar = route.action.kind === 'aggregate' ? 'aggregation' : isPlain(config, route) ? null : 'transform';
      const isCounted = limits === 'sidecar' && (config.rateLimit ?? route.rateLimit) !== undefined;
      return { route, sidecar, admit: sidecar === null && (config.auth !== undefined || isCounted) };
    });
  const plan = { config, routes, limits } as const;
  return { ...plan, sidecar: sidecarOf(plan) };
}
