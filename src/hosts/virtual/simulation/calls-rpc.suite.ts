import type { ConfigOf, ExecutableTopology, GrpcMethod, Step } from '../../../core/topology/schema/types.ts';
import { callsService, link } from './calls.suite.ts';
import { BACKOFF, TIMES } from './calls-times.suite.ts';

/** Deadline of the client's calls: shorter than the time-out of the call that its handler makes. ms */
export const RPC_DEADLINE_MS = 120;

const PROTO = `syntax = "proto3";
package shop;
message Ask { string id = 1; int32 count = 2; }
message Price { string id = 1; int32 cents = 2; }
service Orders { rpc Quote(Ask) returns (Price); }
service Prices { rpc Get(Ask) returns (Price); rpc List(Ask) returns (stream Price); }
`;

/** Passes a call on, with a longer time-out than whoever asked has: tried again where nobody was reached or the other side broke. */
const QUOTE: GrpcMethod = {
  id: 'quote',
  rpc: 'shop.Orders/Quote',
  steps: [
    {
      id: 'call-prices',
      do: 'call',
      to: 'prices',
      endpoint: 'get',
      input: { body: '${request.body}' },
      timeoutMs: TIMES.call,
      as: 'price',
      policy: {
        retries: {
          maxAttempts: 3,
          on: ['connection', '5xx', 'no-instances'],
          backoff: { ...BACKOFF, jitter: 'full' },
        },
      },
    },
    { id: 'answer', do: 'respond', status: 200, body: '${price.body}' },
  ],
};

const say = (id: string, code: string, more: string): { if: string; steps: Step[] } => ({
  if: more,
  steps: [{ id, do: 'fail', code, message: `${code}, by chance` }],
});

/** Answers late, not at all, or with a failure: some that may be asked again, some that may not. */
const METHODS: GrpcMethod[] = [
  {
    id: 'get',
    rpc: 'shop.Prices/Get',
    steps: [
      { id: 'u', do: 'set', value: '${random()}', as: 'u' },
      {
        id: 'which',
        do: 'choose',
        when: [say('absent', 'not_found', 'u < 0.1'), say('broken', 'internal', 'u < 0.2')],
      },
      { id: 'pause', do: 'wait', ms: '${randomInt(0, 100)}' },
      { id: 'answer', do: 'respond', status: 200, body: { id: '${request.body.id}', cents: 250 } },
    ],
  },
  {
    id: 'list',
    rpc: 'shop.Prices/List',
    steps: [
      {
        id: 'each',
        do: 'each',
        in: 'range(request.body.count)',
        item: 'n',
        steps: [
          { id: 'one', do: 'send', body: { id: '${string(n)}', cents: '${n}' } },
          { id: 'pause', do: 'wait', ms: '${randomInt(0, 10)}' },
        ],
      },
    ],
  },
];

const rpcRoute = (match: 'exact' | 'prefix', path: string, to: string): ConfigOf<'gateway'>['routes'][number] => ({
  id: `rpc-${to}`,
  protocol: 'grpc',
  match,
  path,
  action: { kind: 'forward', to, stripPrefix: false },
  retries: { maxAttempts: 3, on: ['connection', '5xx', 'no-instances'], backoff: { ...BACKOFF, jitter: 'full' } },
});

/** The system with its client over gRPC going through the gateway, which asks again where nobody was reached or the other side broke. */
function throughGateway({ nodes, links }: ExecutableTopology): ExecutableTopology {
  const { app, gateway } = nodes;
  if (app?.kind !== 'client' || gateway?.kind !== 'gateway') throw new Error('no client, no gateway');
  const { 'app-orders': _orders, 'app-prices': _prices, ...others } = links;
  const routes = [
    ...gateway.config.routes,
    rpcRoute('exact', '/shop.Orders/Quote', 'orders'),
    rpcRoute('prefix', '/shop.Prices', 'prices'),
  ];
  const requests = app.config.requests.map((request) => ({ ...request, to: 'gateway' }));
  return {
    nodes: {
      ...nodes,
      app: { ...app, config: { ...app.config, requests } },
      gateway: { ...gateway, config: { ...gateway.config, grpc: { port: 50_051 }, routes } },
    },
    links: {
      ...others,
      'app-gateway': link('grpc', 'app', 'gateway'),
      'gateway-orders-rpc': link('grpc', 'gateway', 'orders'),
      'gateway-prices': link('grpc', 'gateway', 'prices'),
    },
  };
}

/** The small system and a client over gRPC, whose calls the orders pass on to a service of prices, or that hears a stream of them; itself or through the gateway. */
export function withRpc(
  topology: ExecutableTopology,
  common: Partial<ConfigOf<'service'>>,
  isThrough: boolean,
): ExecutableTopology {
  const { orders } = topology.nodes;
  if (orders?.kind !== 'service') throw new Error('no orders');
  const request = { name: 'ask', weight: 1, protocol: 'grpc', method: 'POST' } as const;
  const prices = callsService('prices', [], { ...common, replicas: 2, endpoints: [] });
  const direct: ExecutableTopology = {
    nodes: {
      ...topology.nodes,
      orders: {
        ...orders,
        config: { ...orders.config, grpc: { port: 50_051, proto: PROTO, methods: [QUOTE] } },
      },
      prices: { ...prices, config: { ...prices.config, grpc: { port: 50_051, proto: PROTO, methods: METHODS } } },
      app: {
        kind: 'client',
        name: 'app',
        config: {
          clientKind: 'mobile',
          load: { model: 'open', ratePerSecond: 60, arrival: 'exponential' },
          timeoutMs: RPC_DEADLINE_MS,
          requests: [
            { ...request, id: 'quote', to: 'orders', path: '/shop.Orders/Quote', body: { id: '${ uuid() }' } },
            {
              ...request,
              id: 'list',
              to: 'prices',
              path: '/shop.Prices/List',
              body: { id: 'all', count: '${ randomInt(0, 6) }' },
            },
          ],
        },
      },
    },
    links: {
      ...topology.links,
      'app-orders': link('grpc', 'app', 'orders'),
      'app-prices': link('grpc', 'app', 'prices'),
      'orders-prices': link('grpc', 'orders', 'prices'),
      'prices-consul': link('discovery', 'prices', 'consul'),
    },
  };
  return isThrough ? throughGateway(direct) : direct;
}
