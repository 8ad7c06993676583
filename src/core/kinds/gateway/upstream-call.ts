import { childSpanId } from '../../base/random.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { HttpRequest, InstanceId } from '../../fabric/message.ts';
import { headerOf, lastingHeaders } from '../../http/headers.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { httpRetryReason, isIdempotent, wasAccepted } from '../../resilience/retry.ts';
import type { Retries } from '../../topology/types.ts';
import type { CallResult } from '../caller/http-caller.ts';
import type { Verdict } from '../caller/policy-caller.ts';
import { tracedCall } from '../caller/traced-call.ts';
import { withConsumer } from './auth.ts';
import type { Exchange } from './exchange.ts';
import { guardingOf } from './retry-policies.ts';

/**
 * What the gateway sends on: the lasting headers, the request id, who asked (X-Forwarded-*), and what belongs to the trace: baggage, and
 * `tracestate` when its trace goes on (W3C 3.3). What came as X-Forwarded-For is kept and the caller's address is put behind it.
 */
export function upstreamHeaders(exchange: Exchange): Record<string, string> {
  const { port, config, request, requestId, clientAddress } = exchange;
  const baggage = headerOf(request.headers, 'baggage');
  const state = extractTrace(request.headers) === null ? null : headerOf(request.headers, 'tracestate');
  const before = headerOf(request.headers, 'x-forwarded-for');
  const host = headerOf(request.headers, 'x-forwarded-host') ?? headerOf(request.headers, 'host');
  return withConsumer(exchange, {
    ...lastingHeaders(request.headers),
    'x-request-id': requestId,
    'x-forwarded-for': before === null ? clientAddress : `${before}, ${clientAddress}`,
    'x-forwarded-proto': headerOf(request.headers, 'x-forwarded-proto') ?? 'http',
    'x-forwarded-host': host ?? `${port.init.record.name}:${config.port}`,
    ...(baggage === null ? {} : { baggage }),
    ...(state === null ? {} : { tracestate: state }),
  });
}

/** One call of a request to an upstream. */
export interface UpstreamCall {
  /** Whose retries it shares: a route's id, or `<route>/<part>`. */
  name: string;
  /** Tells the calls of one request apart: the name, with `[i]` for an item. */
  place: string;
  to: string;
  request: HttpRequest;
  /** Of its own, within what is left of the whole. ms */
  timeoutMs?: number | undefined;
  retries?: Retries | undefined;
}
/** `exhausted`: it failed and all tries that the policy has were made (Envoy's flag URX). */
export interface UpstreamOutcome {
  result: CallResult;
  exhausted: boolean;
}

/** An answer of error, or none, is a failure to the retry policy; which of them it repeats, it says itself. */
function judge(result: CallResult): Verdict {
  if (!result.ok) {
    const { failure } = result;
    return { failure, reason: httpRetryReason({ failure }), accepted: wasAccepted(failure) };
  }
  const { status } = result.reply;
  const failure: Failure | null = status < 400 ? null : { code: `http_${status}`, message: `HTTP ${status}`, status };
  return { failure, reason: httpRetryReason({ status }), accepted: true };
}

/** Calls an upstream, again if the policy says so: each try under a CLIENT span of its own, all with the same request id (GW7), within what is left of the request's time (GW8). */
export function callUpstream(
  exchange: Exchange,
  call: UpstreamCall,
  onDone: (outcome: UpstreamOutcome) => void,
): { cancel(reason: string): void } {
  const { port, caller, policies, trace, deadline } = exchange;
  const { name, place, to, request, retries } = call;
  const leftMs = Math.max(0, deadline - port.now()) / 1000;
  const timeoutMs = Math.min(leftMs, call.timeoutMs ?? leftMs);
  const tried: InstanceId[] = [];
  let tries = 0;
  const attempt = (
    n: number,
    tryTimeoutMs: number,
    done: (result: CallResult) => void,
  ): { cancel(why: string): void } => {
    tries = n;
    const what = ['upstream', place, ...(n === 1 ? [] : ['try', n])];
    return tracedCall(port, caller, {
      to,
      request,
      timeoutMs: tryTimeoutMs,
      parentSpanId: trace.spanId,
      trace: { ...trace, spanId: childSpanId(port.init.seed, trace.spanId, ...what) },
      ...(n === 1 ? {} : { attributes: { 'http.request.resend_count': n - 1 }, tried: [...tried] }),
      onDone(result) {
        if (result.instance !== null) tried.push(result.instance);
        done(result);
      },
    });
  };
  if (retries === undefined) return attempt(1, timeoutMs, (result) => onDone({ result, exhausted: false }));
  return policies.call<CallResult>({
    call: name,
    to,
    policy: guardingOf(retries),
    protocol: 'http',
    idempotent: isIdempotent(request.method),
    timeoutMs,
    traceId: trace.traceId,
    spanId: trace.spanId,
    place,
    attempt,
    judge,
    refuse: (failure) => ({ ok: false, failure, instance: null }),
    onDone: (result) => {
      const { reason } = judge(result);
      const isRetriable = reason !== null && retries.on.includes(reason);
      onDone({ result, exhausted: isRetriable && tries > 1 && tries >= retries.maxAttempts });
    },
  });
}
