import type {
  ConfigOf,
  ExecutableLink,
  ExecutableTopology,
  Latency,
  Step,
} from '../../../core/topology/schema/types.ts';

type Service = ConfigOf<'service'>;

const latency: Latency = { minUs: 500, distribution: { kind: 'exponential', meanMs: 2 } };
/** A link of the small system. */
export const link = (kind: ExecutableLink['kind'], from: string, to: string): ExecutableLink => ({
  kind,
  from,
  to,
  latency,
});
const respond: Step = { id: 'answer', do: 'respond', status: 200, body: { ok: true } };

/** A service with `GET /<name>`, a health endpoint and two replicas; `more` replaces parts of its configuration. */
export function callsService(name: string, steps: Step[] = [respond], more: Partial<Service> = {}) {
  const config: Service = {
    version: '1',
    port: 8000,
    replicas: 2,
    serviceTime: { kind: 'exponential', meanMs: 10 },
    startupMs: 200,
    restartDelayMs: 500,
    prefetch: 0,
    values: {},
    endpoints: [
      { id: 'get', method: 'GET', path: `/${name}`, steps },
      { id: 'health', method: 'GET', path: '/health', steps: [respond] },
    ],
    subscriptions: [],
    ...more,
  };
  return { kind: 'service' as const, name, config };
}

export const callStep = (to: string, more: Partial<Extract<Step, { do: 'call' }>> = {}): Step => ({
  id: `call-${to}`,
  do: 'call',
  to,
  endpoint: 'get',
  input: {},
  timeoutMs: 500,
  ...more,
});

/** Client -> gateway -> orders -> stock and users, all but the client registered at one registry: small, so that many runs of it fit into a minute. */
export function callsTopology(
  more: { orders?: Partial<Service>; stock?: Partial<Service>; users?: Partial<Service>; ratePerSecond?: number } = {},
): ExecutableTopology {
  return {
    nodes: {
      web: {
        kind: 'client',
        name: 'web',
        config: {
          clientKind: 'web',
          load: { model: 'open', ratePerSecond: more.ratePerSecond ?? 20, arrival: 'exponential' },
          timeoutMs: 3000,
          requests: [{ id: 'order', name: 'Order', weight: 1, method: 'GET', path: '/orders', to: 'gateway' }],
        },
      },
      gateway: {
        kind: 'gateway',
        name: 'gateway',
        config: {
          port: 8080,
          replicas: 1,
          timeoutMs: 2000,
          routes: [
            {
              id: 'orders',
              match: 'prefix',
              path: '/orders',
              action: { kind: 'forward', to: 'orders', stripPrefix: false },
            },
          ],
        },
      },
      consul: {
        kind: 'registry',
        name: 'consul',
        config: { engine: 'consul', heartbeatMs: 1000, ttlMs: 3000, cacheTtlMs: 1000, restartDelayMs: 500 },
      },
      orders: callsService('orders', [callStep('stock'), callStep('users'), respond], more.orders),
      stock: callsService('stock', [respond], more.stock),
      users: callsService('users', [respond], more.users),
    },
    links: {
      'web-gateway': link('http', 'web', 'gateway'),
      'gateway-orders': link('http', 'gateway', 'orders'),
      'orders-stock': link('http', 'orders', 'stock'),
      'orders-users': link('http', 'orders', 'users'),
      'gateway-consul': link('discovery', 'gateway', 'consul'),
      'orders-consul': link('discovery', 'orders', 'consul'),
      'stock-consul': link('discovery', 'stock', 'consul'),
      'users-consul': link('discovery', 'users', 'consul'),
    },
  };
}
