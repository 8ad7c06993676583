import { z } from 'zod';

/**
 * Shapes that documents may hold one day and that nothing executes yet: a document with one of them is refused with
 * NOT_YET_SUPPORTED at its place, never accepted and ignored. Defaults and names follow Envoy, Kong, resilience4j, AMQP, Kafka.
 */
const name = z.string().min(1).max(80);
const ms = z.number().min(0);
const count = z.int().min(0);
const percent = z.number().min(0).max(100);

/** Identity of the caller at the gateway; the algorithm comes from here, never from the token (RFC 8725). */
export const Auth = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('jwt'),
    issuer: z.string(),
    audience: z.array(z.string()).min(1),
    algorithms: z.array(z.enum(['EdDSA', 'HS256', 'RS256'])).min(1),
    leewaySeconds: count,
  }),
  z.strictObject({ kind: z.literal('api-key'), header: z.string() }),
]);
const LimitKey = z.enum(['consumer', 'credential', 'header', 'ip']);
export const RateLimit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('token-bucket'),
    maxTokens: count,
    tokensPerFill: count,
    fillIntervalMs: ms,
    key: LimitKey,
  }),
  z.strictObject({
    kind: z.literal('fixed-window'),
    limit: count,
    period: z.enum(['second', 'minute', 'hour']),
    key: LimitKey,
  }),
  z.strictObject({ kind: z.literal('sliding-window'), limit: count, windowMs: ms, key: LimitKey }),
]);
export const OutlierDetection = z.strictObject({
  consecutive5xx: count,
  intervalMs: ms,
  baseEjectionMs: ms,
  maxEjectionPercent: percent,
});
export const LoadBalancing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('weighted-round-robin'), weights: z.record(z.string(), count) }),
  z.strictObject({ kind: z.literal('least-request'), choices: z.int().min(2), bias: z.number().min(0) }),
  z.strictObject({ kind: z.literal('ring-hash'), header: z.string() }),
  z.strictObject({ kind: z.literal('maglev'), header: z.string() }),
]);
export const Backoff = z.strictObject({
  initialIntervalMs: ms,
  backoffCoefficient: z.number().min(1),
  maxIntervalMs: ms,
  jitter: z.enum(['none', 'full']),
});
export const Retries = z.strictObject({
  maxAttempts: z.int().min(1).max(10),
  on: z.array(z.enum(['connection', '5xx', 'timeout', '429'])).min(1),
  perTryTimeoutMs: ms.optional(),
  backoff: Backoff,
  /** Concurrent retries at most this share of active requests. */
  budgetPercent: percent.optional(),
});
export const Cors = z.strictObject({
  allowOrigins: z.array(z.string()),
  allowMethods: z.array(z.string()),
  allowHeaders: z.array(z.string()),
  allowCredentials: z.boolean(),
  maxAgeSeconds: count,
});
const HeaderChanges = z.strictObject({
  remove: z.array(z.string()).optional(),
  rename: z.record(z.string(), z.string()).optional(),
  replace: z.record(z.string(), z.string()).optional(),
  add: z.record(z.string(), z.string()).optional(),
  append: z.record(z.string(), z.string()).optional(),
});
export const Transform = z.strictObject({ request: HeaderChanges.optional(), response: HeaderChanges.optional() });
export const Versioning = z.strictObject({
  by: z.enum(['path', 'header', 'media-type']),
  header: z.string().optional(),
  default: name,
  versions: z
    .array(z.strictObject({ name, deprecatedAt: z.string().optional(), sunsetAt: z.string().optional() }))
    .min(1),
});
/** Envoy's "circuit breaker": a limit of concurrency, not a breaker. */
export const UpstreamLimits = z.strictObject({
  maxConnections: count,
  maxPending: count,
  maxRequests: count,
  maxRetries: count,
});

/** resilience4j CircuitBreakerConfig. */
export const Breaker = z.strictObject({
  window: z.enum(['count', 'time']),
  windowSize: z.int().min(1),
  minimumCalls: z.int().min(1),
  failureRatePercent: percent,
  slowRatePercent: percent,
  slowCallMs: ms,
  openMs: ms,
  halfOpenPermits: z.int().min(1),
});
export const Bulkhead = z.strictObject({ maxConcurrent: z.int().min(1), maxQueued: count });
/** How a `call` step defends itself. */
export const CallPolicy = z.strictObject({
  retries: Retries.optional(),
  breaker: Breaker.optional(),
  bulkhead: Bulkhead.optional(),
  fallback: z.json().optional(),
});

const Probe = z.strictObject({
  path: z.string().startsWith('/'),
  periodMs: ms,
  timeoutMs: ms,
  failureThreshold: z.int().min(1),
  successThreshold: z.int().min(1),
});
export const Health = z.strictObject({
  startup: Probe.optional(),
  readiness: Probe.optional(),
  liveness: Probe.optional(),
});
export const Concurrency = z.strictObject({ limit: z.int().min(1), maxQueued: count });
export const Idempotency = z.strictObject({ header: z.string(), required: z.boolean(), keepMs: ms });
export const GrpcService = z.strictObject({ port: z.int().min(1).max(65535), proto: z.string() });

/** Per queue, by queue name (RabbitMQ). */
export const QueueOptions = z.strictObject({
  queueType: z.enum(['classic', 'quorum']).optional(),
  messageTtlMs: ms.optional(),
  maxLength: count.optional(),
  overflow: z.enum(['drop-head', 'reject-publish']).optional(),
  deadLetterExchange: z.string().optional(),
  singleActiveConsumer: z.boolean().optional(),
  maxPriority: z.int().min(1).max(255).optional(),
});
/** Per topic, by topic name (Kafka). */
export const TopicOptions = z.strictObject({
  partitions: z.int().min(1),
  replicationFactor: z.int().min(1),
  retentionMs: ms.optional(),
  compaction: z.boolean().optional(),
});
export const Isolation = z.enum(['read-committed', 'repeatable-read', 'serializable']);
export const ReadReplicas = z.strictObject({ replicas: z.int().min(1).max(5), lagMs: ms });
export const SelfPreservation = z.strictObject({ renewalThreshold: z.number().min(0).max(1) });

const node = {
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  title: z.string().max(80).optional(),
  position: z.strictObject({ x: z.number(), y: z.number() }),
  size: z.strictObject({ width: z.number().positive(), height: z.number().positive() }).optional(),
  parent: z.string().optional(),
  notes: z.string().max(4000).optional(),
};
const SagaStep = z.strictObject({
  id: z.string(),
  /** Richardson: compensatable*, pivot, retriable*. */
  kind: z.enum(['compensatable', 'pivot', 'retriable']),
  to: z.string(),
  endpoint: z.string(),
  compensation: z.strictObject({ to: z.string(), endpoint: z.string() }).optional(),
  retries: Retries.optional(),
});
/** Kinds that the canvas will know: recognised, drawn by no face yet, executed by nothing. */
export const FutureNode = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('orchestrator'),
    ...node,
    config: z.strictObject({
      replicas: z.int().min(1).max(20),
      sagas: z.array(z.strictObject({ name, steps: z.array(SagaStep).min(1) })),
    }),
  }),
  z.strictObject({
    kind: z.literal('monolith'),
    ...node,
    config: z.strictObject({
      port: z.int().min(1).max(65535),
      replicas: z.int().min(1).max(20),
      modules: z.array(z.string()).min(1),
    }),
  }),
  z.strictObject({
    kind: z.literal('observability'),
    ...node,
    config: z.strictObject({
      backend: z.enum(['jaeger', 'zipkin', 'loki', 'elasticsearch-kibana', 'prometheus-grafana']),
      sampling: z.number().min(0).max(1),
    }),
  }),
  z.strictObject({
    kind: z.literal('stub'),
    ...node,
    config: z.strictObject({
      image: z.string(),
      ports: z.array(z.int().min(1).max(65535)),
      environment: z.record(z.string(), z.string()),
    }),
  }),
]);
export const FUTURE_KINDS = ['orchestrator', 'monolith', 'observability', 'stub'] as const;

const fault = { node: z.string(), rate: z.number().min(0).max(1).optional() };
/** Faults by TigerBeetle's names that the fabric does not set yet. */
export const FutureFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ...fault, addMs: ms }),
  z.strictObject({ kind: z.literal('loss'), ...fault }),
  z.strictObject({ kind: z.literal('duplicate'), ...fault }),
  z.strictObject({ kind: z.literal('reorder'), ...fault }),
  z.strictObject({ kind: z.literal('partition'), ...fault, from: z.array(z.string()), oneWay: z.boolean() }),
  z.strictObject({ kind: z.literal('pause'), ...fault, forMs: ms }),
  z.strictObject({ kind: z.literal('slow'), ...fault, factor: z.number().min(1) }),
  z.strictObject({ kind: z.literal('clock-skew'), ...fault, skewMs: z.number() }),
  z.strictObject({ kind: z.literal('disk-loss'), ...fault }),
  z.strictObject({ kind: z.literal('disk-full'), ...fault }),
  z.strictObject({ kind: z.literal('error-rate'), ...fault, status: z.int().min(400).max(599) }),
]);
export const FUTURE_FAULTS = [
  'latency',
  'loss',
  'duplicate',
  'reorder',
  'partition',
  'pause',
  'slow',
  'clock-skew',
  'disk-loss',
  'disk-full',
  'error-rate',
] as const;
