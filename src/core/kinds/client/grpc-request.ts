import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { HttpRequest, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { GrpcCallResult } from '../caller/grpc-caller.ts';
import type { CallResult } from '../caller/http-caller.ts';
import type { GrpcSide } from '../service/grpc-slot.ts';
import { beginGrpcSpan } from '../caller/grpc-span.ts';

interface GrpcRequestCall {
  to: string;
  /** Path of the rpc, metadata, and the message as JSON text. */
  request: HttpRequest;
  /** Becomes the deadline. */
  timeoutMs: number;
  parentSpanId: string | null;
  trace: TraceContext;
  attributes: Record<string, Json>;
  onDone(result: CallResult): void;
}

/** The message that a text says; undefined when it is no JSON. */
function messageOf(body: string | null): Json | undefined {
  try {
    return body === null ? {} : (JSON.parse(body) as Json);
  } catch {
    return undefined;
  }
}

/** An answer as the client's login and mix read it: status 200 with the message (of a stream: the list of them), else the failure. */
function resultOf(result: GrpcCallResult): CallResult {
  if (!result.ok) return { ok: false, failure: result.failure, instance: result.instance };
  const { messages, streaming, metadata, instance } = result;
  const body = canonicalize(streaming ? messages : (messages[0] ?? null));
  return { ok: true, reply: { status: 200, headers: metadata, body }, instance };
}

/** Sends one request over gRPC under a CLIENT span of its own, an error unless it ends with OK. A message that is no JSON is not sent: that is said in the log, and `onDone` is not called. */
export function callOverGrpc(port: ActorPort, side: GrpcSide | null, call: GrpcRequestCall): void {
  const { to, request, trace, parentSpanId, attributes } = call;
  const rpc = request.path.slice(1);
  const body = messageOf(request.body);
  if (side === null || body === undefined) {
    const text = body === undefined ? `the message of ${rpc} is no JSON` : `no gRPC link leads to ${to}`;
    port.emit({ type: 'log', severity: 'ERROR', text: `Failed to send: ${text}`, traceId: null, spanId: null });
    return;
  }
  // What describes a body of HTTP describes no message.
  const { 'content-type': _type, ...metadata } = request.headers;
  const end = beginGrpcSpan(port, { to, rpc, trace, parentSpanId, attributes });
  side.send({
    to,
    rpc,
    body,
    metadata,
    timeoutUs: call.timeoutMs * 1000,
    trace,
    onDone(result) {
      const status = result.ok ? 0 : result.status;
      end(result.ok ? null : result.failure.message, { 'rpc.grpc.status_code': status });
      call.onDone(resultOf(result));
    },
  });
}
