import type { Json } from '../base/json.ts';
import type { EventKey, VirtualTime } from '../base/order.ts';
import type { TableRow } from '../storage/types.ts';
import type { InputBody } from './input.ts';
import type { InstanceId, Payload, TraceContext } from './message.ts';

/** Why a message will not be delivered; `deliver` when it will. */
export type MessageFate = 'deliver' | 'lost' | 'partitioned';
export type SpanKind = 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER' | 'INTERNAL';

/** What happened, in the order of keys. The event log is the only source of everything shown. */
export type EventBody =
  | { type: 'input'; input: InputBody }
  | { type: 'instance.starting'; instance: InstanceId; node: string; address: string; version?: string }
  | { type: 'instance.ready'; instance: InstanceId }
  | { type: 'instance.draining'; instance: InstanceId }
  /** Graceful end or removal. */
  | { type: 'instance.stopped'; instance: InstanceId; reason: string }
  /** Ended against its will: killed, threw, hung, failed to load. Reason in words. */
  | { type: 'instance.crashed'; instance: InstanceId; reason: string }
  | {
      type: 'message.sent';
      from: InstanceId;
      to: InstanceId;
      link: string | null;
      operation: string;
      inReplyTo: string | null;
      trace: TraceContext | null;
      arriveAt: VirtualTime;
      fate: MessageFate;
      /** Which fault decided the fate, in words; absent when it is delivered. */
      cause?: string;
      size: number;
      payload: Payload;
    }
  /** The message reached a dead instance; the sender learns it one hop later. `message` is its id. */
  | {
      type: 'message.refused';
      message: string;
      to: InstanceId;
      reason: 'connection_refused' | 'connection_reset';
      cause?: string;
    }
  /** The handling of a saga/endpoint/subscription. `parent` is the remote or local parent span. */
  | {
      type: 'span.started';
      traceId: string;
      spanId: string;
      parentSpanId: string | null;
      kind: SpanKind;
      name: string;
      attributes: Record<string, Json>;
      links: string[];
      saga: { name: string; step: string; compensation: boolean } | null;
    }
  | {
      type: 'span.ended';
      traceId: string;
      spanId: string;
      status: 'unset' | 'ok' | 'error';
      description: string | null;
      attributes: Record<string, Json>;
    }
  | {
      type: 'log';
      severity: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
      text: string;
      /** What the clock of the instance shows, µs; absent when it is right. */
      wall?: VirtualTime;
      traceId: string | null;
      spanId: string | null;
    }
  /** A step failed; `caught` tells whether a `try` handled it. `byFault` when a set fault caused it. */
  | {
      type: 'step.failed';
      traceId: string;
      spanId: string;
      step: string;
      code: string;
      message: string;
      byFault: boolean;
    }
  | { type: 'limit.hit'; limit: string; value: number; message: string }
  | {
      type: 'store.applied';
      store: string;
      table: string;
      key: string;
      before: TableRow | null;
      after: TableRow | null;
      /** Trace of the statement that changed the row; absent for initial rows and for work without a trace. */
      traceId?: string;
    }
  /** Queue state after a change. */
  | {
      type: 'queue.changed';
      queue: string;
      bindings: string[];
      ready: number;
      unacked: number;
      dead: number;
      consumers: number;
    }
  | {
      type: 'registry.changed';
      service: string;
      instance: InstanceId;
      address: string;
      status: 'passing' | 'warning' | 'critical' | 'gone';
      expiresAt: VirtualTime | null;
    }
  /** A circuit breaker of this instance after a change of state or of what it knows. Rates in tenths of a percent, -1 below the minimum of calls (RS1). */
  | {
      type: 'breaker.changed';
      /** `<endpoint or subscription>/<step path without loop rounds>`, or route id. */
      call: string;
      /** Node it guards. */
      to: string;
      state: 'closed' | 'open' | 'half-open';
      failureRate: number;
      slowRate: number;
      calls: number;
      /** When it may turn half-open; null unless open. */
      until: VirtualTime | null;
    }
  /** Places in use: a bulkhead, the concurrency of a service, the limits towards an upstream. */
  | {
      type: 'pool.changed';
      pool: 'bulkhead' | 'concurrency' | 'upstream';
      /** A call as in `breaker.changed`, node id or upstream. */
      name: string;
      /** Of an upstream over gRPC. */
      protocol?: 'grpc';
      active: number;
      queued: number;
      limit: number;
      /** Turned away so far. */
      refused: number;
    }
  /** A rate limit decided about one request. */
  | {
      type: 'limit.decided';
      route: string | null;
      /** Whose budget, such as `ip 192.168.1.9` or `consumer ann`. */
      key: string;
      algorithm: 'token-bucket' | 'fixed-window' | 'sliding-window';
      allowed: boolean;
      limit: number;
      remaining: number;
      /** When the next request would pass; null when one would pass now. */
      retryAt: VirtualTime | null;
    }
  /** Outlier detection, or a failed active health check, of this caller about one instance of an upstream. `until` null: until a check succeeds. `protocol`: an upstream over gRPC is another one than over HTTP. */
  | {
      type: 'host.ejected';
      to: string;
      protocol?: 'grpc';
      instance: InstanceId;
      reason: string;
      until: VirtualTime | null;
    }
  | { type: 'host.returned'; to: string; protocol?: 'grpc'; instance: InstanceId }
  /** Fewer instances than the threshold are available: all of them are used again. */
  | { type: 'panic.changed'; to: string; protocol?: 'grpc'; panicking: boolean }
  /** A try failed and another follows after `delayUs`, or does not because `refused` says so (budget, throttle, pushback). */
  | {
      type: 'retry.decided';
      call: string;
      to: string;
      /** Of the try that failed, from 1. */
      attempt: number;
      reason: string;
      delayUs: number | null;
      refused: string | null;
      traceId: string;
      spanId: string;
    }
  /** A health check of an instance after its verdict changed. */
  | {
      type: 'probe.changed';
      instance: InstanceId;
      probe: 'startup' | 'readiness' | 'liveness';
      passing: boolean;
      reason: string;
    }
  /** A fault stops all instances of a node, or lets them go on. */
  | { type: 'instance.paused'; instance: InstanceId }
  | { type: 'instance.resumed'; instance: InstanceId }
  /** The network delivered a message twice: the copy arrives at `arriveAt`. */
  | { type: 'message.duplicated'; message: string; arriveAt: VirtualTime }
  /** A version is being rolled out: so many replicas run it already. */
  | { type: 'release.changed'; node: string; version: string; done: number; total: number };
export type EventType = EventBody['type'];
export type LogEvent = EventKey & EventBody;
export type EventOf<T extends EventType> = EventKey & Extract<EventBody, { type: T }>;
