import type { Json } from '../../base/json.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { HttpRequest, InstanceId, TraceContext } from '../../fabric/message.ts';
import { splitTarget } from '../../http/path.ts';
import { beginSpan } from '../span.ts';
import type { CallResult, HttpCaller } from './http-caller.ts';

/** A call under its own CLIENT span. */
export interface TracedCall {
  to: string;
  request: HttpRequest;
  timeoutMs: number;
  /** Parent span, null = this span is the root of the trace. */
  parentSpanId: string | null;
  /** Context that travels: its `spanId` is the CLIENT span's own. */
  trace: TraceContext;
  attributes?: Record<string, Json>;
  /** Instances that earlier tries reached; absent = a first try (see `CallOptions`). */
  tried?: readonly InstanceId[];
  onDone(result: CallResult): void;
}

/** Calls with a CLIENT span around it: 4xx, 5xx and failures end it as an error (OTel http-spans). Returns how to give the call up. */
export function tracedCall(port: ActorPort, caller: HttpCaller, call: TracedCall): { cancel(reason: string): void } {
  const { to, request, timeoutMs, parentSpanId, trace } = call;
  const { path } = splitTarget(request.path);
  const { method } = request;
  const end = beginSpan(port, {
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentSpanId,
    kind: 'CLIENT',
    name: `${method} ${path}`,
    attributes: {
      'http.request.method': method,
      'url.path': path,
      'server.address': port.init.peers.find((peer) => peer.node === to)?.record.name ?? to,
      ...call.attributes,
    },
  });
  const handle = caller.call({
    to,
    request,
    timeoutMs,
    trace,
    ...(call.tried === undefined ? {} : { tried: call.tried }),
    onDone(result) {
      if (result.ok) {
        const { status } = result.reply;
        end(status >= 400 ? `HTTP ${status}` : null, { 'http.response.status_code': status });
      } else end(result.failure.message, { 'error.type': result.failure.code });
      call.onDone(result);
    },
  });
  return {
    cancel(reason) {
      caller.cancel(handle);
      end(reason, { 'error.type': 'cancelled' });
    },
  };
}
