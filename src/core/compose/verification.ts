import type { Json } from '../base/json.ts';
import type { HttpRequest } from '../fabric/message.ts';
import type { StoredRow } from '../storage/types.ts';
import type { AnyExecutableNode, Table } from '../topology/schema/types.ts';
import type { Connection } from './container-spec.ts';

/** One request that the tab already answered; a container replays it with the same trace. Over gRPC `request` has the path of the rpc, its metadata and its message as JSON, `reply` the status (RP1) and the list of messages as JSON. */
export interface RecordedRequest {
  /** Unique in the recording; shown in the verdict. */
  id: string;
  /** Node id of the gateway or service that it went to. */
  entry: string;
  traceId: string;
  /** Span of the client, the parent of the gateway's span. */
  spanId: string;
  request: HttpRequest;
  /** Present when it went over gRPC: the bytes of its message, and the time until its deadline in µs (null = none). */
  rpc?: { bytes: string; timeoutUs: number | null };
  reply: { status: number; body: string | null };
  /** `canonicalTrace` of its events as JSON. */
  trace: Json;
}

/** What the tab computed: requests in the order they were sent, and the rows that were left at the end. */
export interface Recording {
  v: 1;
  requests: RecordedRequest[];
  /** By node id of the database. */
  rows: Record<string, StoredRow[]>;
}

/** `/app/verify.json` of the verify container. */
export interface VerifySpec {
  v: 1;
  recording: Recording;
  /** Where requests go, by node id. */
  entries: Record<string, { host: string; port: number }>;
  /** Where events are read; one name stands for all replicas. */
  sources: { host: string; port: number }[];
  /** Stores whose rows are compared, by node id. */
  stores: Record<string, { connection: Connection; tables: Table[] }>;
  /** Nodes by id as their neighbours see them: what canonical traces and rows are read with. */
  nodes: Record<string, AnyExecutableNode>;
}
