import type { Json } from '../base/json.ts';
import type { VirtualTime } from '../base/order.ts';
import type { TableRow } from '../storage/types.ts';

/** `<nodeId>#<ordinal>`; also the source of everything that instance emits. */
export type InstanceId = string;
export const instanceId = (node: string, ordinal: number): InstanceId => `${node}#${ordinal}`;
export const nodeOf = (instance: InstanceId): string => instance.slice(0, instance.lastIndexOf('#'));
/** Pseudo instance: the outside world (the page's fetch, the console). The @ keeps it apart from any node id. */
export const EDGE: InstanceId = '@edge#0';

/** W3C trace context plus the saga baggage that colours compensation (decision 21). */
export interface TraceContext {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits: the span that sent this. */
  spanId: string;
  saga?: { name: string; direction: 'forward' | 'compensation' };
  /** `trace-flags`, two hex digits; absent = `01`, sampled. */
  flags?: string;
  /** `tracestate` as it came, checked; absent = none. */
  state?: string;
}

export interface HttpRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: Record<string, string>;
  /** Canonical JSON or text; null when there is none. */
  body: string | null;
}
export interface HttpReply {
  status: number;
  headers: Record<string, string>;
  body: string | null;
}

/** What a database is asked; rows are column -> value. `tx` names an open transaction. */
export type DbOp =
  | { op: 'begin'; tx: string }
  | { op: 'commit'; tx: string }
  | { op: 'rollback'; tx: string }
  | { op: 'insert'; tx?: string; table: string; row: TableRow }
  | { op: 'get'; tx?: string; table: string; key: Json }
  | {
      op: 'find';
      tx?: string;
      table: string;
      where: WhereClause;
      orderBy?: string;
      descending?: boolean;
      limit?: number;
    }
  | { op: 'update'; tx?: string; table: string; where: WhereClause; set: TableRow; increment: TableRow }
  | { op: 'delete'; tx?: string; table: string; where: WhereClause };
/** Column -> comparisons, all of which must hold. */
export type WhereClause = Record<string, { [op in 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in']?: Json }>;
/** insert: the row; get: row or null; find: rows; update: {count, rows}; delete: {count}; begin/commit/rollback: null. Failure codes: unique_violation, not_null_violation, no_table, deadlock, no_transaction. */
export type DbResult = { ok: true; value: Json } | { ok: false; code: string; message: string };

export interface AmqpMessage {
  /** Stable id given by the publisher; kept on redelivery. */
  messageId: string;
  exchange: string;
  key: string;
  /** Event type, such as `OrderCreated`. */
  type: string;
  headers: Record<string, string>;
  body: string;
}

/** Bytes of a protobuf message in base64, and the same as canonical JSON: for people, and for comparing traces. */
export interface GrpcMessage {
  bytes: string;
  json: string;
}
/** The start of a unary or server streaming call with its one message. */
export interface GrpcRequest extends GrpcMessage {
  /** `/package.Service/Method`. */
  path: string;
  metadata: Record<string, string>;
  /** Time that is left, in µs; null = no deadline (RP2). */
  timeoutUs: number | null;
}
/** The end of a call: status 0 to 16 (RP1), and of a unary call its message. */
export interface GrpcReply {
  status: number;
  message: string;
  metadata: Record<string, string>;
  bytes: string | null;
  json: string | null;
  /** Messages of the stream that went before. */
  sent: number;
}

export type Payload =
  | ({ kind: 'grpc.request' } & GrpcRequest)
  /** One message of a server stream, counted from 0. */
  | ({ kind: 'grpc.message'; index: number } & GrpcMessage)
  | ({ kind: 'grpc.reply' } & GrpcReply)
  /** The caller gives up the call that it began with that message: RST_STREAM. */
  | { kind: 'grpc.cancel'; request: string }
  | ({ kind: 'http.request' } & HttpRequest)
  | ({ kind: 'http.reply' } & HttpReply)
  | { kind: 'db.query'; query: DbOp }
  | { kind: 'db.result'; result: DbResult }
  | { kind: 'amqp.publish'; message: AmqpMessage }
  | { kind: 'amqp.confirm'; ok: boolean; reason?: string }
  | { kind: 'amqp.consume'; queue: string; bindings: string[]; prefetch: number }
  | { kind: 'amqp.consume-ok'; queue: string }
  | {
      kind: 'amqp.deliver';
      queue: string;
      deliveryTag: number;
      redelivered: boolean;
      deliveryCount: number;
      message: AmqpMessage;
    }
  | { kind: 'amqp.ack'; queue: string; deliveryTag: number }
  | { kind: 'amqp.nack'; queue: string; deliveryTag: number; requeue: boolean }
  | { kind: 'registry.register'; service: string; address: string; ttlMs: number }
  | { kind: 'registry.heartbeat'; service: string }
  | { kind: 'registry.deregister'; service: string }
  /** With `watch` the registry tells the caller of the next change (ZooKeeper) or of every change (etcd). With `index` it is Consul's blocking query: the answer may wait up to `waitMs` for a later index. */
  | { kind: 'registry.discover'; service: string; watch?: true; index?: number; waitMs?: number }
  /** `addresses` of passing instances, sorted by instance id; `index` only if the question had one. */
  | { kind: 'registry.result'; service: string; index?: number; addresses: { instance: InstanceId; address: string }[] }
  /** What a watch saw, unasked: the new list, or null when the watcher has to read (and watch) again. `index`: revision of the registry. */
  | {
      kind: 'registry.notice';
      service: string;
      index: number;
      addresses: { instance: InstanceId; address: string }[] | null;
    }
  /** Answer to a heartbeat of somebody whom the registry does not know (any more): register again. */
  | { kind: 'registry.unknown'; service: string }
  /** The registry asks an instance how it is (Consul's HTTP check); the answer is an HTTP status. */
  | { kind: 'registry.check' }
  | { kind: 'registry.checked'; status: number }
  | { kind: 'registry.ok' };

/** One message on one link. Its id is the id of its `message.sent` event. */
export interface Message {
  id: string;
  from: InstanceId;
  to: InstanceId;
  /** Link it travels on; null to or from the edge. */
  link: string | null;
  /** Human operation: `POST /api/orders`, `INSERT orders`, `publish order.created`. */
  operation: string;
  /** Id of the message this answers. */
  inReplyTo?: string;
  trace: TraceContext | null;
  payload: Payload;
  /** Address of the sender's socket, where there is one; in the tab the sender's instance has its address. */
  fromAddress?: string;
  departAt: VirtualTime;
  arriveAt: VirtualTime;
}
