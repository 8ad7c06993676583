import type { GrpcReply, Payload } from '../../../fabric/message.ts';
import type { AnyExecutableNode, ConfigOf, Route } from '../../../topology/schema/types.ts';
import { createGrpcSide } from '../../service/grpc-side.ts';
import { useGrpc } from '../../service/grpc-slot.ts';
import { createFakePort, type FakePort, type SentMessage } from '../../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../../testing/fixtures.ts';
import { gatewayActor } from '../actor.ts';

type Request = Extract<Payload, { kind: 'grpc.request' }>;

/** A route over gRPC to `stock`, or to another upstream. */
export const rpcRoute = (id: string, match: 'exact' | 'prefix', path: string, more: Partial<Route> = {}): Route => ({
  id,
  protocol: 'grpc',
  match,
  path,
  action: { kind: 'forward', to: 'stock', stripPrefix: false },
  ...more,
});
export const ALL = rpcRoute('all', 'prefix', '/');

/** A gateway, ready unless no time has passed, with `stock` (two instances) and `store` behind it over gRPC, and `stock` over HTTP, too. */
export function rpcGateway(
  routes: Route[],
  policies: Partial<ConfigOf<'gateway'>> = {},
  timeoutMs = 1000,
  passedUs = 1000,
): FakePort {
  useGrpc(createGrpcSide);
  const config = { port: 8080, grpc: { port: 50_051 }, routes, timeoutMs, replicas: 1, ...policies };
  const record: AnyExecutableNode = { kind: 'gateway', name: 'api', config };
  const stock = serviceRecord('stock-service');
  const port = createFakePort(
    initOf('gw', record, [
      { ...peerOf('stock', 'grpc', 'out', stock, 2), link: 'stock-rpc' },
      peerOf('store', 'grpc', 'out', serviceRecord('store-service')),
      peerOf('stock', 'http', 'out', stock, 2),
      peerOf('app', 'grpc', 'in', { kind: 'client', name: 'app', config: NO_LOAD }),
    ]),
  );
  port.attach(gatewayActor);
  port.deliver({ type: 'start' });
  port.advance(passedUs);
  return port;
}
const NO_LOAD: ConfigOf<'client'> = {
  clientKind: 'mobile',
  load: { model: 'open', ratePerSecond: 0, arrival: 'constant' },
  timeoutMs: 1000,
  requests: [],
};

/** Sends an rpc from `app#0`; returns the id of its message. */
export function ask(port: FakePort, more: Partial<Request> = {}): string {
  const request: Request = {
    kind: 'grpc.request',
    path: '/shop.Stock/Get',
    metadata: {},
    timeoutUs: null,
    bytes: 'CgFh',
    json: '{"id":"a"}',
    ...more,
  };
  return port.message(request, { from: 'app#0', link: 'app-link', trace: null });
}
/** What the caller got: messages and statuses. */
export const answers = (port: FakePort): SentMessage[] =>
  port.sent.filter(({ to, payload }) => to === 'app#0' && payload.kind !== 'grpc.request');
export const statuses = (port: FakePort): number[] =>
  answers(port).flatMap(({ payload }) => (payload.kind === 'grpc.reply' ? [payload.status] : []));

export const ended = (status: number, more: Partial<GrpcReply> = {}): Extract<Payload, { kind: 'grpc.reply' }> => ({
  kind: 'grpc.reply',
  status,
  message: status === 0 ? '' : 'no',
  metadata: {},
  bytes: status === 0 ? 'CgFi' : null,
  json: status === 0 ? '{"id":"b"}' : null,
  sent: 0,
  ...more,
});
export const piece = (index: number): Extract<Payload, { kind: 'grpc.message' }> => ({
  kind: 'grpc.message',
  index,
  bytes: `CgE${index}`,
  json: `{"id":"${index}"}`,
});
