import type { Json } from '../base/json.ts';
import type { TokenOrder } from '../auth/issue.ts';
import type { DbOp, TraceContext } from '../fabric/message.ts';

export type SagaContext = NonNullable<TraceContext['saga']>;

/** A failure inside a handler: data, catchable by `try`. */
export interface Failure {
  code: string;
  message: string;
  /** HTTP status for an uncaught failure (default 500), or the status of a failed call. */
  status?: number;
  body?: Json;
  retriable?: boolean;
  byFault?: boolean;
}
export type EffectResult = { ok: true; value: Json } | { ok: false; failure: Failure };

/** What a handler wants; every host performs the same list. `path` is the step path (decision 11). */
export type Effect =
  | { do: 'db'; path: string; store: string; query: DbOp }
  | {
      do: 'call';
      path: string;
      to: string;
      method: string;
      target: string;
      headers: Record<string, string>;
      body: string | null;
      timeoutMs: number;
      compensates: boolean;
    }
  /** A call of a gRPC method; gives `{status: 0, body}` or `{status: 0, messages}`. */
  | {
      do: 'grpc';
      path: string;
      to: string;
      /** `package.Service/Method`. */
      rpc: string;
      metadata: Record<string, string>;
      body: Json;
      timeoutMs: number;
      compensates: boolean;
    }
  | {
      do: 'publish';
      path: string;
      to: string;
      key: string;
      type: string;
      body: Json;
      messageId: string;
      compensates: boolean;
      /** The handler run that wrote it, when a relay publishes for it. `again`: it may have been published before, so this attempt needs a span of its own. */
      origin?: { traceId: string; spanId: string; path: string; saga: SagaContext | null; again: boolean };
    }
  | { do: 'wait'; path: string; ms: number }
  /** A signed token; `ttlSeconds` null = the service's own. */
  | { do: 'token'; path: string; order: Omit<TokenOrder, 'ttlSeconds'> & { ttlSeconds: number | null } }
  | { do: 'jwks'; path: string }
  | { do: 'log'; path: string; level: 'debug' | 'info' | 'warn' | 'error'; text: string }
  /** The reply is sent now; the handler goes on. */
  /** With `text` that is the body as it stands; else `body` as canonical JSON. */
  | { do: 'respond'; path: string; status: number; headers: Record<string, string>; body: Json; text?: string | null }
  /** One message of a stream is sent now; the handler goes on. */
  | { do: 'send'; path: string; body: Json }
  | { do: 'parallel'; path: string; branches: Behaviour[] }
  /** Told, not asked: a step failed (before any `try` sees it). */
  | { do: 'failed'; path: string; step: string; failure: Failure }
  | { do: 'limit'; path: string; limit: string; value: number; message: string }
  /** Told after a commit that wrote outbox rows: the relay should run. */
  | { do: 'outbox'; store: string; ids: string[] };

/** A handler run: yields effects, gets their results, ends with nothing or a failure. Never performs. */
export type Behaviour = Generator<Effect, Failure | null, EffectResult>;

/** What the interpreter needs from outside, total and synchronous (law 1). */
export interface BehaviourHost {
  seed: number;
  node: string;
  traceId: string;
  /** Span of this handler run: the same on every host (see `childSpanId`), so it tells two runs of one trace apart in random decisions and ids. */
  spanId: string;
  /** Saga that this run belongs to, from the trace context. */
  saga: SagaContext | null;
  /** 0 for the first delivery, 1 for a redelivered message. */
  attempt: number;
  /** ISO 8601 text of the host's clock, for `now()`. */
  nowText(): string;
  /** Step-error faults on this node. */
  faults(): readonly { step: string; rate: number; code: string }[];
}

/** What a handler may reach, from the node's links. */
export interface BehaviourWorld {
  /** The only owned database, or null. */
  ownedStore: string | null;
  /** Method and path template of an endpoint of a linked service, or null. */
  endpoint(node: string, endpoint: string): { method: string; path: string } | null;
  /** `package.Service/Method` of a gRPC method of a linked service, or null. */
  rpc(node: string, method: string): string | null;
}
