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
  | { type: 'instance.starting'; instance: InstanceId; node: string; address: string }
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
      size: number;
      payload: Payload;
    }
  /** The message reached a dead instance; the sender learns it one hop later. `message` is its id. */
  | { type: 'message.refused'; message: string; to: InstanceId; reason: 'connection_refused' | 'connection_reset' }
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
      status: 'passing' | 'critical' | 'gone';
      expiresAt: VirtualTime | null;
    };
export type EventType = EventBody['type'];
export type LogEvent = EventKey & EventBody;
export type EventOf<T extends EventType> = EventKey & Extract<EventBody, { type: T }>;
