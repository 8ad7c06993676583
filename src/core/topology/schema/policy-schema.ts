import { z } from 'zod';
import { JsonValue, NodeId } from './base-schema.ts';

/**
 * Policies of calls: who may call, how often, whom it reaches, and how a caller defends itself.
 * Names and defaults follow Envoy, the Gateway API, Kong, resilience4j and gRPC; the semantics are in FIDELITY.md.
 */
const name = z.string().min(1).max(80);
const ms = z.number().min(0);
const count = z.int().min(0);
const percent = z.number().min(0).max(100);

/** Where the keys come from that verify a token: an Auth service on the canvas (its JWKS endpoint, cached), or a pasted JWK Set. */
const Jwks = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('node'), node: NodeId, path: z.string().startsWith('/'), cacheMs: ms }),
  z.strictObject({ kind: z.literal('inline'), keys: z.array(z.record(z.string(), JsonValue)).min(1) }),
]);
/** Identity of the caller at the gateway; the algorithm comes from here, never from the token (RFC 8725). */
export const Auth = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('jwt'),
    issuer: z.string(),
    audience: z.array(z.string()).min(1),
    algorithms: z.array(z.enum(['EdDSA', 'HS256', 'RS256'])).min(1),
    leewaySeconds: count,
    jwks: Jwks,
  }),
  z.strictObject({
    kind: z.literal('api-key'),
    /** Header that carries the key, lower case. */
    header: z.string(),
    keys: z.array(z.strictObject({ key: z.string().min(1), consumer: name })),
  }),
]);
/** What a route asks of the caller's identity; without it a route of a gateway that has `auth` requires a valid credential and no scope. */
export const RouteAuth = z.strictObject({ required: z.boolean(), scopes: z.array(z.string()).optional() });

/** Whose budget a request takes from (GW6): a missing consumer, header or client kind falls back to the address. */
const limitKey = {
  key: z.enum(['ip', 'consumer', 'client-kind', 'header']),
  /** With key `header`: its name. */
  header: z.string().optional(),
};
export const RateLimit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('token-bucket'),
    // Bounded so that parts of tokens stay exact integers.
    maxTokens: z.int().min(1).max(1_000_000),
    tokensPerFill: z.int().min(1).max(1_000_000),
    fillIntervalMs: z.number().min(1).max(3_600_000),
    ...limitKey,
  }),
  z.strictObject({
    kind: z.literal('fixed-window'),
    limit: z.int().min(1),
    period: z.enum(['second', 'minute', 'hour']),
    ...limitKey,
  }),
  z.strictObject({
    kind: z.literal('sliding-window'),
    // Each admitted request is remembered by its time.
    limit: z.int().min(1).max(100_000),
    windowMs: z.number().min(1),
    ...limitKey,
  }),
]);

/** Envoy's outlier detection; 0 in `panicPercent` switches panic mode off. */
export const OutlierDetection = z.strictObject({
  consecutive5xx: z.int().min(1),
  intervalMs: z.number().min(1),
  baseEjectionMs: z.number().min(1),
  maxEjectionMs: z.number().min(1),
  maxEjectionPercent: percent,
  panicPercent: percent,
});
/** Envoy's active HTTP health checks of every instance of the upstreams. `expectedStatuses`: such as `200` or `200-299`; absent = 200. Another status takes an instance out at once, whatever the threshold. */
export const HealthChecks = z.strictObject({
  path: z.string().startsWith('/'),
  intervalMs: z.number().min(10),
  timeoutMs: z.number().min(1),
  unhealthyThreshold: z.int().min(1),
  healthyThreshold: z.int().min(1),
  expectedStatuses: z
    .array(z.string().regex(/^[1-5][0-9]{2}(-[1-5][0-9]{2})?$/))
    .min(1)
    .optional(),
});
/** How a caller chooses among the instances of one upstream. Weights: by `#<ordinal>` or by version; absent = 1. */
export const LoadBalancing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('round-robin') }),
  z.strictObject({ kind: z.literal('weighted-round-robin'), weights: z.record(z.string(), count) }),
  z.strictObject({ kind: z.literal('random') }),
  /** Unequal weights replace the choices: then `bias` says how much the load lowers a weight. */
  z.strictObject({
    kind: z.literal('least-request'),
    choices: z.int().min(2).max(10),
    bias: z.number().min(0),
    weights: z.record(z.string(), count).optional(),
  }),
  z.strictObject({ kind: z.literal('ring-hash'), header: z.string() }),
  z.strictObject({ kind: z.literal('maglev'), header: z.string() }),
]);
/** Envoy's "circuit breaker": a limit of concurrency per upstream, not a breaker; overflow fails at once with 503 (GW13). */
export const UpstreamLimits = z.strictObject({ maxRequests: z.int().min(1), maxPending: count, maxRetries: count });

export const Backoff = z.strictObject({
  initialIntervalMs: ms,
  backoffCoefficient: z.number().min(1),
  maxIntervalMs: ms,
  jitter: z.enum(['none', 'full', 'equal']),
});
/** `maxAttempts` counts the first one. gRPC: more than 5 count as 5; `throttle` is gRFC A6. */
export const Retries = z.strictObject({
  maxAttempts: z.int().min(1).max(10),
  on: z.array(z.enum(['connection', 'timeout', '5xx', '429', 'no-instances'])).min(1),
  perTryTimeoutMs: z.number().positive().optional(),
  backoff: Backoff,
  /** Concurrent retries at most max(3, this share of active requests) (GW9). */
  budgetPercent: percent.optional(),
  /** POST and PATCH are retried too; without it only when the connection was never accepted (GW9). */
  nonIdempotent: z.boolean().optional(),
  throttle: z.strictObject({ maxTokens: z.int().min(1).max(1000), tokenRatio: z.number().positive() }).optional(),
});

export const Cors = z.strictObject({
  allowOrigins: z.array(z.string()),
  allowMethods: z.array(z.string()),
  allowHeaders: z.array(z.string()),
  exposeHeaders: z.array(z.string()).optional(),
  allowCredentials: z.boolean(),
  maxAgeSeconds: count,
});
/** Applied in this order: remove, rename, replace (only what is there), add (only what is not there), append (GW14). Values may hold `${ CEL }` over `request`, `consumer` and, for replies, `reply`. */
const HeaderChanges = z.strictObject({
  remove: z.array(z.string()).optional(),
  rename: z.record(z.string(), z.string()).optional(),
  replace: z.record(z.string(), z.string()).optional(),
  add: z.record(z.string(), z.string()).optional(),
  append: z.record(z.string(), z.string()).optional(),
});
export const Transform = z.strictObject({
  request: z
    .strictObject({ headers: HeaderChanges.optional(), path: z.string().optional(), body: JsonValue.optional() })
    .optional(),
  response: z
    .strictObject({
      headers: HeaderChanges.optional(),
      status: z.union([z.int(), z.string()]).optional(),
      body: JsonValue.optional(),
    })
    .optional(),
});
/** By path: first segment (`/v2/...`); by header: its value; by media type: `application/vnd.<x>.<version>+json` or a `version` parameter. Dates are ISO 8601; sent as Deprecation (RFC 9745) and Sunset (RFC 8594). */
export const Versioning = z.strictObject({
  by: z.enum(['path', 'header', 'media-type']),
  header: z.string().optional(),
  default: name,
  /** Answer to a version that does not exist. */
  unknown: z.union([z.literal(404), z.literal(406)]),
  versions: z
    .array(z.strictObject({ name, deprecatedAt: z.string().optional(), sunsetAt: z.string().optional() }))
    .min(1),
});

/** resilience4j CircuitBreakerConfig; `preset` only remembers whose numbers they were. */
export const Breaker = z.strictObject({
  preset: z.enum(['resilience4j', 'polly', 'hystrix']).optional(),
  window: z.enum(['count', 'time']),
  /** Calls, or seconds. */
  windowSize: z.int().min(1).max(10_000),
  minimumCalls: z.int().min(1),
  failureRatePercent: percent,
  slowRatePercent: percent,
  slowCallMs: ms,
  openMs: ms,
  halfOpenPermits: z.int().min(1),
  /** OPEN turns HALF_OPEN by itself after `openMs`, not on the next call. */
  automatic: z.boolean().optional(),
  /** Failure codes that count neither as success nor as failure, such as `http_404`; `http_4*` means all that begin so. */
  ignore: z.array(z.string()).optional(),
});
/** Calls at once, and how many may wait for a permit and how long; others are refused at once. */
export const Bulkhead = z.strictObject({ maxConcurrent: z.int().min(1), maxQueued: count, maxWaitMs: ms.optional() });
/** How a `call` step defends itself, from the outside in: fallback(retry(breaker(bulkhead(timeout(call))))) as resilience4j decorates. */
export const CallPolicy = z.strictObject({
  retries: Retries.optional(),
  breaker: Breaker.optional(),
  bulkhead: Bulkhead.optional(),
  /** Value that the call binds as its body, with status 200, when everything failed; may hold `${ CEL }`. */
  fallback: JsonValue.optional(),
});

/** Kubernetes probe; defaults there: period 10 s, timeout 1 s, failure 3, success 1 (RP4). */
const Probe = z.strictObject({
  path: z.string().startsWith('/'),
  initialDelayMs: ms.optional(),
  periodMs: z.number().min(10),
  timeoutMs: z.number().min(1),
  failureThreshold: z.int().min(1),
  successThreshold: z.int().min(1),
});
export const Health = z.strictObject({
  startup: Probe.optional(),
  readiness: Probe.optional(),
  liveness: Probe.optional(),
});
/** Requests handled at once per instance; others wait in a queue, and beyond it are refused with 503. */
export const Concurrency = z.strictObject({ limit: z.int().min(1), maxQueued: count });
/** How a changed version reaches the replicas: one after the other, each drained (at most `graceMs`) before its successor starts. */
export const Release = z.strictObject({ strategy: z.enum(['rolling', 'at-once']), graceMs: ms });
/** A service that issues tokens: `token` and `jwks` steps use its key, which is derived from the seed (decision 4). */
export const Tokens = z.strictObject({
  issuer: z.string(),
  algorithm: z.enum(['EdDSA', 'HS256']),
  ttlSeconds: z.int().min(1),
});

/** Whom a caller reaches over a link: the registry that both use (else DNS), DNS with its TTL, or addresses written by hand, which break when an instance moves. */
export const Resolve = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('registry') }),
  z.strictObject({ by: z.literal('dns'), ttlMs: ms }),
  z.strictObject({ by: z.literal('static'), addresses: z.array(z.string()).min(1) }),
]);

const rate = z.number().min(0).max(1);
const link = z.string();
const node = z.string();
/** Faults by the field's names; set and cleared by inputs while a run goes on. At most one of a kind on one target (and step). */
export const Fault = z.discriminatedUnion('kind', [
  /** A step fails with `code`; its handler may catch it. */
  z.strictObject({ kind: z.literal('step-error'), node, step: z.string(), rate, code: z.string() }),
  /** Requests are answered with `status` without being handled. */
  z.strictObject({ kind: z.literal('error-rate'), node, rate, status: z.int().min(400).max(599) }),
  /** Everything that the node does takes `factor` times as long. */
  z.strictObject({ kind: z.literal('slow'), node, factor: z.number().min(1).max(1000) }),
  /** All instances of the node stand still, as in a long garbage collection: nothing is lost, all is late. */
  z.strictObject({ kind: z.literal('pause'), node }),
  /** Nobody listens there: every connection is refused; memory and rows stay. */
  z.strictObject({ kind: z.literal('outage'), node }),
  /** The node's wall clock is wrong by so much; its timers run at the right pace. */
  z.strictObject({ kind: z.literal('clock-skew'), node, skewMs: z.number() }),
  /** Every message on the link takes so much longer, plus a uniform share of `jitterMs`. */
  z.strictObject({ kind: z.literal('latency'), link, addMs: ms, jitterMs: ms }),
  z.strictObject({ kind: z.literal('loss'), link, rate }),
  z.strictObject({ kind: z.literal('duplicate'), link, rate }),
  /** So many messages are held back by up to `maxExtraMs`, so that later ones overtake them. */
  z.strictObject({ kind: z.literal('reorder'), link, rate, maxExtraMs: ms }),
  /** Messages of that direction vanish. */
  z.strictObject({ kind: z.literal('partition'), link, direction: z.enum(['both', 'forward', 'backward']) }),
]);
