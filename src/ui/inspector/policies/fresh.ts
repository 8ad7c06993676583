import type {
  Breaker,
  Bulkhead,
  Cors,
  Fault,
  Health,
  LoadBalancing,
  RateLimit,
  Retries,
  Versioning,
} from '../../../core/topology/schema/types.ts';
import { BREAKER_PRESETS } from '../../../core/resilience/breaker-presets.ts';

/** Ten requests per second of each caller, by every algorithm. */
export const RATE_LIMITS: { readonly [K in RateLimit['kind']]: Extract<RateLimit, { kind: K }> } = {
  'token-bucket': { kind: 'token-bucket', maxTokens: 10, tokensPerFill: 10, fillIntervalMs: 1000, key: 'ip' },
  'fixed-window': { kind: 'fixed-window', limit: 10, period: 'second', key: 'ip' },
  'sliding-window': { kind: 'sliding-window', limit: 10, windowMs: 1000, key: 'ip' },
};

/** Envoy's back-off (25 ms, doubled, at most ten times as much) and its budget, with two tries after the first. */
export const RETRIES: Retries = {
  maxAttempts: 3,
  on: ['connection', '5xx'],
  backoff: { initialIntervalMs: 25, backoffCoefficient: 2, maxIntervalMs: 250, jitter: 'full' },
  budgetPercent: 20,
};
/** The example of gRFC A6. */
export const THROTTLE: NonNullable<Retries['throttle']> = { maxTokens: 10, tokenRatio: 0.1 };
/** resilience4j's breaker is the one whose terms the model speaks. */
export const BREAKER: Breaker = BREAKER_PRESETS.resilience4j;
/** resilience4j's semaphore: 25 at once, nobody waits. */
export const BULKHEAD: Bulkhead = { maxConcurrent: 25, maxQueued: 0 };

export const CORS: Cors = {
  allowOrigins: ['http://localhost:3000'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['content-type', 'authorization'],
  allowCredentials: false,
  maxAgeSeconds: 600,
};
export const VERSIONING: Versioning = {
  by: 'header',
  header: 'x-api-version',
  default: 'v1',
  unknown: 404,
  versions: [{ name: 'v1' }],
};

/** Kubernetes' defaults, on the path of a probe. */
export const probeOn = (path: string): NonNullable<Health['readiness']> => ({
  path,
  periodMs: 10_000,
  timeoutMs: 1000,
  failureThreshold: 3,
  successThreshold: 1,
});

/** Every way to balance, from the core's list. */
export const balancerOf = (all: readonly LoadBalancing[], kind: LoadBalancing['kind']): LoadBalancing =>
  all.find((one) => one.kind === kind) ?? { kind: 'round-robin' };

type NodeFaultKind = Extract<Fault, { node: string }>['kind'];
type LinkFaultKind = Extract<Fault, { link: string }>['kind'];

/** A fault of a node as the form begins with it. */
export function freshNodeFault(kind: NodeFaultKind, node: string, step: string): Fault {
  switch (kind) {
    case 'step-error':
      return { kind, node, step, rate: 1, code: 'failed' };
    case 'error-rate':
      return { kind, node, rate: 0.5, status: 503 };
    case 'slow':
      return { kind, node, factor: 10 };
    case 'pause':
    case 'outage':
      return { kind, node };
    case 'clock-skew':
      return { kind, node, skewMs: 60_000 };
  }
}

/** A fault of a link as the form begins with it. */
export function freshLinkFault(kind: LinkFaultKind, link: string): Fault {
  switch (kind) {
    case 'latency':
      return { kind, link, addMs: 500, jitterMs: 100 };
    case 'loss':
    case 'duplicate':
      return { kind, link, rate: 0.2 };
    case 'reorder':
      return { kind, link, rate: 0.2, maxExtraMs: 200 };
    case 'partition':
      return { kind, link, direction: 'both' };
  }
}
