import { random } from '../../../core/base/random.ts';
import type {
  CallPolicy,
  ConfigOf,
  ExecutableTopology,
  Health,
  HealthChecks,
  RateLimit,
  Step,
} from '../../../core/topology/schema/types.ts';
import { callsTopology, callStep } from './calls.suite.ts';
import { withRpc } from './calls-rpc.suite.ts';
import { BACKOFF, TIMES } from './calls-times.suite.ts';

export const BREAKER_PERMITS = 2;
export const RETRY_PERCENT = 20;
export const PLACES = { limit: 2, maxQueued: 2 } as const;
export const BUCKET = {
  kind: 'token-bucket',
  maxTokens: 6,
  tokensPerFill: 2,
  fillIntervalMs: 40,
  key: 'ip',
} as const satisfies RateLimit;
/** Requests per second of many at once: enough to meet a half-open breaker, and the retries of others. */
const CROWD = 150;
export const CACHE_MS = 100;
export const CHECKS = {
  path: '/health',
  intervalMs: 80,
  timeoutMs: 60,
  unhealthyThreshold: 2,
  healthyThreshold: 2,
} as const satisfies HealthChecks;
export const BLOCKING_WAIT_MS = 300;

/** What a seed may switch on; each is drawn by itself, so that all mixtures come up. */
export interface Features {
  /** Not drawn: who hunts mistakes of policies asks for it. */
  crowd: boolean;
  retries: boolean;
  breaker: boolean;
  bulkhead: boolean;
  rateLimit: boolean;
  places: boolean;
  health: boolean;
  fastBeats: boolean;
  blocking: boolean;
  checks: boolean;
  /** A client over gRPC, and a service of prices that is asked over it. */
  grpc: boolean;
  /** That client goes through the gateway. */
  through: boolean;
}
const FEATURES = [
  'retries',
  'breaker',
  'bulkhead',
  'rateLimit',
  'places',
  'health',
  'fastBeats',
  'blocking',
  'checks',
  'grpc',
  'through',
] as const;
const SHARE: Record<(typeof FEATURES)[number], number> = {
  retries: 0.5,
  breaker: 0.4,
  bulkhead: 0.3,
  rateLimit: 0.25,
  places: 0.4,
  health: 0.2,
  fastBeats: 0.2,
  blocking: 0.3,
  checks: 0.25,
  grpc: 0.2,
  through: 0.5,
};

export function featuresOf(seed: number): Features {
  const features = { crowd: false } as Features;
  for (const feature of FEATURES) features[feature] = random(seed, 'calls-feature', feature) < SHARE[feature];
  return features;
}

function policyOf(features: Features): CallPolicy | undefined {
  const policy: CallPolicy = {};
  if (features.retries)
    policy.retries = {
      maxAttempts: 3,
      on: ['connection', 'timeout', '5xx', 'no-instances'],
      perTryTimeoutMs: 60,
      backoff: { ...BACKOFF, jitter: 'full' },
      budgetPercent: RETRY_PERCENT,
    };
  if (features.breaker)
    policy.breaker = {
      window: 'count',
      windowSize: 6,
      minimumCalls: 4,
      failureRatePercent: 50,
      slowRatePercent: 100,
      slowCallMs: 1000,
      openMs: 60,
      halfOpenPermits: BREAKER_PERMITS,
    };
  if (features.bulkhead) policy.bulkhead = { maxConcurrent: 3, maxQueued: 2, maxWaitMs: 40 };
  return Object.keys(policy).length === 0 ? undefined : policy;
}

const HEALTH: Health = {
  liveness: { path: '/health', periodMs: 200, timeoutMs: 60, failureThreshold: 3, successThreshold: 1 },
  readiness: { path: '/health', periodMs: 150, timeoutMs: 50, failureThreshold: 2, successThreshold: 1 },
};
const known = new Map<string, ExecutableTopology>();

/** The small system with these features; the same object for the same features, which nobody changes. */
export function variantOf(features: Features): ExecutableTopology {
  const key = [...FEATURES, 'crowd' as const].map((feature) => Number(features[feature])).join('');
  const before = known.get(key);
  if (before) return before;
  const policy = policyOf(features);
  const guarded = policy === undefined ? {} : { policy };
  const respond: Step = { id: 'answer', do: 'respond', status: 200, body: { ok: true } };
  const steps: Step[] = [
    callStep('stock', { timeoutMs: TIMES.call, ...guarded }),
    callStep('users', { timeoutMs: TIMES.call }),
    respond,
  ];
  const health: Step[] = [{ ...respond, id: 'alive' }];
  const common: Partial<ConfigOf<'service'>> = {
    startupMs: 20,
    restartDelayMs: 60,
    serviceTime: { kind: 'exponential', meanMs: 5 },
  };
  const topology = callsTopology({
    ratePerSecond: features.crowd ? CROWD : 25,
    orders: {
      ...common,
      release: { strategy: 'rolling', graceMs: 1500 },
      endpoints: [
        { id: 'get', method: 'GET', path: '/orders', steps },
        { id: 'health', method: 'GET', path: '/health', steps: health },
      ],
    },
    stock: {
      ...common,
      ...(features.places ? { concurrency: PLACES } : {}),
      ...(features.health ? { health: HEALTH } : {}),
    },
    users: { ...common, replicas: 1 },
  });
  const { web, gateway, consul } = topology.nodes;
  if (web?.kind === 'client') web.config.timeoutMs = TIMES.client;
  if (gateway?.kind === 'gateway') {
    gateway.config.timeoutMs = TIMES.gateway;
    if (features.rateLimit) gateway.config.rateLimit = BUCKET;
    if (features.checks) gateway.config.healthChecks = CHECKS;
  }
  if (consul?.kind === 'registry') {
    const [heartbeatMs, ttlMs] = features.fastBeats ? [150, 450] : [5000, 15_000];
    Object.assign(consul.config, { heartbeatMs, ttlMs, cacheTtlMs: CACHE_MS, restartDelayMs: 60 });
    if (features.blocking) consul.config.blockingWaitMs = BLOCKING_WAIT_MS;
  }
  const whole = features.grpc ? withRpc(topology, common, features.through) : topology;
  known.set(key, whole);
  return whole;
}
