import { z } from 'zod';
import { JsonValue, NodeId } from './base-schema.ts';
import * as Policy from './policy-schema.ts';

const AggregatePart = z.strictObject({
  id: NodeId,
  to: NodeId,
  method: z.enum(['GET', 'POST']),
  /** May hold `${ }` over `request` and `parts` (earlier parts by id, their bodies). */
  path: z.string().startsWith('/'),
  /** `${ }` list: the part is fetched once per `item` and its value is a list. */
  each: z.string().optional(),
  required: z.boolean(),
  /** Of its own, within what is left of the route's. */
  timeoutMs: z.number().positive().optional(),
  retries: Policy.Retries.optional(),
  /** Value of a part that failed although it is not required; without it null. */
  fallback: JsonValue.optional(),
});

/** The value must be equal, match the RE2-like pattern, or just be there. */
const ValueMatch = z.union([
  z.strictObject({ equals: z.string() }),
  z.strictObject({ matches: z.string() }),
  z.strictObject({ present: z.literal(true) }),
]);

export const Route = z.strictObject({
  id: NodeId,
  /**
   * Absent = HTTP. Over gRPC (the Gateway API's GRPCRoute) `exact` names one rpc, `/package.Service/Method`, `prefix` all of a service, `/package.Service`, or every rpc, `/`;
   * `headers` are conditions on the metadata. Such a route only forwards.
   */
  protocol: z.literal('grpc').optional(),
  /** `template`: `/users/{id}`; `regex` and `prefix-first` (nginx `^~`) exist in nginx mode, where `path` may be a pattern. */
  match: z.enum(['exact', 'prefix', 'template', 'prefix-first', 'regex']),
  path: z.string().min(1),
  methods: z.array(z.string()).optional(),
  /** Header and query conditions, all of which must hold; header names lower case. */
  headers: z.record(z.string(), ValueMatch).optional(),
  query: z.record(z.string(), ValueMatch).optional(),
  /** Only for clients of these kinds (`x-client-kind`): a backend for each frontend. */
  clientKinds: z
    .array(z.enum(['web', 'mobile', 'iot']))
    .min(1)
    .optional(),
  /** Only for this API version (see `versioning`). */
  version: z.string().optional(),
  action: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('forward'),
      to: NodeId,
      stripPrefix: z.boolean(),
      /** Shares of the traffic by weight instead of `to` alone, such as 90 to v1 and 10 to v2. */
      split: z
        .array(z.strictObject({ to: NodeId, weight: z.int().min(0) }))
        .min(1)
        .optional(),
    }),
    z.strictObject({
      kind: z.literal('aggregate'),
      mode: z.enum(['sequential', 'parallel']),
      parts: z.array(AggregatePart).min(1),
      /** Body with `${ }` over `request` and `parts`. */
      body: JsonValue,
    }),
  ]),
  timeoutMs: z.number().positive().optional(),
  auth: Policy.RouteAuth.optional(),
  rateLimit: Policy.RateLimit.optional(),
  retries: Policy.Retries.optional(),
  transform: Policy.Transform.optional(),
});

export const GatewayConfig = z.strictObject({
  port: z.int().min(1).max(65535),
  /** Where it takes gRPC; absent = nowhere. */
  grpc: z.strictObject({ port: z.int().min(1).max(65535) }).optional(),
  routes: z.array(Route),
  timeoutMs: z.number().positive(),
  replicas: z.int().min(1).max(20),
  /** Order in which routes are tried: `gateway-api` (default) or `nginx` locations; it also decides status codes (GW1 to GW3). */
  matching: z.enum(['gateway-api', 'nginx']).optional(),
  auth: Policy.Auth.optional(),
  rateLimit: Policy.RateLimit.optional(),
  loadBalancing: Policy.LoadBalancing.optional(),
  outlierDetection: Policy.OutlierDetection.optional(),
  healthChecks: Policy.HealthChecks.optional(),
  upstreamLimits: Policy.UpstreamLimits.optional(),
  retries: Policy.Retries.optional(),
  cors: Policy.Cors.optional(),
  transform: Policy.Transform.optional(),
  versioning: Policy.Versioning.optional(),
  /** `keep` (default) passes an X-Request-Id on, `replace` always makes one. */
  requestId: z.enum(['keep', 'replace']).optional(),
});
