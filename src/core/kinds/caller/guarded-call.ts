import { childSpanId } from '../../base/random.ts';
import type { TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { Guarding } from './guard.ts';
import type { PolicyCall, PolicyCaller } from './policy-caller.ts';

/** One try of a call, under a CLIENT span of its own. */
export interface Try<R> {
  /** How many were made before. */
  resent: number;
  timeoutMs: number;
  parentSpanId: string;
  /** Context that travels: its `spanId` is the CLIENT span's own. */
  trace: TraceContext;
  onDone(result: R): void;
}
/** What the caller of an upstream says about a call, whatever it is made over. */
export interface Guarded<R> extends Pick<PolicyCall<R>, 'call' | 'to' | 'timeoutMs' | 'place'> {
  /** Absent: one try, guarded by nothing. */
  policy: Guarding | undefined;
  /** Context whose `spanId` is the caller's own span; each try travels below it. */
  trace: TraceContext;
  /** What the span of a try is made of besides the caller's, so that every host gives it the same id; a later try adds its number. */
  what: readonly (string | number)[];
}
interface GuardedCall<R>
  extends Guarded<R>, Pick<PolicyCall<R>, 'protocol' | 'idempotent' | 'judge' | 'refuse' | 'onDone'> {
  attempt(one: Try<R>): { cancel(reason: string): void };
}

/** Calls under the policy, if there is one, each try under a span of its own (OB3). Returns how to give the call up. */
export function guardedCall<R>(
  port: ActorPort,
  policies: PolicyCaller,
  guarded: GuardedCall<R>,
): { cancel(reason: string): void } {
  const { policy, trace, what, ...call } = guarded;
  const attempt = (n: number, timeoutMs: number, onDone: (result: R) => void): { cancel(why: string): void } => {
    const again = n === 1 ? [] : ['try', n];
    const spanId = childSpanId(port.init.seed, trace.spanId, ...what, ...again);
    return guarded.attempt({
      resent: n - 1,
      timeoutMs,
      parentSpanId: trace.spanId,
      trace: { ...trace, spanId },
      onDone,
    });
  };
  if (policy === undefined) return attempt(1, call.timeoutMs, call.onDone);
  return policies.call<R>({ ...call, policy, traceId: trace.traceId, spanId: trace.spanId, attempt });
}
