import { retriesOf } from '../../kinds/gateway/retry-policies.ts';
import type { ConfigOf, Route } from '../../topology/schema/types.ts';
import { imageRow, row } from '../fidelity-row.ts';
import type { FidelityAspect, FidelityNote } from '../fidelity-texts.ts';
import type { FidelityRow } from '../model.ts';
import { HEALTH_PATHS, type NginxPlan, planNginx } from './nginx-plan.ts';

type Gateway = ConfigOf<'gateway'>;
type Say = (plan: NginxPlan) => [FidelityAspect, FidelityRow['level'], FidelityNote, FidelityRow['values']?][];

/** Ids of the routes that the sidecar serves for this reason. */
const servedFor = ({ routes }: NginxPlan, why: 'aggregation' | 'transform'): string =>
  routes.flatMap(({ route, sidecar }) => (sidecar === why ? [route.id] : [])).join(', ');
const hasNative = ({ routes }: NginxPlan): boolean => routes.some(({ sidecar }) => sidecar === null);

const WAYS = {
  random: 'random',
  'least-request': 'random two least_conn',
  'ring-hash': 'hash consistent',
  maglev: 'hash consistent',
};

const sayBalancing: Say = ({ config: { loadBalancing } }) => {
  const kind = loadBalancing?.kind ?? 'round-robin';
  if (kind === 'round-robin') return [['balancing', 'equivalent', 'nginxRoundRobin']];
  const isWeighted = loadBalancing !== undefined && 'weights' in loadBalancing && loadBalancing.weights !== undefined;
  if (kind === 'weighted-round-robin' || isWeighted) return [['balancing', 'unsupported', 'nginxWeights']];
  return [['balancing', 'approximate', 'nginxBalancing', { way: WAYS[kind] }]];
};
const sayLimits: Say = ({ limits }) =>
  limits === 'nginx' ? [['limits', 'approximate', 'nginxLimits']] : [['limits', 'equivalent', 'nginxLimitsSidecar']];
const sayRetries: Say = (plan) => {
  const isNative = plan.routes.some(({ route, sidecar }) => sidecar === null && retriesOf(plan.config, route));
  const routes = servedFor(plan, 'aggregation') || servedFor(plan, 'transform');
  return [isNative ? ['retries', 'approximate', 'nginxRetries'] : ['retries', 'exact', 'nginxSidecar', { routes }]];
};
const sayTransform: Say = (plan) => {
  const computed = servedFor(plan, 'transform');
  const said: ReturnType<Say> = [];
  if (hasNative(plan)) said.push(['transform', 'equivalent', 'nginxTransform']);
  if (computed !== '') said.push(['transformComputed', 'exact', 'nginxSidecar', { routes: computed }]);
  if (said.length === 0) said.push(['transform', 'exact', 'nginxSidecar', { routes: servedFor(plan, 'aggregation') }]);
  return said;
};
const sayMatching: Say = ({ config }) =>
  config.matching === 'nginx'
    ? [['matching', 'exact', 'nginxLocations']]
    : [['matching', 'equivalent', 'nginxMatching']];
const sayTimeouts: Say = (plan) => [
  hasNative(plan)
    ? ['timeouts', 'approximate', 'nginxTimeouts']
    : ['timeouts', 'exact', 'nginxSidecar', { routes: plan.routes.map(({ route }) => route.id).join(', ') }],
];
const sayAuth: Say = () => [['authentication', 'equivalent', 'nginxAuth']];
const sayListening: Say = () => [['listening', 'equivalent', 'nginxListening']];
/** An export with it is refused (`EXPORT_NGINX_GRPC`). */
const sayGrpc: Say = () => [['grpc', 'unsupported', 'nginxGrpc']];
const sayActions: Say = (plan) => {
  const forwards = plan.routes.flatMap(({ route: { action } }) => (action.kind === 'forward' ? [action] : []));
  const aggregated = servedFor(plan, 'aggregation');
  const said: ReturnType<Say> = [];
  if (forwards.length > 0) said.push(['forwarding', 'equivalent', 'nginxForwarding']);
  if (forwards.some(({ split }) => split !== undefined)) said.push(['split', 'equivalent', 'nginxSplit']);
  if (aggregated !== '') said.push(['aggregation', 'exact', 'nginxSidecar', { routes: aggregated }]);
  return said;
};

/** What is said about each setting of a gateway that is there: a new setting does not compile without a line. */
const OF_GATEWAY: Record<keyof Gateway, Say> = {
  port: sayListening,
  grpc: sayGrpc,
  replicas: sayListening,
  routes: sayMatching,
  matching: sayMatching,
  timeoutMs: sayTimeouts,
  auth: sayAuth,
  rateLimit: sayLimits,
  loadBalancing: sayBalancing,
  outlierDetection: () => [['outliers', 'approximate', 'nginxOutliers']],
  healthChecks: () => [['healthChecks', 'unsupported', 'nginxHealthChecks']],
  upstreamLimits: () => [['upstreamLimits', 'approximate', 'nginxUpstreamLimits']],
  retries: sayRetries,
  cors: () => [['cors', 'equivalent', 'nginxCors']],
  transform: sayTransform,
  versioning: () => [['versions', 'equivalent', 'nginxVersions']],
  requestId: () => [['requestId', 'equivalent', 'nginxRequestId']],
};
/** The same of each setting of a route. */
const OF_ROUTE: Record<keyof Route, Say> = {
  id: sayMatching,
  protocol: sayGrpc,
  match: sayMatching,
  path: sayMatching,
  methods: sayMatching,
  headers: sayMatching,
  query: sayMatching,
  clientKinds: sayMatching,
  version: sayMatching,
  action: sayActions,
  timeoutMs: sayTimeouts,
  auth: sayAuth,
  rateLimit: sayLimits,
  retries: sayRetries,
  transform: sayTransform,
};

/** The settings of a gateway and its routes that are there, in a fixed order. */
function* settings(config: Gateway): Generator<Say> {
  for (const key of Object.keys(OF_GATEWAY) as (keyof Gateway)[]) if (config[key] !== undefined) yield OF_GATEWAY[key];
  for (const key of Object.keys(OF_ROUTE) as (keyof Route)[])
    if (config.routes.some((route) => route[key] !== undefined)) yield OF_ROUTE[key];
}

/** One row for each feature that a gateway uses, when nginx stands in its place, and for what is always different there. */
export function nginxRows(name: string, config: Gateway): FidelityRow[] {
  const plan = planNginx({ config });
  const rows = new Map<string, FidelityRow>();
  rows.set('image', imageRow(name, 'nginx', 'nginx'));
  for (const say of settings(config))
    for (const [aspect, level, note, values] of say(plan)) rows.set(aspect, row(name, aspect, level, note, values));
  // Defaults that are not written down.
  for (const [aspect, level, note, values] of sayBalancing(plan))
    rows.set(aspect, row(name, aspect, level, note, values));
  rows.set('discovery', row(name, 'discovery', 'approximate', 'nginxDiscovery'));
  rows.set('tracing', row(name, 'tracing', 'approximate', 'nginxTracing'));
  rows.set('errors', row(name, 'errors', 'approximate', 'nginxErrors'));
  for (const { match, path } of config.routes)
    if (match === 'exact' && HEALTH_PATHS.includes(path))
      rows.set(path, row(name, path, 'unsupported', 'reservedPath'));
  return [...rows.values()];
}
