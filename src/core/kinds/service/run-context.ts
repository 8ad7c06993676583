import type { Json } from '../../base/json.ts';
import { childSpanId } from '../../base/random.ts';
import type { Effect, EffectResult } from '../../behaviour/effect.ts';
import type { HttpReply, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { CallPolicy } from '../../topology/schema/types.ts';
import type { Guarded } from '../caller/guarded-call.ts';
import type { HttpCaller } from '../caller/http-caller.ts';
import type { PolicyCaller } from '../caller/policy-caller.ts';
import { beginSpan, type EndSpan } from '../span.ts';
import type { Asker } from './asker.ts';
import { callName } from './call-policies.ts';
import type { GrpcExchange } from './grpc-exchange.ts';
import type { GrpcSide } from './grpc-slot.ts';

/** What handler runs of one instance share. */
export interface RunParts {
  port: ActorPort;
  asker: Asker;
  caller: HttpCaller;
  /** Null for an instance that neither describes gRPC nor is linked by it. */
  grpc(): GrpcSide | null;
  policies: PolicyCaller;
  /** Present policy of a call by its `callName`, if it has one. */
  policyOf(call: string): CallPolicy | undefined;
  /** Fires `resume` after so many ms. */
  sleep(ms: number, resume: () => void): void;
  /** Rows wait in the outbox of this store. */
  relay(store: string, ids: string[]): void;
}
/** What one handler run is about. */
export interface RunContext {
  trace: TraceContext;
  /** The handler's own span. */
  spanId: string;
  /** Id of the endpoint or subscription that runs. */
  handler: string;
  attempt: number;
  respond(reply: HttpReply): void;
  /** The gRPC call that is handled; absent for HTTP and messages. */
  exchange?: GrpcExchange;
}
export type EffectOf<D extends Effect['do']> = Extract<Effect, { do: D }>;
export type Done = (result: EffectResult) => void;

/** Failure of an effect whose link was removed while the handler ran. */
export const notLinked = (what: string): EffectResult => ({
  ok: false,
  failure: { code: 'not_linked', message: `not linked to ${what}`, retriable: false },
});

/** What of its trace a run passes on beside the ids: flags and state as they came, and its saga, turned to compensation by a compensating step. */
export function passedOn(context: RunContext, compensates: boolean): Pick<TraceContext, 'saga' | 'flags' | 'state'> {
  const { saga: known, flags, state } = context.trace;
  const kept = { ...(flags === undefined ? {} : { flags }), ...(state === undefined ? {} : { state }) };
  if (!known) return kept;
  return { ...kept, saga: compensates ? { name: known.name, direction: 'compensation' } : known };
}

/** How a `call` step of a run is told apart, guarded and traced, over HTTP and gRPC alike. */
export function guardedBy(
  parts: RunParts,
  context: RunContext,
  { path, to, compensates }: EffectOf<'call' | 'grpc'>,
): Omit<Guarded<never>, 'timeoutMs'> {
  const { trace, spanId, handler, attempt } = context;
  const call = callName(handler, path);
  return {
    call,
    to,
    policy: parts.policyOf(call),
    place: `${path}#${attempt}`,
    trace: { traceId: trace.traceId, spanId, ...passedOn(context, compensates) },
    what: ['call', path, attempt],
  };
}

export interface OpenSpan {
  id: string;
  end: EndSpan;
}

/** Begins a span below a handler's span; its id comes from what it is, so that every host gives it the same. */
export function openSpan(
  port: ActorPort,
  parent: { traceId: string; spanId: string },
  kind: 'CLIENT' | 'PRODUCER',
  name: string,
  what: (string | number)[],
  attributes: Record<string, Json>,
): OpenSpan {
  const { traceId, spanId: parentSpanId } = parent;
  const spanId = childSpanId(port.init.seed, parentSpanId, ...what);
  return { id: spanId, end: beginSpan(port, { traceId, spanId, parentSpanId, kind, name, attributes }) };
}
