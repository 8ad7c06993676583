import type { VirtualTime } from '../base/order.ts';
import type { EventOf } from '../fabric/event.ts';
import type { InstanceId } from '../fabric/message.ts';
import type { TableRow } from '../storage/types.ts';
import type { ExecutableTopology, Fault, LinkKind } from '../topology/schema/types.ts';

/** Folded state of the log at one time: what faces, badges and panels show. Built only by `fold`. */
export interface InstanceView {
  instance: InstanceId;
  node: string;
  address: string;
  status: 'starting' | 'passing' | 'draining' | 'stopped' | 'dead';
  reason: string | null;
  /** Handlers begun and not ended. */
  inFlight: number;
  /** Version that it runs; null for kinds without one. */
  version: string | null;
  /** Stands still by a fault. */
  paused: boolean;
  /** Why it takes no traffic although it runs (readiness), or null. */
  unready: string | null;
  /** How often it ended against its will, in all its incarnations, and why last. */
  crashes: number;
  lastCrash: string | null;
}
export interface FailureView {
  t: VirtualTime;
  code: string;
  message: string;
  byFault: boolean;
  traceId: string | null;
}
export interface NodeView {
  node: string;
  /** Handlers that ended; for a node that only calls (a client), its own calls that ended. */
  handled: number;
  /** HTTP requests that this node sent, answered or not. */
  sent: number;
  failed: number;
  /** Sum of span durations in µs and their count, for a mean. */
  busyUs: number;
  /** Last failure not yet followed by a success: made by a fault, or the end of a handler that broke. */
  failure: FailureView | null;
  /** Handlers that refused as they were written to (404, 409, `declined` caught): their node is well. */
  refused: number;
  /** The last of them. */
  refusal: FailureView | null;
  /** Replies that this node sent, by status class `2xx`, `4xx`, `5xx`; over gRPC by the HTTP status that theirs amounts to. */
  byStatus: Record<string, number>;
  /** Replies that this node sent, by exact status such as `429`. */
  byCode: Record<string, number>;
  /** Requests that a gateway took, by id of the route that matched. */
  byRoute: Record<string, number>;
  /** Requests of split routes by `<route> <node>`, once answered: the real shares. */
  byUpstream: Record<string, number>;
  /** Tries after the first, and those that a budget, throttle, pushback, deadline or method forbade; having made all of them is no refusal. */
  retries: number;
  retriesRefused: number;
  /** Replies that this node got (clients, callers), by status class. */
  answers: Record<string, number>;
  /** Handler spans begun, by span name (`POST /api/orders`, `process order.created`); '' for HTTP requests answered before a route took them. */
  byOperation: Record<string, number>;
  /** Last finished handlers (callers for a client), oldest first, at most `LIMITS.samplesPerNode`. */
  samples: SampleView[];
  lastWriteAt: VirtualTime | null;
}
/** One finished span of a node, raw: percentiles are exact over these (OB7). */
export interface SampleView {
  t: VirtualTime;
  durationUs: number;
  error: boolean;
}
/** Traffic of one link. `recent` holds departure times, oldest first, at most `LIMITS.timesPerLink`. */
export interface LinkView {
  link: string;
  sent: number;
  bytes: number;
  dropped: number;
  recent: VirtualTime[];
}
/** Messages and failures per bucket of virtual time from 0; the bucket doubles when `LIMITS.activityBuckets` are full. */
export interface ActivityView {
  bucketUs: number;
  messages: number[];
  failures: number[];
}
export type Outcome = 'flight' | 'ok' | 'error' | 'compensation' | 'dropped';
export type PacketShape = 'http' | 'grpc' | 'event' | 'registration' | 'reply' | 'data';
/** A message on the wire as drawn: one recorded `message.sent`. */
export interface PacketView {
  event: EventOf<'message.sent'>;
  id: string;
  departAt: VirtualTime;
  arriveAt: VirtualTime;
  link: string | null;
  /** True when it travels from the link's `from` to its `to`. */
  forward: boolean;
  shape: PacketShape;
  outcome: Outcome;
  size: number;
  /** How many messages its link carried before it, in both directions: groups of it stay together in an aggregated flow. */
  nth: number;
  /** What answered it, once that was sent: the outcome of a request is known only then. */
  answer: { id: string; t: VirtualTime; ok: boolean; status: number | null } | null;
}
export interface QueueView {
  queue: string;
  broker: string;
  bindings: string[];
  ready: number;
  unacked: number;
  dead: number;
  consumers: number;
}
export interface RegistryEntryView {
  registry: string;
  service: string;
  instance: InstanceId;
  address: string;
  status: 'passing' | 'warning' | 'critical' | 'gone';
  expiresAt: VirtualTime | null;
}
/** A circuit breaker of one instance as its last event says. Rates in tenths of a percent, -1 below the minimum of calls. */
export interface BreakerView {
  instance: InstanceId;
  call: string;
  to: string;
  state: EventOf<'breaker.changed'>['state'];
  failureRate: number;
  slowRate: number;
  calls: number;
  until: VirtualTime | null;
  /** Since when it is in this state. */
  since: VirtualTime;
}
/** Places in use in one instance. */
export interface PoolView {
  instance: InstanceId;
  pool: EventOf<'pool.changed'>['pool'];
  name: string;
  active: number;
  queued: number;
  limit: number;
  refused: number;
}
/** What one rate limit of a node decided so far; `route` null = for all routes. */
export interface LimitView {
  node: string;
  route: string | null;
  algorithm: EventOf<'limit.decided'>['algorithm'];
  limit: number;
  allowed: number;
  refused: number;
  /** Whose budget was asked last, and what is left of it. */
  key: string;
  remaining: number;
  retryAt: VirtualTime | null;
  /** What was left after the last decisions, oldest first, in thousandths of the limit; at most `LIMITS.limitHistory`. */
  history: number[];
}
/** An instance that a caller's outlier detection holds out. */
export interface EjectionView {
  caller: InstanceId;
  to: string;
  instance: InstanceId;
  reason: string;
  until: VirtualTime | null;
}
export interface ProbeView {
  instance: InstanceId;
  probe: EventOf<'probe.changed'>['probe'];
  passing: boolean;
  reason: string;
}
export interface ReleaseView {
  node: string;
  version: string;
  done: number;
  total: number;
}
export interface SpanView {
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  source: InstanceId;
  kind: EventOf<'span.started'>['kind'];
  name: string;
  start: VirtualTime;
  end: VirtualTime | null;
  status: 'unset' | 'ok' | 'error';
  description: string | null;
  attributes: Record<string, unknown>;
  links: string[];
  saga: EventOf<'span.started'>['saga'];
  /** Ids of step failures inside it. */
  failures: FailureView[];
}
export interface TraceView {
  traceId: string;
  name: string;
  start: VirtualTime;
  end: VirtualTime;
  spans: Map<string, SpanView>;
  /** Status of the root's reply, when it has one. */
  status: number | null;
  error: boolean;
  compensated: boolean;
  /** Spans begun and not ended. */
  open: number;
}
export interface LogLineView {
  id: string;
  t: VirtualTime;
  source: InstanceId;
  severity: EventOf<'log'>['severity'];
  text: string;
  traceId: string | null;
  spanId: string | null;
}
/** State of one saga instance (its trace): steps in the order they began. */
export interface SagaView {
  traceId: string;
  name: string;
  steps: {
    step: string;
    node: string;
    compensation: boolean;
    state: 'running' | 'done' | 'failed';
    t: VirtualTime;
    reason: string | null;
  }[];
  /** `failed`: its first step failed, so there is nothing to undo. */
  state: 'running' | 'completed' | 'compensated' | 'failed';
}
export interface MarkView {
  t: VirtualTime;
  kind: 'fault' | 'failure' | 'input' | 'crash' | 'breaker' | 'ejection' | 'release' | 'probe';
  /** English, with ids. */
  text: string;
  /** What the text of the last four kinds is made of: ids, versions, counts, a reason. */
  values?: Readonly<Record<string, string>>;
}
/** The whole projection. Collections are bounded by named limits; `version` grows with each applied event. */
export interface RunView {
  version: number;
  t: VirtualTime;
  events: number;
  instances: Map<InstanceId, InstanceView>;
  nodes: Map<string, NodeView>;
  /** Messages still on the wire or arrived in the last moment, by id. */
  packets: Map<string, PacketView>;
  queues: Map<string, QueueView>;
  registry: Map<string, RegistryEntryView>;
  traces: Map<string, TraceView>;
  logs: LogLineView[];
  sagas: Map<string, SagaView>;
  /** `store/table` -> key -> row at t. */
  tables: Map<string, Map<string, TableRow>>;
  faults: Map<string, Fault>;
  /** By `<instance> <call>`. */
  breakers: Map<string, BreakerView>;
  /** By `<instance> <pool> <name>`. */
  pools: Map<string, PoolView>;
  /** By `<node> <route or *>`. */
  limits: Map<string, LimitView>;
  /** By `<caller> <instance>`. */
  ejections: Map<string, EjectionView>;
  /** Callers that balance over all instances because too few are available, by `<caller> <to>`. */
  panics: Map<string, string>;
  /** By `<instance> <probe>`. */
  probes: Map<string, ProbeView>;
  releases: Map<string, ReleaseView>;
  marks: MarkView[];
  /** The last messages, in flight or not, by id, oldest first: what lists and the message panel read. */
  messages: Map<string, PacketView>;
  links: Map<string, LinkView>;
  activity: ActivityView;
  /** What the limits have dropped so far, so that a list can say that it is not whole. */
  dropped: { traces: number; messages: number; logs: number; rows: number };
  /** Objects that this view may still change in place; all others are shared with snapshots and copied before a change. */
  owned: Set<object>;
}
/** What a fold reads of the topology; made by `foldContext`. */
export interface FoldContext {
  topology: ExecutableTopology;
  links: Readonly<Record<string, { kind: LinkKind; from: string; to: string }>>;
  /** Declared forward steps by saga name, in document order: a saga is complete when all of them are done. */
  sagas: ReadonlyMap<string, readonly DeclaredStep[]>;
}
export interface DeclaredStep {
  step: string;
  node: string;
  compensation: boolean;
}
