import { canonicalize } from '../../base/canonical.ts';
import { isObject, type Json } from '../../base/json.ts';
import { RoundRobin } from '../../balance/round-robin.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { InstanceId, Message, Payload, TraceContext } from '../../fabric/message.ts';
import type { ActorPort, DeliveryBody, Peer } from '../../fabric/protocol.ts';
import { grpcCodecOf } from '../../grpc/known-codecs.ts';
import type { RpcCodec } from '../../grpc/codec.ts';
import { grpcSizes, MAX_MESSAGE_BYTES } from '../../grpc/sizes.ts';
import { grpcStatus, grpcStatusName, isRetriableStatus, type GrpcStatusName } from '../../grpc/status.ts';
import { injectTrace } from '../../http/trace-context.ts';
import { Resolver, type Resolution } from './resolve.ts';

/** How a gRPC call ended. A unary call has one message; `cause` tells apart why nobody was reached. */
export type GrpcCallResult =
  | { ok: true; messages: Json[]; streaming: boolean; metadata: Record<string, string>; instance: InstanceId }
  | {
      ok: false;
      status: number;
      failure: Failure;
      metadata: Record<string, string>;
      instance: InstanceId | null;
      cause: 'connection_refused' | 'connection_reset' | 'no_instances' | null;
    };

/** One unary or server streaming call of a linked service. `timeoutUs` is its deadline. `onDone` is called exactly once, never inside `call`, and not at all after `cancel`. */
export interface GrpcCallOptions {
  to: string;
  /** `package.Service/Method`. */
  rpc: string;
  body: Json;
  metadata: Record<string, string>;
  timeoutUs: number;
  trace: TraceContext | null;
  onDone(result: GrpcCallResult): void;
}

interface Call {
  options: GrpcCallOptions;
  codec: RpcCodec | null;
  timer: number;
  request: Extract<Payload, { kind: 'grpc.request' }> | null;
  sent: { message: string; instance: InstanceId; link: string } | null;
  /** Messages by their number; what follows a gap waits, as behind a lost segment of TCP. */
  messages: Map<number, Json>;
  end: Extract<Payload, { kind: 'grpc.reply' }> | null;
  /** What its timer will say; null = the deadline. */
  verdict: [GrpcStatusName, string] | null;
}
type Cause = Extract<GrpcCallResult, { ok: false }>['cause'];

/** The failure of a step whose call ended with this status: `grpc_not_found` and its like. */
const failureOf = (status: number, message: string): Failure => ({
  code: `grpc_${grpcStatusName(status)}`,
  message,
  retriable: isRetriableStatus(status),
});

/**
 * gRPC client of one instance: resolves like the HTTP client, chooses by round robin, keeps the order of a stream, times out, cancels.
 * Statuses of the library (RP1): nobody reached UNAVAILABLE, deadline DEADLINE_EXCEEDED, unreadable INTERNAL, too large RESOURCE_EXHAUSTED,
 * a unary answer without its one message UNIMPLEMENTED. Timers carry `{grpcCall: n}`.
 */
export class GrpcCaller {
  private readonly port: ActorPort;
  private readonly resolver: Resolver;
  private readonly calls = new Map<number, Call>();
  private readonly byMessage = new Map<string, number>();
  private readonly turns = new Map<string, RoundRobin>();
  private next = 0;

  constructor(port: ActorPort) {
    this.port = port;
    this.resolver = new Resolver(port, 'grpc', (call, resolution) => this.resolved(call, resolution));
  }

  /** Returns a handle for `cancel`. */
  call(options: GrpcCallOptions): number {
    const id = this.next++;
    const target = this.targetOf(options.to);
    const timer = this.port.after(Math.max(1, Math.round(options.timeoutUs)), { grpcCall: id });
    const codec = target === undefined ? null : codecOf(target, options.rpc);
    const call: Call = {
      options,
      codec,
      timer,
      request: null,
      sent: null,
      messages: new Map(),
      end: null,
      verdict: null,
    };
    this.calls.set(id, call);
    if (target === undefined || !this.resolver.canResolve(target))
      return this.failSoon(id, 'unavailable', `no address for ${options.to}: not linked`);
    if (options.timeoutUs < 1) return this.failSoon(id, 'deadline_exceeded', 'the deadline had passed before the call');
    if (codec === null) return this.failSoon(id, 'unimplemented', `${target.record.name} describes no ${options.rpc}`);
    const encoded = codec.input.encode(options.body);
    if (!encoded.ok) return this.failSoon(id, 'internal', `${codec.input.name} cannot be written: ${encoded.error}`);
    call.request = {
      kind: 'grpc.request',
      path: codec.path,
      metadata: injectTrace(options.metadata, options.trace),
      timeoutUs: Math.max(1, Math.round(options.timeoutUs)),
      bytes: encoded.value.bytes,
      json: canonicalize(encoded.value.value),
    };
    const instances = this.resolver.resolve(id, target);
    if (instances !== null) this.transmit(id, target, instances);
    return id;
  }

  /** Gives a call up: the other side is told (RST_STREAM), its answer will be ignored. */
  cancel(id: number): void {
    const call = this.forget(id);
    if (call?.sent) this.reset(call, call.sent);
  }

  /** True when the delivery was this client's alone. Every delivery must be shown, `peer.down` and registry answers too (false: others react as well). */
  handles(body: DeliveryBody): boolean {
    if (body.type === 'message') {
      this.resolver.message(body.message);
      return this.message(body.message);
    }
    if (body.type === 'refused') return this.refused(body);
    if (body.type === 'peer.down') this.peerDown(body.instance);
    return false;
  }

  timer(token: Json): boolean {
    if (this.resolver.timer(token)) return true;
    if (!isObject(token) || typeof token['grpcCall'] !== 'number') return false;
    const id = token['grpcCall'];
    const call = this.calls.get(id);
    if (call === undefined) return true;
    const name = this.targetOf(call.options.to)?.record.name ?? call.options.to;
    const late = `no answer from ${name} within ${Math.round(call.options.timeoutUs) / 1000} ms`;
    const [status, message] = call.verdict ?? (['deadline_exceeded', late] as const);
    if (call.sent) this.reset(call, call.sent);
    this.fail(id, status, message);
    return true;
  }

  private targetOf(node: string): Peer | undefined {
    const { peers } = this.port.init;
    return peers.find((peer) => peer.kind === 'grpc' && peer.direction === 'out' && peer.node === node);
  }

  /** One tick later: `onDone` never runs inside `call`. */
  private failSoon(id: number, status: GrpcStatusName, message: string): number {
    const call = this.calls.get(id);
    if (call !== undefined) {
      this.port.cancel(call.timer);
      call.verdict = [status, message];
      call.timer = this.port.after(1, { grpcCall: id });
    }
    return id;
  }

  private resolved(id: number, resolution: Resolution): void {
    const target = this.targetOf(this.calls.get(id)?.options.to ?? '');
    if (!resolution.ok)
      this.fail(id, 'unavailable', resolution.message, resolution.code === 'no_instances' ? 'no_instances' : null);
    else if (target !== undefined) this.transmit(id, target, resolution.instances);
  }

  private transmit(id: number, target: Peer, instances: readonly InstanceId[]): void {
    const call = this.calls.get(id);
    if (!call?.request) return;
    const turns = this.turns.get(target.node) ?? new RoundRobin();
    this.turns.set(target.node, turns);
    const instance = turns.pick(instances.map((one) => ({ id: one, weight: 1 })));
    if (instance === null) return this.fail(id, 'unavailable', `no instance of ${target.record.name}`, 'no_instances');
    const message = this.port.send({
      to: instance,
      link: target.link,
      operation: call.options.rpc,
      trace: call.options.trace,
      payload: call.request,
    });
    call.sent = { message, instance, link: target.link };
    this.byMessage.set(message, id);
  }

  private reset(call: Call, sent: NonNullable<Call['sent']>): void {
    this.port.send({
      to: sent.instance,
      link: sent.link,
      operation: `cancel ${call.options.rpc}`,
      trace: call.options.trace,
      payload: { kind: 'grpc.cancel', request: sent.message },
    });
  }

  private forget(id: number): Call | undefined {
    const call = this.calls.get(id);
    if (call === undefined) return undefined;
    this.calls.delete(id);
    this.port.cancel(call.timer);
    this.resolver.forget(id);
    if (call.sent !== null) this.byMessage.delete(call.sent.message);
    return call;
  }

  private fail(
    id: number,
    status: GrpcStatusName,
    message: string,
    cause: Cause = null,
    metadata: Record<string, string> = {},
  ): void {
    const instance = this.calls.get(id)?.sent?.instance ?? null;
    const code = grpcStatus(status);
    const failure = failureOf(code, message);
    this.forget(id)?.options.onDone({ ok: false, status: code, failure, metadata, instance, cause });
  }

  private message({ payload, inReplyTo }: Message): boolean {
    if (payload.kind !== 'grpc.reply' && payload.kind !== 'grpc.message') return false;
    const id = this.byMessage.get(inReplyTo ?? '');
    const call = id === undefined ? undefined : this.calls.get(id);
    if (id === undefined || !call?.codec) return true;
    if (payload.kind === 'grpc.message') {
      if (this.read(id, call, payload.index, payload)) this.settle(id, call);
      return true;
    }
    if (payload.bytes !== null && !this.read(id, call, payload.sent, { ...payload, bytes: payload.bytes })) return true;
    call.end = payload;
    this.settle(id, call);
    return true;
  }

  /** False when the message ended the call. */
  private read(id: number, call: Call, index: number, payload: Payload & { bytes: string }): boolean {
    const size = grpcSizes(payload)?.message ?? 0;
    const read = size > MAX_MESSAGE_BYTES ? null : call.codec?.output.decode(payload.bytes);
    if (read?.ok === true) {
      call.messages.set(index, read.value);
      return true;
    }
    if (call.sent && call.codec?.serverStreaming === true) this.reset(call, call.sent);
    if (read === null) this.fail(id, 'resource_exhausted', tooLarge(size));
    else this.fail(id, 'internal', `the answer cannot be read: ${read?.error ?? 'no codec'}`);
    return false;
  }

  /** Ends the call once its trailers and every message before them are there. */
  private settle(id: number, call: Call): void {
    const { end, codec } = call;
    if (end === null || codec === null) return;
    const expected = end.sent + (end.bytes === null ? 0 : 1);
    if (call.messages.size < expected) return;
    if (end.status !== 0) return this.fail(id, grpcStatusName(end.status), end.message, null, end.metadata);
    if (!codec.serverStreaming && expected !== 1)
      return this.fail(id, 'unimplemented', `${call.options.rpc} answered ${expected} messages instead of one`);
    const messages = Array.from({ length: expected }, (_, index) => call.messages.get(index) ?? null);
    const instance = call.sent?.instance ?? '';
    const { metadata } = end;
    this.forget(id)?.options.onDone({ ok: true, messages, streaming: codec.serverStreaming, metadata, instance });
  }

  private lost(id: number, cause: 'connection_refused' | 'connection_reset'): void {
    const call = this.calls.get(id);
    if (!call?.sent) return;
    const target = this.targetOf(call.options.to);
    if (target !== undefined) this.resolver.drop(target);
    const what = cause === 'connection_refused' ? 'refused' : 'reset';
    this.fail(id, 'unavailable', `connection to ${call.sent.instance} ${what}`, cause);
  }

  private refused(body: Extract<DeliveryBody, { type: 'refused' }>): boolean {
    const id = this.byMessage.get(body.message);
    if (id === undefined) return this.resolver.refused(body);
    this.lost(id, body.reason);
    return true;
  }

  private peerDown(instance: InstanceId): void {
    const broken = [...this.calls].filter(([, call]) => call.sent?.instance === instance);
    const unanswered = this.resolver.unanswered(instance);
    for (const [id] of broken) this.lost(id, 'connection_reset');
    unanswered();
  }
}

/** Words for a message beyond `MAX_MESSAGE_BYTES`. */
export const tooLarge = (size: number): string => `a message of ${size} bytes is larger than ${MAX_MESSAGE_BYTES}`;

/** What the service that is called says about the rpc, or null. */
function codecOf(target: Peer, rpc: string): RpcCodec | null {
  const grpc = target.record.kind === 'service' ? target.record.config.grpc : undefined;
  const codec = grpc === undefined ? null : grpcCodecOf(grpc.proto);
  return codec?.ok === true ? (codec.value.rpcs.get(rpc) ?? null) : null;
}
