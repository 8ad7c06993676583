import type { Json } from '../../core/base/json.ts';
import { mapSteps } from '../../core/topology/steps.ts';
import type { Document, NodeOf } from '../../core/topology/schema/types.ts';
import { grpcDrawing } from './grpc-drawing.suite.ts';

/** The drawing of `grpcDrawing` with the gateway between: `app` and `front` reach the stock and the middle through it, over gRPC; `front` still answers over HTTP. */
export function grpcGatewayDrawing(): Document {
  const document = grpcDrawing();
  const { gateway, front } = document.nodes as { gateway: NodeOf<'gateway'>; front: NodeOf<'service'> };
  const over = document.links['front-stock'];
  if (over === undefined) throw new Error('no link to copy');
  const link = (from: string, to: string) => ({ ...over, from: { node: from }, to: { node: to } });
  for (const id of ['front-stock', 'front-middle']) delete document.links[id];
  Object.assign(document.links, {
    'app-gateway': link('app', 'gateway'),
    'front-gateway': link('front', 'gateway'),
    'gateway-stock': link('gateway', 'stock'),
    'gateway-middle': link('gateway', 'middle'),
  });
  gateway.config.grpc = { port: 50_051 };
  gateway.config.routes.push(
    {
      id: 'rpc-stock',
      protocol: 'grpc',
      match: 'prefix',
      path: '/shop.Stock',
      action: { kind: 'forward', to: 'stock', stripPrefix: false },
    },
    {
      id: 'rpc-chain',
      protocol: 'grpc',
      match: 'exact',
      path: '/shop.Stock/Chain',
      timeoutMs: 400,
      action: { kind: 'forward', to: 'middle', stripPrefix: false },
    },
  );
  const rpcs: Readonly<Record<string, string>> = {
    get: 'Get',
    list: 'List',
    save: 'Save',
    silent: 'Silent',
    pass: 'Chain',
  };
  for (const endpoint of front.config.endpoints)
    endpoint.steps = mapSteps(endpoint.steps, (step) =>
      step.do === 'call' ? { ...step, to: 'gateway', endpoint: `shop.Stock/${rpcs[step.endpoint] ?? 'Get'}` } : step,
    );
  const request = (id: string, rpc: string, weight: number, body: Json) =>
    ({
      id,
      name: id,
      weight,
      protocol: 'grpc',
      method: 'POST',
      path: `/shop.Stock/${rpc}`,
      body,
      to: 'gateway',
    }) as const;
  document.nodes['app'] = {
    kind: 'client',
    name: 'app',
    position: { x: 0, y: 0 },
    config: {
      clientKind: 'mobile',
      load: { model: 'open', ratePerSecond: 40, arrival: 'exponential' },
      timeoutMs: 300,
      requests: [
        request('get', 'Get', 3, { id: 'a', amount: '${ randomInt(1, 9) }' }),
        request('list', 'List', 1, { amount: 3 }),
        request('gone', 'Get', 0, { id: 'gone' }),
        request('slow', 'Get', 0, { id: 'a', wait_ms: 900 }),
        request('long', 'List', 0, { amount: 20, wait_ms: 20 }),
        request('chain', 'Chain', 0, { id: 'c', amount: 2 }),
      ],
    },
  };
  return document;
}
