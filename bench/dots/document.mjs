// As many links as a tab's instances allow, each so slow that its messages stand on it like beads: how many depends on the rate alone.

/** Pairs of a client and a service: 150 instances, the limit of a tab. */
const PAIRS = 75;
const LATENCY_S = 20;

/** A drawing with about `count` messages on the wire once it has run for twice the delay. */
export function dotsDocument(count) {
  const nodes = {};
  const links = {};
  const latency = { distribution: { kind: 'constant', ms: LATENCY_S * 1000 }, minUs: 1000 };
  for (let i = 0; i < PAIRS; i++) {
    nodes[`client-${i}`] = {
      kind: 'client',
      name: `client-${i}`,
      position: { x: 0, y: i * 120 },
      config: {
        clientKind: 'web',
        // Half of the messages are replies on their way back.
        load: { model: 'open', ratePerSecond: count / 2 / PAIRS / LATENCY_S, arrival: 'constant' },
        timeoutMs: 600_000,
        requests: [{ id: 'get', name: 'Get', weight: 1, method: 'GET', path: '/api/item', to: `service-${i}` }],
      },
    };
    nodes[`service-${i}`] = {
      kind: 'service',
      name: `service-${i}`,
      position: { x: 13_000, y: i * 120 },
      config: {
        version: 'v1',
        port: 8001,
        replicas: 1,
        serviceTime: { kind: 'constant', ms: 0 },
        startupMs: 0,
        restartDelayMs: 2000,
        prefetch: 1,
        values: {},
        endpoints: [
          {
            id: 'get',
            method: 'GET',
            path: '/api/item',
            steps: [{ id: 'answer', do: 'respond', status: 200, body: 'ok' }],
          },
        ],
        subscriptions: [],
      },
    };
    links[`link-${i}`] = {
      kind: 'http',
      from: { node: `client-${i}` },
      to: { node: `service-${i}` },
      config: { latency },
    };
  }
  const id = `bench-dots-${count}`;
  return { format: 'servarium', version: 1, id, name: 'Dots', nodes, links, groups: {}, seed: 1, speed: 1 };
}
/** Virtual µs after which the number of messages on the wire is steady. */
export const STEADY_US = (2 * LATENCY_S + 2) * 1e6;
