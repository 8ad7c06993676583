import type { HttpRequest } from '../../fabric/message.ts';
import { headerOf, lastingHeaders } from '../../http/headers.ts';
import { extractTrace } from '../../http/trace-context.ts';
import type { Retries } from '../../topology/schema/types.ts';
import { callHttp, httpVerdict } from '../caller/call-http.ts';
import type { CallResult } from '../caller/http-caller.ts';
import { withConsumer } from './auth.ts';
import type { Asking, Exchange } from './exchange.ts';
import { guardingOf } from './retry-policies.ts';

/**
 * What the gateway sends on: the lasting headers, the request id, who asked (X-Forwarded-*), and what belongs to the trace: baggage, and
 * `tracestate` when its trace goes on (W3C 3.3). What came as X-Forwarded-For is kept and the caller's address is put behind it.
 */
export function upstreamHeaders(exchange: Asking): Record<string, string> {
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

/** Calls an upstream, again if the policy says so: each try under a CLIENT span of its own, all with the same request id (GW7), within what is left of the request's time (GW8). */
export function callUpstream(
  exchange: Exchange,
  call: UpstreamCall,
  onDone: (outcome: UpstreamOutcome) => void,
): { cancel(reason: string): void } {
  const { port, trace, deadline } = exchange;
  const { name, place, to, request, retries } = call;
  const leftMs = Math.max(0, deadline - port.now()) / 1000;
  return callHttp(exchange, {
    call: name,
    to,
    request,
    policy: retries === undefined ? undefined : guardingOf(retries),
    timeoutMs: Math.min(leftMs, call.timeoutMs ?? leftMs),
    trace,
    what: ['upstream', place],
    place,
    onDone(result, tries) {
      const { reason } = httpVerdict(result);
      const isRetriable = reason !== null && retries?.on.includes(reason) === true;
      onDone({ result, exhausted: isRetriable && tries > 1 && tries >= retries.maxAttempts });
    },
  });
}
