import { childSpanId } from '../../base/random.ts';
import type { EffectResult, Failure } from '../../behaviour/effect.ts';
import type { HttpReply, InstanceId, TraceContext } from '../../fabric/message.ts';
import { lastingHeaders } from '../../http/headers.ts';
import { httpRetryReason, isIdempotent, wasAccepted } from '../../resilience/retry.ts';
import type { CallResult } from '../caller/http-caller.ts';
import type { Verdict } from '../caller/policy-caller.ts';
import { tracedCall } from '../caller/traced-call.ts';
import { callName } from './call-policies.ts';
import { parseBody } from './parse-body.ts';
import { passedOn, type Done, type EffectOf, type RunContext, type RunParts } from './run-context.ts';

/** What a `call` binds: status, the headers that do not depend on the transport, the parsed body, and the body as text. */
const valueOf = (reply: HttpReply): EffectResult => ({
  ok: true,
  value: {
    status: reply.status,
    headers: lastingHeaders(reply.headers),
    body: parseBody(reply.body),
    text: reply.body,
  },
});

/** A reply from 400 on is a failure to the policy, as it is to the step. */
function judge(result: CallResult): Verdict {
  if (!result.ok) {
    const { failure } = result;
    return { failure, reason: httpRetryReason({ failure }), accepted: wasAccepted(failure) };
  }
  const { status } = result.reply;
  const failure: Failure | null = status < 400 ? null : { code: `http_${status}`, message: `HTTP ${status}`, status };
  return { failure, reason: httpRetryReason({ status }), accepted: true };
}

/** Calls another service over HTTP under the policy of the step, if it has one; each try is a CLIENT span of its own, retries tell their number (OB3). Returns how to give it up. */
export function performCall(
  parts: RunParts,
  context: RunContext,
  effect: EffectOf<'call'>,
  done: Done,
): { cancel(reason: string): void } {
  const { port, caller } = parts;
  const { method, target, headers, body, to, path } = effect;
  const { traceId } = context.trace;
  const tried: InstanceId[] = [];
  const attempt = (
    n: number,
    timeoutMs: number,
    onDone: (result: CallResult) => void,
  ): { cancel(why: string): void } => {
    const what = ['call', path, context.attempt, ...(n === 1 ? [] : ['try', n])];
    const spanId = childSpanId(port.init.seed, context.spanId, ...what);
    const trace: TraceContext = { traceId, spanId, ...passedOn(context, effect.compensates) };
    return tracedCall(port, caller, {
      to,
      // Every try is the same request: whoever set an x-request-id finds it on all of them (GW7).
      request: { method, path: target, headers, body },
      timeoutMs,
      parentSpanId: context.spanId,
      trace,
      ...(n === 1 ? {} : { attributes: { 'http.request.resend_count': n - 1 }, tried: [...tried] }),
      onDone(result) {
        if (result.instance !== null) tried.push(result.instance);
        onDone(result);
      },
    });
  };
  const finish = (result: CallResult): void => done(result.ok ? valueOf(result.reply) : result);
  const call = callName(context.handler, path);
  const policy = parts.policyOf(call);
  if (policy === undefined) return attempt(1, effect.timeoutMs, finish);
  return parts.policies.call<CallResult>({
    call,
    to,
    policy,
    attempt,
    judge,
    traceId,
    protocol: 'http',
    idempotent: isIdempotent(method),
    timeoutMs: effect.timeoutMs,
    spanId: context.spanId,
    place: `${path}#${context.attempt}`,
    refuse: (failure) => ({ ok: false, failure, instance: null }),
    onDone: finish,
  });
}
