// The same three hops as the peer: a gateway forwards to `front`, which calls `back`, which answers some 300 bytes.

const latency = { distribution: { kind: 'constant', ms: 1 }, minUs: 1000 };
const ITEM = {
  id: '${ request.params.id }',
  name: 'Laptop',
  description:
    'Fourteen inches, sixteen gigabytes, a keyboard that one can write on all day, and a battery that lasts as long.',
  category: { id: 'devices', name: 'Devices' },
  price: 1299,
  stock: { available: 40, reserved: 2, warehouse: 'north' },
  tags: ['portable', 'new', 'office'],
};

const service = (name, port, steps) => ({
  kind: 'service',
  name,
  title: name,
  position: { x: 0, y: 0 },
  config: {
    version: 'v1',
    port,
    replicas: 1,
    serviceTime: { kind: 'constant', ms: 0 },
    startupMs: 10,
    restartDelayMs: 2000,
    prefetch: 1,
    values: {},
    endpoints: [{ id: 'get-item', method: 'GET', path: '/api/items/{id}', steps }],
    subscriptions: [],
  },
});
const client = (name, load) => ({
  kind: 'client',
  name,
  title: name,
  position: { x: 0, y: 0 },
  config: {
    clientKind: 'web',
    load,
    timeoutMs: 60_000,
    requests: [{ id: 'get-item', name: 'Get item', weight: 1, method: 'GET', path: '/api/items/42', to: 'gateway' }],
  },
});
const link = (from, to) => ({ kind: 'http', from: { node: from }, to: { node: to }, config: { latency } });

/** The document: `perSecond` requests a virtual second (an open loop), or one user who waits for each answer. */
export function chainDocument(perSecond) {
  const loads =
    perSecond === null
      ? [{ model: 'closed', users: 1, thinkTimeMs: 0 }]
      : Array.from({ length: Math.ceil(perSecond / 10_000) }, () => ({
          model: 'open',
          ratePerSecond: Math.min(perSecond, 10_000),
          arrival: 'constant',
        }));
  const clients = Object.fromEntries(loads.map((load, index) => [`client-${index}`, client(`client-${index}`, load)]));
  const action = { kind: 'forward', to: 'front', stripPrefix: false };
  return {
    format: 'servarium',
    version: 1,
    id: `bench-chain-${perSecond ?? 'one'}`,
    name: 'Three hops',
    nodes: {
      ...clients,
      gateway: {
        kind: 'gateway',
        name: 'gateway',
        title: 'gateway',
        position: { x: 0, y: 0 },
        config: {
          port: 8080,
          routes: [{ id: 'items', match: 'prefix', path: '/api/items/', action }],
          timeoutMs: 60_000,
          replicas: 1,
        },
      },
      front: service('front', 8001, [
        {
          id: 'get',
          do: 'call',
          to: 'back',
          endpoint: 'get-item',
          input: { params: { id: '${ request.params.id }' } },
          timeoutMs: 60_000,
          as: 'item',
        },
        { id: 'answer', do: 'respond', status: 200, body: '${ item.body }' },
      ]),
      back: service('back', 8002, [{ id: 'answer', do: 'respond', status: 200, body: ITEM }]),
    },
    links: {
      ...Object.fromEntries(Object.keys(clients).map((id) => [`${id}-gateway`, link(id, 'gateway')])),
      'gateway-front': link('gateway', 'front'),
      'front-back': link('front', 'back'),
    },
    groups: {},
    seed: 1,
    speed: 1,
  };
}
/** What `back` answers, for the peer. */
export const item = (id) => ({ ...ITEM, id });
