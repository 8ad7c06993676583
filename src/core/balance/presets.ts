import type {
  HealthChecks,
  LoadBalancing,
  OutlierDetection,
  Resolve,
  UpstreamLimits,
} from '../topology/schema/types.ts';

/** Every way to balance with the values a form begins with: Envoy's defaults where it has the policy. */
export const BALANCERS: readonly LoadBalancing[] = [
  { kind: 'round-robin' },
  { kind: 'weighted-round-robin', weights: { '#0': 1, '#1': 3 } },
  { kind: 'random' },
  { kind: 'least-request', choices: 2, bias: 1 },
  { kind: 'ring-hash', header: 'x-user-id' },
  { kind: 'maglev', header: 'x-user-id' },
];

/** Envoy's outlier detection and its panic threshold. */
export const OUTLIER_DEFAULTS: OutlierDetection = {
  consecutive5xx: 5,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjectionPercent: 10,
  panicPercent: 50,
};

/** Active health checks as Envoy's examples have them; Envoy itself has no defaults for them. */
export const HEALTH_CHECK_DEFAULTS: HealthChecks = {
  path: '/health',
  intervalMs: 5_000,
  timeoutMs: 1_000,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
};
/** Envoy's panic threshold where nothing else is said. */
export const PANIC_PERCENT = OUTLIER_DEFAULTS.panicPercent;

/** Envoy's limits of one cluster. */
export const UPSTREAM_DEFAULTS: UpstreamLimits = { maxRequests: 1024, maxPending: 1024, maxRetries: 3 };

/** Every way to resolve a link. `addresses` are those that a form offers, such as those that the instances have at the start. */
export const resolutions = (addresses: readonly string[]): Resolve[] => [
  { by: 'registry' },
  { by: 'dns', ttlMs: 30_000 },
  { by: 'static', addresses: [...addresses] },
];
