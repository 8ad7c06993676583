// Links so slow that their messages stand on them like beads: the longer the run, the more of them are on the way.

/** Pairs of a client and a service: 150 instances, the limit of a tab. Fewer links could not show as many dots apart. */
const PAIRS = 75;
const LATENCY_S = 20;
/** Requests of one virtual second; each has one message on the way until its reply has arrived. */
const PER_SECOND = 400;
/** So many messages are on the way before the first reply arrives. */
export const MOST_DOTS = 2 * LATENCY_S * PER_SECOND;
/** Virtual µs after which `count` messages are on the way. */
export const reachedUs = (count) => (count / PER_SECOND) * 1e6;

/** The drawing; the number of dots grows steadily with virtual time. */
export function dotsDocument() {
  const nodes = {};
  const links = {};
  // Never faster than that: windows may be as long, so that the drawing fills in a few of them.
  const latency = { distribution: { kind: 'constant', ms: LATENCY_S * 1000 }, minUs: LATENCY_S * 1e6 };
  for (let i = 0; i < PAIRS; i++) {
    nodes[`client-${i}`] = {
      kind: 'client',
      name: `client-${i}`,
      position: { x: 0, y: i * 120 },
      config: {
        clientKind: 'web',
        load: { model: 'open', ratePerSecond: PER_SECOND / PAIRS, arrival: 'constant' },
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
  return {
    format: 'servarium',
    version: 1,
    id: 'bench-dots',
    name: 'Dots',
    nodes,
    links,
    groups: {},
    seed: 1,
    speed: 1,
  };
}
