import type { Json } from '../../base/json.ts';
import type { InstanceId, Message, Payload } from '../../fabric/message.ts';
import type { ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import type { AnyExecutableNode, ConfigOf } from '../../topology/schema/types.ts';
import type { GrpcCallOptions } from '../caller/grpc-caller.ts';
import type { GrpcProxy, GrpcProxyParts } from '../gateway/grpc/grpc-proxy.ts';
import type { Done, EffectOf, RunContext, RunParts } from './run-context.ts';
import type { Work } from './work.ts';

/** What the service says about itself when a request arrives. */
export interface Serving {
  config: ConfigOf<'service'>;
  /** Why no request is handled: it is not ready yet, or it has been drained and asked to be ended. */
  closed: 'starting' | 'stopping' | null;
  draining: boolean;
}
/** The gRPC of one instance, seen by its actor. */
export interface GrpcSide {
  /** True when the delivery was its alone. Every delivery must be shown. */
  handles(body: DeliveryBody): boolean;
  timer(token: Json): boolean;
  /** Calls a method of a linked service, without a policy. */
  send(options: GrpcCallOptions): number;
  /** Calls a method of a linked service. */
  perform(parts: RunParts, context: RunContext, effect: EffectOf<'grpc'>, done: Done): void;
  /** The work of one call that arrived. */
  work(
    serving: Serving,
    message: Message,
    payload: Extract<Payload, { kind: 'grpc.request' }>,
    occurrence: (spanId: string) => number,
    done: () => void,
  ): Work;
  /** The caller gave up the call that it began with this message. */
  cancel(request: string): void;
  peerDown(instance: InstanceId): void;
  healthChanged(serving: Serving): void;
  /** What a gateway does with rpcs; it is shown deliveries and timers itself. */
  proxy(parts: GrpcProxyParts): GrpcProxy;
}
type CreateSide = (port: ActorPort) => GrpcSide;

let create: CreateSide | null = null;

/** Gives gRPC to every service of this thread: hosts that hold all code call it once at their start. */
export function useGrpc(createSide: CreateSide): void {
  create = createSide;
}

/** Loads gRPC with its codecs beside the first start of an instance that needs it: a worker without it never pays. */
export async function loadGrpc(): Promise<void> {
  create ??= (await import('./grpc-side.ts')).createGrpcSide;
}

/** True when an instance with this record and these neighbours speaks gRPC. */
export const needsGrpc = (record: AnyExecutableNode, peers: readonly { kind: string }[]): boolean =>
  ((record.kind === 'service' || record.kind === 'gateway') && record.config.grpc !== undefined) ||
  peers.some((peer) => peer.kind === 'grpc');

/** The gRPC of an instance, or null: where nobody needs it, it may not be there. */
export const createGrpc: (port: ActorPort) => GrpcSide | null = (port) => create?.(port) ?? null;
