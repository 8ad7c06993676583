import { childSpanId } from '../../base/random.ts';
import type { HttpRequest } from '../../fabric/message.ts';
import { headerOf, lastingHeaders } from '../../http/headers.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { tracedCall } from '../caller/traced-call.ts';
import { withConsumer } from './auth.ts';
import type { Exchange } from './exchange.ts';

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

const remainingMs = ({ port, deadline }: Exchange): number => Math.max(0, deadline - port.now()) / 1000;

/** Calls an upstream under a CLIENT span of its own; `name` tells the calls of one request apart. */
export function callUpstream(
  exchange: Exchange,
  call: { name: string; to: string; request: HttpRequest },
  onDone: Parameters<typeof tracedCall>[2]['onDone'],
): ReturnType<typeof tracedCall> {
  const { port, caller, trace } = exchange;
  return tracedCall(port, caller, {
    to: call.to,
    request: call.request,
    timeoutMs: remainingMs(exchange),
    parentSpanId: trace.spanId,
    trace: { ...trace, spanId: childSpanId(port.init.seed, trace.spanId, 'upstream', call.name) },
    onDone,
  });
}
