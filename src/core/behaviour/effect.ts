import type { Json } from '../base/json.ts';
import type { DbOp } from '../fabric/message.ts';

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
  | { do: 'call'; path: string; to: string; method: string; target: string; headers: Record<string, string>; body: string | null; timeoutMs: number; compensates: boolean }
  | { do: 'publish'; path: string; to: string; key: string; type: string; body: Json; messageId: string; compensates: boolean }
  | { do: 'wait'; path: string; ms: number }
  | { do: 'log'; path: string; level: 'debug' | 'info' | 'warn' | 'error'; text: string }
  /** The reply is sent now; the handler goes on. */
  | { do: 'respond'; path: string; status: number; headers: Record<string, string>; body: Json }
  | { do: 'parallel'; path: string; branches: Behaviour[] }
  /** Told, not asked: a step failed (before any `try` sees it). */
  | { do: 'failed'; path: string; step: string; failure: Failure }
  | { do: 'limit'; path: string; limit: string; value: number; message: string }
  /** Told after a commit that wrote outbox rows: the relay should run. */
  | { do: 'outbox'; store: string };

/** A handler run: yields effects, gets their results, ends with nothing or a failure. Never performs. */
export type Behaviour = Generator<Effect, Failure | null, EffectResult>;

/** What the interpreter needs from outside, total and synchronous (law 1). */
export interface BehaviourHost {
  seed: number;
  node: string;
  traceId: string;
  /** ISO 8601 text of the host's clock, for `now()`. */
  nowText(): string;
  /** Step-error faults on this node. */
  faults(): { step: string; rate: number; code: string }[];
}
