import type { Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpRequest, InstanceId } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { httpRetryReason, isIdempotent, wasAccepted } from '../../resilience/retry.ts';
import { guardedCall, type Guarded } from './guarded-call.ts';
import type { CallResult, HttpCaller } from './http-caller.ts';
import type { PolicyCaller, Verdict } from './policy-caller.ts';
import { tracedCall } from './traced-call.ts';

/** What makes calls over HTTP. */
interface HttpParts {
  port: ActorPort;
  caller: HttpCaller;
  policies: PolicyCaller;
}
/** One call over HTTP; `onDone` hears its last result and how many tries were made. */
interface GuardedHttpCall extends Guarded<CallResult> {
  /** Every try is the same request: whoever set an x-request-id finds it on all of them (GW7). */
  request: HttpRequest;
  onDone(result: CallResult, tries: number): void;
}

/** What a policy makes of a result: an answer from 400 on, or none, is a failure; which of them it repeats, it says itself. */
export function httpVerdict(result: CallResult): Verdict {
  if (!result.ok) {
    const { failure } = result;
    return { failure, reason: httpRetryReason({ failure }), accepted: wasAccepted(failure) };
  }
  const { status } = result.reply;
  const failure: Failure | null = status < 400 ? null : { code: `http_${status}`, message: `HTTP ${status}`, status };
  return { failure, reason: httpRetryReason({ status }), accepted: true };
}

/** Calls over HTTP under the policy, if there is one: a retry tells its number and prefers who was not tried. Returns how to give the call up. */
export function callHttp(parts: HttpParts, call: GuardedHttpCall): { cancel(reason: string): void } {
  const { port, caller, policies } = parts;
  const { request, ...guarded } = call;
  const tried: InstanceId[] = [];
  let tries = 0;
  return guardedCall<CallResult>(port, policies, {
    ...guarded,
    protocol: 'http',
    idempotent: isIdempotent(request.method),
    attempt(one) {
      const { resent, timeoutMs, parentSpanId, trace } = one;
      tries = resent + 1;
      const attributes: Record<string, Json> = { 'http.request.resend_count': resent };
      return tracedCall(port, caller, {
        to: call.to,
        request,
        timeoutMs,
        parentSpanId,
        trace,
        ...(resent === 0 ? {} : { attributes, tried: [...tried] }),
        onDone(result) {
          if (result.instance !== null) tried.push(result.instance);
          one.onDone(result);
        },
      });
    },
    judge: httpVerdict,
    refuse: (failure) => ({ ok: false, failure, instance: null }),
    onDone: (result) => call.onDone(result, tries),
  });
}
