import { z } from 'zod';
import { JsonValue, NetworkName, NodeId } from './base-schema.ts';
import * as Future from './future-schema.ts';
import { GatewayConfig } from './gateway-schema.ts';
import * as Policy from './policy-schema.ts';
import { Step } from './step-schema.ts';

/** The document (decision 17). This file and `step-schema.ts` are the only source of its shape. */
/** Canvas px of the top left corner at 100 %, absolute: a node in a group does not move by itself when only the group's position changes. */
const Point = z.strictObject({ x: z.number(), y: z.number() });
const Size = z.strictObject({ width: z.number().positive(), height: z.number().positive() });

/** Durations in ms; `constant` is exact, the others are sampled by hash of (seed, purpose, ...) (decision 4). */
export const Distribution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), ms: z.number().min(0) }),
  z.strictObject({ kind: z.literal('uniform'), minMs: z.number().min(0), maxMs: z.number().min(0) }),
  z.strictObject({ kind: z.literal('exponential'), meanMs: z.number().min(0) }),
  z.strictObject({ kind: z.literal('lognormal'), medianMs: z.number().positive(), sigma: z.number().min(0).max(3) }),
  z.strictObject({ kind: z.literal('pareto'), scaleMs: z.number().positive(), shape: z.number().positive() }),
]);

/** Link latency: a sample is never below `minUs` (decision 2). */
export const Latency = z.strictObject({ distribution: Distribution, minUs: z.int().min(50) });

export const ClientConfig = z.strictObject({
  clientKind: z.enum(['web', 'mobile', 'iot']),
  load: z.discriminatedUnion('model', [
    z.strictObject({
      model: z.literal('open'),
      ratePerSecond: z.number().min(0).max(10_000),
      arrival: z.enum(['exponential', 'constant']),
    }),
    z.strictObject({ model: z.literal('closed'), users: z.int().min(1), thinkTimeMs: z.number().min(0) }),
  ]),
  timeoutMs: z.number().positive(),
  /**
   * Id of a request that logs in: sent before the first request that reads `login`, and again when its answer has expired (`expires_in` seconds of
   * its body) or a 401 came. Others read `login.status`, `.headers`, `.body`: `Authorization: Bearer ${ login.body.access_token }`.
   */
  login: NodeId.optional(),
  /** The request mix; weight 0 = only sent by hand. Values may hold `${ CEL }`. */
  requests: z.array(
    z.strictObject({
      id: NodeId,
      name: z.string(),
      weight: z.number().min(0),
      /** Absent = HTTP. Over gRPC the path is that of an rpc, `/package.Service/Method`, the method POST; the body is its message, the headers its metadata. */
      protocol: z.literal('grpc').optional(),
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
      path: z.string().startsWith('/'),
      headers: z.record(z.string(), z.string()).optional(),
      body: JsonValue.optional(),
      /** Node id of the gateway or service it goes to; must be linked. */
      to: NodeId,
    }),
  ),
});

export const Endpoint = z.strictObject({
  id: NodeId,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** Template with `{name}` segments. */
  path: z.string().startsWith('/'),
  /** Marks the handler as a step of a saga (shown in the Sagas panel). */
  saga: z.strictObject({ name: z.string(), step: z.string(), compensation: z.boolean() }).optional(),
  steps: z.array(Step),
});

export const Subscription = z.strictObject({
  id: NodeId,
  broker: NodeId,
  /** Topic pattern bound to the service's queue, such as `order.created` or `order.*`. */
  key: z.string(),
  saga: z.strictObject({ name: z.string(), step: z.string(), compensation: z.boolean() }).optional(),
  steps: z.array(Step),
});

/** Methods that a service answers over gRPC, described by its own proto3 text. */
export const GrpcMethod = z.strictObject({
  id: NodeId,
  /** `user.v1.UserService/GetUser`; unary or server streaming as the proto says. */
  rpc: z.string(),
  saga: z.strictObject({ name: z.string(), step: z.string(), compensation: z.boolean() }).optional(),
  /** `respond` answers (status 200, body = the message), `send` adds a message to a stream, `fail` with a gRPC status code in lower case such as `not_found`. */
  steps: z.array(Step),
});
export const GrpcService = z.strictObject({
  port: z.int().min(1).max(65535),
  proto: z.string().max(65_536),
  methods: z.array(GrpcMethod),
});

export const ServiceConfig = z.strictObject({
  preset: z.string().optional(),
  version: z.string(),
  port: z.int().min(1).max(65535),
  replicas: z.int().min(1).max(20),
  serviceTime: Distribution,
  startupMs: z.number().min(0),
  /** Delay before an instance that crashed by itself is started again; null = never. */
  restartDelayMs: z.number().min(0).nullable(),
  /** Unacked messages per consumer at once; 0 = unlimited. */
  prefetch: z.int().min(0),
  /** Values that `config.*` sees in expressions. */
  values: z.record(z.string(), JsonValue),
  endpoints: z.array(Endpoint),
  subscriptions: z.array(Subscription),
  concurrency: Policy.Concurrency.optional(),
  health: Policy.Health.optional(),
  release: Policy.Release.optional(),
  tokens: Policy.Tokens.optional(),
  grpc: GrpcService.optional(),
  // Not executed yet: NOT_YET_SUPPORTED when present.
  idempotency: Future.Idempotency.optional(),
});

export const ColumnType = z.enum(['string', 'int', 'number', 'bool', 'time', 'json']);
export const Table = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  columns: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,39}$/),
        type: ColumnType,
        nullable: z.boolean(),
      }),
    )
    .min(1),
  /** Column name. */
  primaryKey: z.string(),
  unique: z.array(z.array(z.string()).min(1)).optional(),
});

export const DatabaseConfig = z.strictObject({
  engine: z.enum(['postgresql', 'mysql', 'mongodb', 'elasticsearch', 'redis']),
  /** Tables, or collections for MongoDB. */
  tables: z.array(Table),
  /** Initial rows per table. */
  rows: z.record(z.string(), z.array(z.record(z.string(), JsonValue))),
  restartDelayMs: z.number().min(0).nullable(),
  // Not executed yet: NOT_YET_SUPPORTED when present.
  isolation: Future.Isolation.optional(),
  readReplicas: Future.ReadReplicas.optional(),
});

export const BrokerConfig = z.strictObject({
  engine: z.enum(['rabbitmq', 'kafka', 'nats']),
  exchange: z.string(),
  /** Redeliveries before a message is dead-lettered; null = without limit (classic queue). */
  deliveryLimit: z.int().min(0).nullable(),
  restartDelayMs: z.number().min(0).nullable(),
  // Not executed yet: NOT_YET_SUPPORTED when present.
  queues: z.record(z.string(), Future.QueueOptions).optional(),
  topics: z.record(z.string(), Future.TopicOptions).optional(),
});

export const RegistryConfig = z.strictObject({
  engine: z.enum(['consul', 'eureka', 'etcd', 'zookeeper']),
  heartbeatMs: z.number().positive(),
  ttlMs: z.number().positive(),
  /** How long a caller keeps a discovered list. */
  cacheTtlMs: z.number().min(0),
  restartDelayMs: z.number().min(0).nullable(),
  /** How the registry learns that an instance lives: its own heartbeats (default), or an HTTP check by the registry (Consul). */
  check: z.enum(['ttl', 'http']).optional(),
  /** Consul: critical for so long means gone; at least a minute. */
  deregisterAfterMs: z.number().min(60_000).optional(),
  /** Consul: callers keep their lists by blocking queries that wait so long at most (5 min there, never more than 10), instead of asking anew when a list is older than `cacheTtlMs`. */
  blockingWaitMs: z.number().min(100).max(600_000).optional(),
  /** Eureka: how often expired leases are evicted (60 s there), and how old its answers may be (30 s). */
  evictionIntervalMs: z.number().min(1).optional(),
  responseCacheMs: z.number().min(0).optional(),
  /** Eureka: renewals per minute may fall to this share before evictions stop (0.85); 0 switches it off. */
  selfPreservation: z.strictObject({ renewalThreshold: z.number().min(0).max(1) }).optional(),
  /** ZooKeeper: length of a tick; sessions last 2 to 20 of them. */
  tickMs: z.number().min(1).optional(),
});

const nodeBase = {
  /** Network name; unique. */
  name: NetworkName,
  /** Free text shown on the face. */
  title: z.string().max(80).optional(),
  position: Point,
  /** Group id. */
  parent: NodeId.optional(),
  notes: z.string().max(4000).optional(),
  /** Auto layout leaves it where it is. */
  pinned: z.boolean().optional(),
};
export const Node = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('client'), ...nodeBase, config: ClientConfig }),
  z.strictObject({ kind: z.literal('gateway'), ...nodeBase, config: GatewayConfig }),
  z.strictObject({ kind: z.literal('service'), ...nodeBase, config: ServiceConfig }),
  z.strictObject({ kind: z.literal('database'), ...nodeBase, config: DatabaseConfig }),
  z.strictObject({ kind: z.literal('broker'), ...nodeBase, config: BrokerConfig }),
  z.strictObject({ kind: z.literal('registry'), ...nodeBase, config: RegistryConfig }),
]);

/** http, grpc: caller -> callee · publish: service -> broker · subscribe: broker -> service · discovery: service or gateway -> registry · owns: service -> database. */
export const LinkKind = z.enum(['http', 'grpc', 'publish', 'subscribe', 'discovery', 'owns']);
export const Link = z.strictObject({
  kind: LinkKind,
  from: z.strictObject({ node: NodeId }),
  to: z.strictObject({ node: NodeId }),
  config: z.strictObject({ latency: Latency, resolve: Policy.Resolve.optional() }),
});

/** A bounded context. */
export const Group = z.strictObject({ title: z.string().max(80), position: Point, size: Size });

export const Fault = Policy.Fault;

/** A label in other languages, by ISO 639-1 code. */
const Labels = z.record(z.string().regex(/^[a-z]{2}$/), z.string().min(1));
export const Demo = z.strictObject({
  /** The primary button: a client's request sent by hand. `label` is English or the author's own language. */
  primary: z.strictObject({ label: z.string(), labels: Labels.optional(), client: NodeId, request: NodeId }),
  /** The break button: sets this fault, a second press clears it. */
  break: z
    .strictObject({
      label: z.string(),
      labels: Labels.optional(),
      healLabel: z.string(),
      healLabels: Labels.optional(),
      fault: Fault,
    })
    .optional(),
});

export const Document = z.strictObject({
  $schema: z.string().optional(),
  format: z.literal('servarium'),
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  name: z.string().max(120),
  nodes: z.record(NodeId, Node),
  links: z.record(NodeId, Link),
  groups: z.record(NodeId, Group),
  demo: Demo.optional(),
  seed: z.int().min(0).max(4294967295),
  speed: z.number().min(0.01).max(1000),
});
