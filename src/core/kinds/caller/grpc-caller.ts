import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import { RoundRobin } from '../../balance/round-robin.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { GrpcMessage, GrpcReply, InstanceId, TraceContext } from '../../fabric/message.ts';
import type { ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import type { RpcCodec } from '../../grpc/codec.ts';
import { grpcSizes, MAX_MESSAGE_BYTES } from '../../grpc/sizes.ts';
import { grpcStatus, grpcStatusName, isRetriableStatus } from '../../grpc/status.ts';
import { injectTrace } from '../../http/trace-context.ts';
import { GrpcStreams, type GrpcStream, type StreamBalance } from './grpc-streams.ts';
import { rpcBehind } from './rpc-behind.ts';

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
  /** Messages by their number. */
  messages: Map<number, Json>;
}
type Cause = Extract<GrpcCallResult, { ok: false }>['cause'];

/** The failure of a step whose call ended with this status: `grpc_not_found` and its like. */
const failureOf = (status: number, message: string): Failure => ({
  code: `grpc_${grpcStatusName(status)}`,
  message,
  retriable: isRetriableStatus(status),
});
const CAUSES: readonly (string | null)[] = ['connection_refused', 'connection_reset', 'no_instances'];

/** Every call goes at once, to the next instance in turn. */
class InTurn implements StreamBalance {
  private readonly turns = new Map<string, RoundRobin>();
  enter(): 'go' {
    return 'go';
  }
  leave(): number[] {
    return [];
  }
  choose(node: string, instances: readonly InstanceId[]): InstanceId | null {
    const turns = this.turns.get(node) ?? new RoundRobin();
    this.turns.set(node, turns);
    return turns.pick(instances.map((id) => ({ id, weight: 1 })));
  }
  settled(): void {
    // Nobody is kept out.
  }
}

/**
 * gRPC client of one instance: resolves like the HTTP client, chooses by round robin, keeps the order of a stream, times out, cancels.
 * Statuses of the library (RP1): nobody reached UNAVAILABLE, deadline DEADLINE_EXCEEDED, unreadable INTERNAL, too large RESOURCE_EXHAUSTED,
 * a unary answer without its one message UNIMPLEMENTED.
 */
export class GrpcCaller {
  private readonly port: ActorPort;
  private readonly streams: GrpcStreams;

  constructor(port: ActorPort) {
    this.port = port;
    this.streams = new GrpcStreams(port, new InTurn());
  }

  /** Returns a handle for `cancel`. */
  call(options: GrpcCallOptions): number {
    const { to, rpc, timeoutUs, trace } = options;
    const { peers } = this.port.init;
    const target = peers.find((peer) => peer.kind === 'grpc' && peer.direction === 'out' && peer.node === to);
    const codec = target === undefined ? null : rpcBehind(target, rpc);
    const call: Call = { options, codec, messages: new Map() };
    const handle = this.streams.open({
      to,
      rpc,
      timeoutUs,
      trace,
      request: requestOf(options, target?.record.name ?? to, codec),
      onMessage: (index, message, instance) => {
        const failure = this.read(call, index, message, instance);
        if (failure === null) return;
        this.streams.cancel(handle);
        options.onDone(failure);
      },
      onEnd: (reply, instance) => options.onDone(this.resultOf(call, reply, instance)),
      onLost: ({ status, message, cause, instance }) =>
        options.onDone(failed(grpcStatus(status), message, instance, CAUSES.includes(cause) ? (cause as Cause) : null)),
    });
    return handle;
  }

  /** Gives a call up: the other side is told (RST_STREAM), its answer will be ignored. */
  cancel(id: number): void {
    this.streams.cancel(id);
  }

  /** True when the delivery was this client's alone. Every delivery must be shown, `peer.down` and registry answers too (false: others react as well). */
  handles(body: DeliveryBody): boolean {
    return this.streams.handles(body);
  }

  timer(token: Json): boolean {
    return this.streams.timer(token);
  }

  /** Keeps a message; why it cannot be read, or null. */
  private read(
    { codec, messages }: Call,
    index: number,
    message: GrpcMessage,
    instance: InstanceId,
  ): GrpcCallResult | null {
    const size = grpcSizes({ kind: 'grpc.message', index, ...message })?.message ?? 0;
    if (size > MAX_MESSAGE_BYTES) return failed(grpcStatus('resource_exhausted'), tooLarge(size), instance);
    const read = codec?.output.decode(message.bytes);
    if (read?.ok !== true)
      return failed(grpcStatus('internal'), `the answer cannot be read: ${read?.error ?? 'no codec'}`, instance);
    messages.set(index, read.value);
    return null;
  }

  private resultOf(call: Call, { bytes, json, ...end }: GrpcReply, instance: InstanceId): GrpcCallResult {
    const unread = bytes === null ? null : this.read(call, end.sent, { bytes, json: json ?? 'null' }, instance);
    if (unread !== null) return unread;
    const { status, message, metadata } = end;
    if (status !== 0) return failed(grpcStatus(grpcStatusName(status)), message, instance, null, metadata);
    const { options, codec, messages } = call;
    const streaming = codec?.serverStreaming ?? false;
    const count = end.sent + (bytes === null ? 0 : 1);
    if (!streaming && count !== 1) {
      const text = `${options.rpc} answered ${count} messages instead of one`;
      return failed(grpcStatus('unimplemented'), text, instance);
    }
    const list = Array.from({ length: count }, (_, index) => messages.get(index) ?? null);
    return { ok: true, messages: list, streaming, metadata, instance };
  }
}

const failed = (
  status: number,
  message: string,
  instance: InstanceId | null = null,
  cause: Cause = null,
  metadata: Record<string, string> = {},
): GrpcCallResult => ({ ok: false, status, failure: failureOf(status, message), metadata, instance, cause });

/** What is sent, or why nothing can be. */
function requestOf(options: GrpcCallOptions, name: string, codec: RpcCodec | null): GrpcStream['request'] {
  if (codec === null) return { refused: 'unimplemented', message: `${name} describes no ${options.rpc}` };
  const encoded = codec.input.encode(options.body);
  if (!encoded.ok) return { refused: 'internal', message: `${codec.input.name} cannot be written: ${encoded.error}` };
  return {
    kind: 'grpc.request',
    path: codec.path,
    metadata: injectTrace(options.metadata, options.trace),
    timeoutUs: Math.max(1, Math.round(options.timeoutUs)),
    bytes: encoded.value.bytes,
    json: canonicalize(encoded.value.value),
  };
}

/** Words for a message beyond `MAX_MESSAGE_BYTES`. */
export const tooLarge = (size: number): string => `a message of ${size} bytes is larger than ${MAX_MESSAGE_BYTES}`;
