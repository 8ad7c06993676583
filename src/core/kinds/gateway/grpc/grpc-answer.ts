import type { Json } from '../../../base/json.ts';
import type { VirtualTime } from '../../../base/order.ts';
import type { GrpcMessage, GrpcReply, TraceContext } from '../../../fabric/message.ts';
import type { ActorPort } from '../../../fabric/protocol.ts';
import { grpcStatus, grpcStatusText, isServerError, statusOfHttp } from '../../../grpc/status.ts';
import type { Route } from '../../../topology/schema/types.ts';
import { beginSpan, type EndSpan } from '../../span.ts';
import { flagOf, type GatewayProblem } from '../problem.ts';
import type { Origin } from '../server-side.ts';

interface Asked {
  port: ActorPort;
  /** `package.Service/Method`. */
  rpc: string;
  /** Its `spanId` is the SERVER span's. */
  trace: TraceContext;
  requestId: string;
  origin: Pick<Origin, 'to' | 'link' | 'inReplyTo'>;
  /** When the caller gives up; null = never. */
  deadline: VirtualTime | null;
  onOver: () => void;
}

/**
 * The side of an rpc that faces its caller: its SERVER span, its messages, its one status. What the gateway says itself is an answer of trailers only, with the
 * status of Envoy's table and the detail for a message (GW19).
 */
export class GrpcAnswer {
  /** For the end of the span. */
  readonly attributes: Record<string, Json> = {};
  /** Metadata of every answer. */
  readonly headers: Record<string, string> = {};
  /** Messages that went on to the caller. */
  sent = 0;
  /** True once the status is out or the caller gave up. */
  isOver = false;
  private readonly asked: Asked;
  private endSpan: EndSpan = () => undefined;

  constructor(asked: Asked) {
    this.asked = asked;
  }

  /** Starts the SERVER span. */
  begin(parentSpanId: string | null, route: Route | null): void {
    const { port, rpc, trace, requestId } = this.asked;
    const [service = '', method = ''] = rpc.split('/');
    this.endSpan = beginSpan(port, {
      traceId: trace.traceId,
      spanId: trace.spanId,
      parentSpanId,
      kind: 'SERVER',
      name: rpc,
      attributes: {
        'rpc.system': 'grpc',
        'rpc.service': service,
        'rpc.method': method,
        ...(route === null ? {} : { 'servarium.route': route.id }),
        'servarium.request_id': requestId,
      },
    });
  }

  /** Hands a message of the upstream on, byte for byte. */
  pass({ bytes, json }: GrpcMessage): void {
    if (this.isOver) return;
    const { port, rpc, trace, origin } = this.asked;
    const payload = { kind: 'grpc.message' as const, index: this.sent, bytes, json };
    this.sent += 1;
    port.send({ ...origin, operation: rpc, trace, payload });
  }

  /** Hands the upstream's status on, with the message of a unary answer. */
  end({ status, message, metadata, bytes, json }: Omit<GrpcReply, 'sent'>): void {
    if (this.isOver) return;
    this.isOver = true;
    const { port, rpc, trace, requestId, origin, onOver } = this.asked;
    const all = { ...this.headers, ...metadata, 'x-request-id': requestId };
    port.send({
      ...origin,
      operation: `${grpcStatusText(status)} ${rpc}`,
      trace,
      payload: { kind: 'grpc.reply', status, message, metadata: all, bytes, json, sent: this.sent },
    });
    this.close(status, message);
    onOver();
  }

  /** Answers with a problem of the gateway's own. Behind a message there is no status to give any more: the stream is reset, which callers read as INTERNAL. */
  refuse(problem: GatewayProblem): void {
    const flag = flagOf(problem);
    const { port, deadline } = this.asked;
    const isCallersTime = problem.code === 'timeout' && deadline !== null && port.now() >= deadline;
    // Envoy's `max_stream_duration`, which the caller's grpc-timeout is, has a status of its own and no flag.
    if (flag !== null && !isCallersTime) this.attributes['servarium.flag'] = flag;
    if (this.sent > 0) return this.fail(grpcStatus('internal'), `the stream was reset: ${problem.detail}`, {});
    if (isCallersTime) return this.fail(grpcStatus('deadline_exceeded'), problem.detail, {});
    this.fail(statusOfHttp(problem.status), problem.detail, problem.headers ?? {});
  }

  /** The caller gave up or is gone: nobody hears an answer. */
  giveUp(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.close(grpcStatus('cancelled'), reason);
    this.asked.onOver();
  }

  private fail(status: number, message: string, metadata: Record<string, string>): void {
    this.end({ status, message, metadata, bytes: null, json: null });
  }

  private close(status: number, message: string): void {
    const attributes = { 'rpc.grpc.status_code': status, ...this.attributes };
    this.endSpan(isServerError(status) ? message : null, attributes);
  }
}
