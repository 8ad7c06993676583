import { splitTarget } from '../../../http/path.ts';
import type { ConfigOf, Route } from '../../../topology/schema/types.ts';
import { conditionsOf, type Asked, type Conditions } from './conditions.ts';
import { createNginxRouter } from './nginx-matching.ts';
import { comparePlaces, matchPath, prefixSegments } from './path-match.ts';
import { refusal, type Router } from './route-decision.ts';
import { versionOf } from './versions.ts';

export type RouterConfig = Pick<ConfigOf<'gateway'>, 'routes' | 'matching' | 'versioning'>;
/** The router of a gateway: what it reads, it reads once; asking it is pure. */
export const createRouter = (config: RouterConfig): Router =>
  config.matching === 'nginx' ? createNginxRouter(config.routes) : createGatewayApiRouter(config);

interface Candidate {
  route: Route;
  conditions: Conditions;
  methods: readonly string[];
}

/**
 * Which of two routes that match goes first: path, then the one that names methods, then more header conditions, then more query
 * conditions (Gateway API, HTTPRouteRule); of equals the one declared first.
 */
function precedence(a: Candidate, b: Candidate): number {
  return (
    comparePlaces(a.route, b.route) ||
    Number(b.methods.length > 0) - Number(a.methods.length > 0) ||
    b.conditions.headers - a.conditions.headers ||
    b.conditions.query - a.conditions.query
  );
}

/** Sorted stably: of the candidates that match, the first is the one. */
const candidatesOf = (routes: readonly Route[]): Candidate[] =>
  routes
    .map((route): Candidate => ({ route, conditions: conditionsOf(route), methods: route.methods ?? [] }))
    .toSorted(precedence);

/** Routes in the order in which the Gateway API tries them (GW1). */
export const inPrecedence = (routes: readonly Route[]): Route[] => candidatesOf(routes).map(({ route }) => route);

/** Routes as the Gateway API orders them (GW1); 405 when only the method keeps a route from matching. */
function createGatewayApiRouter({ routes, versioning }: RouterConfig): Router {
  const candidates = candidatesOf(routes);
  return ({ method, target, headers }) => {
    const versioned = versionOf(versioning, target, headers);
    if (!versioned.ok) return versioned.refusal;
    const { path, query } = splitTarget(versioned.target);
    const asked: Asked = { headers, query, version: versioned.version };
    const allow = new Set<string>();
    for (const { route, conditions, methods } of candidates) {
      const params = matchPath(route, path);
      if (params === null || !conditions.hold(asked)) continue;
      if (methods.length === 0 || methods.includes(method)) {
        const isStripped = route.action.kind === 'forward' && route.action.stripPrefix;
        const onward = isStripped ? strippedTarget(route, versioned.target) : versioned.target;
        return { kind: 'route', route, params, version: versioned.version, target: onward };
      }
      for (const name of methods) allow.add(name);
    }
    return refusal(method, path, [...allow].sort());
  };
}

/** The target without the matched prefix (never empty: `/`); the query stays. Of an exact path or a template nothing is left. */
function strippedTarget(route: Route, target: string): string {
  const at = target.search(/[?#]/);
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? '' : target.slice(at);
  if (route.match !== 'prefix') return `/${query}`;
  return `/${path
    .split('/')
    .slice(1 + prefixSegments(route.path).length)
    .join('/')}${query}`;
}
