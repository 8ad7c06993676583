import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { EffectResult, Failure } from '../../behaviour/effect.ts';
import type { GrpcReply, TraceContext } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { MessageCodec } from '../../grpc/codec.ts';
import { grpcStatus, grpcStatusText, isServerError, statusOfCode, type GrpcStatusName } from '../../grpc/status.ts';
import { Cancellation } from './cancellation.ts';
import type { Origin } from './http-inbound.ts';

/** One gRPC call on the server's side: what its handler answers with, and whether anybody still waits. */
export class GrpcExchange {
  readonly cancellation = new Cancellation();
  /** When its time is over; null = never. */
  readonly deadline: VirtualTime | null;
  /** True once the status is out or the call was given up. */
  isOver = false;
  private readonly port: ActorPort;
  private readonly origin: Origin;
  private readonly rpc: string;
  private readonly trace: TraceContext;
  private readonly output: MessageCodec | null;
  private readonly streaming: boolean;
  private readonly onOver: () => void;
  private sent = 0;

  constructor(options: {
    port: ActorPort;
    origin: Origin;
    /** `package.Service/Method`. */
    rpc: string;
    /** Trace whose span is the SERVER span. */
    trace: TraceContext;
    deadline: VirtualTime | null;
    output: MessageCodec | null;
    streaming: boolean;
    onOver: () => void;
  }) {
    this.port = options.port;
    this.origin = options.origin;
    this.rpc = options.rpc;
    this.trace = options.trace;
    this.deadline = options.deadline;
    this.output = options.output;
    this.streaming = options.streaming;
    this.onOver = options.onOver;
  }

  /** The one message of a unary call; with it the call ends OK. */
  respond(body: Json, metadata: Record<string, string>): EffectResult {
    const encoded = this.encode(body);
    if (!encoded.ok) return encoded;
    const { bytes, json } = encoded;
    this.finish({ status: 0, message: '', metadata, bytes, json, sent: 0 });
    return { ok: true, value: null };
  }

  /** The next message of a stream. */
  send(body: Json): EffectResult {
    if (this.isOver) return { ok: false, failure: { code: 'cancelled', message: 'the stream is over' } };
    const encoded = this.encode(body);
    if (!encoded.ok) return encoded;
    const { bytes, json } = encoded;
    this.port.send({
      ...this.origin,
      operation: this.rpc,
      trace: this.trace,
      payload: { kind: 'grpc.message', index: this.sent, bytes, json },
    });
    this.sent += 1;
    return { ok: true, value: null };
  }

  /** The handler is over: a stream ends OK, a unary call without an answer is a violation of its cardinality (UNIMPLEMENTED), a failure is its own status or UNKNOWN (RP1). */
  ended(failure: Failure | null): void {
    if (this.isOver) return;
    if (failure !== null) this.fail(statusOfCode(failure.code) ?? grpcStatus('unknown'), failure.message);
    else if (this.streaming) this.finish(this.trailers(0, ''));
    else this.fail(grpcStatus('unimplemented'), `${this.rpc} answered no message`);
  }

  /** Ends the call with a status that is not OK. */
  fail(status: number, message: string): void {
    this.finish(this.trailers(status, message));
  }

  /** The time is over: the handler is stopped, the caller told (RP2). */
  expire(): void {
    if (this.isOver) return;
    const message = 'the deadline has passed';
    this.fail(grpcStatus('deadline_exceeded'), message);
    this.stop('deadline_exceeded', message);
  }

  /** The caller gave up or is gone: nobody hears an answer. */
  giveUp(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.endSpan(grpcStatus('cancelled'), reason);
    this.onOver();
    this.stop('cancelled', reason);
  }

  private stop(code: GrpcStatusName, message: string): void {
    this.cancellation.cancel({ code, message, retriable: false });
  }

  private trailers(status: number, message: string): GrpcReply {
    return { status, message, metadata: {}, bytes: null, json: null, sent: this.sent };
  }

  private finish(reply: GrpcReply): void {
    if (this.isOver) return;
    this.isOver = true;
    this.port.send({
      ...this.origin,
      operation: `${grpcStatusText(reply.status)} ${this.rpc}`,
      trace: this.trace,
      payload: { kind: 'grpc.reply', ...reply },
    });
    this.endSpan(reply.status, reply.message);
    this.onOver();
  }

  private endSpan(status: number, message: string): void {
    const isError = isServerError(status);
    this.port.emit({
      type: 'span.ended',
      traceId: this.trace.traceId,
      spanId: this.trace.spanId,
      status: isError ? 'error' : 'unset',
      description: status === 0 ? null : message,
      attributes: { 'rpc.grpc.status_code': status },
    });
  }

  private encode(body: Json): { ok: true; bytes: string; json: string } | { ok: false; failure: Failure } {
    const encoded = this.output?.encode(body);
    if (encoded?.ok === true) return { ok: true, bytes: encoded.value.bytes, json: canonicalize(encoded.value.value) };
    const why = encoded === undefined ? 'no such rpc' : encoded.error;
    const message = `${this.output?.name ?? this.rpc} cannot be written: ${why}`;
    return { ok: false, failure: { code: 'internal', message, retriable: false } };
  }
}
