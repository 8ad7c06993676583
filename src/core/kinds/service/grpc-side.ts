import type { Json } from '../../base/json.ts';
import type { ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { GrpcCaller } from '../caller/grpc-caller.ts';
import { GrpcProxy } from '../gateway/grpc/grpc-proxy.ts';
import { GrpcInbound } from './grpc-inbound.ts';
import type { GrpcSide } from './grpc-slot.ts';
import { performGrpc } from './perform-grpc.ts';

/** Everything of gRPC in one instance: its client, its server, its codecs. */
export function createGrpcSide(port: ActorPort): GrpcSide {
  const caller = new GrpcCaller(port);
  const inbound = new GrpcInbound(port);
  return {
    handles: (body: DeliveryBody) => caller.handles(body),
    timer: (token: Json) => caller.timer(token) || inbound.timer(token),
    send: (options) => caller.call(options),
    perform: (parts, context, effect, done) => performGrpc(parts, caller, context, effect, done),
    work: (...args) => inbound.work(...args),
    cancel: (request) => inbound.cancel(request),
    peerDown: (instance) => inbound.peerDown(instance),
    healthChanged: (serving) => inbound.healthChanged(serving),
    proxy: (parts) => new GrpcProxy(parts),
  };
}
