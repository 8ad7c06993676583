import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import type { Input, InputBody } from '../../../core/fabric/input.ts';
import { OUTLIER_DEFAULTS } from '../../../core/balance/presets.ts';
import type { RunDefinition } from '../../../core/fabric/run-api.ts';
import type {
  ConfigOf,
  Distribution,
  ExecutableTopology,
  Latency,
  Resolve,
} from '../../../core/topology/schema/types.ts';
import { runVirtual } from '../run-virtual.ts';

/** Second of virtual time, µs. */
export const S = 1_000_000;
/** Longest look-up of a registry over links of 1 ms, with the request that follows. µs */
const LOOKUP = 5000;
const CACHE_MS = 1000;
const LATENCY: Latency = { minUs: 1000, distribution: { kind: 'constant', ms: 1 } };

export interface Shop {
  gateway?: Pick<
    ConfigOf<'gateway'>,
    'loadBalancing' | 'outlierDetection' | 'healthChecks' | 'upstreamLimits' | 'timeoutMs'
  >;
  replicas: number;
  /** Requests per second at constant gaps, or another load. */
  ratePerSecond: number;
  load?: ConfigOf<'client'>['load'];
  /** Service time of an order, constant or otherwise. */
  busyMs?: number;
  busy?: Distribution;
  /** Of every link. */
  latency?: Latency;
  timeoutMs?: number;
  /** Both are linked to a registry. */
  registry?: boolean;
  resolve?: Resolve;
}

const constant = (ms: number): Distribution => ({ kind: 'constant', ms });
const orderNode = (
  replicas: number,
  serviceTime: Distribution,
): ExecutableTopology['nodes'][string] & { kind: 'service' } => ({
  kind: 'service',
  name: 'order',
  config: {
    version: '1.0.0',
    port: 8001,
    replicas,
    serviceTime,
    startupMs: 0,
    restartDelayMs: null,
    prefetch: 0,
    values: {},
    endpoints: [
      {
        id: 'list',
        method: 'GET',
        path: '/orders',
        steps: [{ id: 'answer', do: 'respond', status: 200, body: [] }],
      },
    ],
    subscriptions: [],
  },
});

/** A client calls orders through a gateway, each request with the header `x-user` of one of 20 users. */
export function shop({ gateway, replicas, ratePerSecond, registry, resolve, ...more }: Shop): ExecutableTopology {
  const { latency = LATENCY, busyMs = 1, busy = constant(busyMs), timeoutMs = 3000 } = more;
  const topology: ExecutableTopology = {
    nodes: {
      web: {
        kind: 'client',
        name: 'web',
        config: {
          clientKind: 'web',
          load: more.load ?? { model: 'open', ratePerSecond, arrival: 'constant' },
          timeoutMs,
          requests: [
            {
              id: 'orders',
              name: 'Orders',
              weight: 1,
              method: 'GET',
              path: '/orders',
              headers: { 'x-user': 'user-${randomInt(1, 20)}' },
              to: 'gw',
            },
          ],
        },
      },
      gw: {
        kind: 'gateway',
        name: 'gw',
        config: {
          port: 8000,
          replicas: 1,
          timeoutMs: 2000,
          routes: [
            {
              id: 'orders',
              match: 'prefix',
              path: '/orders',
              action: { kind: 'forward', to: 'order', stripPrefix: false },
            },
          ],
          ...gateway,
        },
      },
      order: orderNode(replicas, busy),
    },
    links: {
      'web-gw': { kind: 'http', from: 'web', to: 'gw', latency },
      'gw-order': { kind: 'http', from: 'gw', to: 'order', latency, ...(resolve === undefined ? {} : { resolve }) },
    },
  };
  if (registry !== true) return topology;
  topology.nodes['consul'] = {
    kind: 'registry',
    name: 'consul',
    config: { engine: 'consul', heartbeatMs: 1000, ttlMs: 3000, cacheTtlMs: CACHE_MS, restartDelayMs: null },
  };
  topology.links['gw-consul'] = { kind: 'discovery', from: 'gw', to: 'consul', latency };
  topology.links['order-consul'] = { kind: 'discovery', from: 'order', to: 'consul', latency };
  return topology;
}

/** An edit that gives the order service another number of replicas. */
export const scale = (from: number, to: number, busyMs = 1): InputBody => {
  const none = { added: {}, removed: {}, updated: {} };
  const updated = { order: [orderNode(from, constant(busyMs)), orderNode(to, constant(busyMs))] as [never, never] };
  return { kind: 'topology.apply', diff: { nodes: { ...none, updated }, links: none } };
};

/** An edit that brings another version of the order service, one replica after the other; each takes `startupMs` to start. */
export const upgrade = (replicas: number, version: string, startupMs: number): InputBody => {
  const none = { added: {}, removed: {}, updated: {} };
  const from = orderNode(replicas, constant(1));
  const release = { strategy: 'rolling', graceMs: 100 } as const;
  const to = { ...from, config: { ...from.config, version, startupMs, release } };
  return {
    kind: 'topology.apply',
    diff: { nodes: { ...none, updated: { order: [from, to] } }, links: none },
  };
};

/** The run of a shop with inputs at whole seconds. */
export const definition = (
  topology: ExecutableTopology,
  inputs: [number, InputBody][] = [],
  seed = 1,
): RunDefinition => ({
  documentId: 'shop',
  topology,
  initialData: null,
  seed,
  inputs: inputs.map(([seconds, body], seq): Input => ({ at: seconds * S, seq, body })),
});
/** Events of such a run, up to whole seconds. */
export const eventsOf = (run: RunDefinition, seconds: number): LogEvent[] => runVirtual(run, seconds * S).events;

type Sent = EventOf<'message.sent'>;
/** Requests of the gateway to orders, in order. */
export const forwarded = (events: readonly LogEvent[]): Sent[] =>
  events.filter(
    (event): event is Sent =>
      event.type === 'message.sent' && event.payload.kind === 'http.request' && event.from === 'gw#0',
  );
/** How often each instance was chosen between two times, by instance. */
export function shares(events: readonly LogEvent[], from = 0, to = Infinity): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const sent of forwarded(events)) if (sent.t >= from && sent.t < to) counts[sent.to] = (counts[sent.to] ?? 0) + 1;
  return counts;
}

/** GW11: with nothing broken the counts of round robin differ by at most one at any time. */
function roundRobin(): string[] {
  const counts = new Map([0, 1, 2].map((n) => [`order#${n}`, 0]));
  for (const sent of forwarded(eventsOf(definition(shop({ replicas: 3, ratePerSecond: 50 })), 3))) {
    counts.set(sent.to, (counts.get(sent.to) ?? 0) + 1);
    if (Math.max(...counts.values()) - Math.min(...counts.values()) > 1)
      return [`round robin: ${JSON.stringify([...counts])} at ${sent.t}`];
  }
  return [];
}

/** GW12: between ejection and return an instance gets nothing, it returns when it was said, and is used again. */
export function ejections(events: readonly LogEvent[], end: number): string[] {
  const out = new Map<string, number>();
  const used = new Set<string>();
  const problems: string[] = [];
  let isPanic = false;
  for (const event of events) {
    if (event.type === 'panic.changed') isPanic = event.panicking;
    else if (event.type === 'host.ejected') {
      out.set(event.instance, event.until ?? Infinity);
      used.delete(event.instance);
    } else if (event.type === 'host.returned') {
      if (event.t !== out.get(event.instance)) problems.push(`ejection: ${event.instance} returned at ${event.t}`);
      out.delete(event.instance);
    } else if (event.type === 'message.sent' && event.from === 'gw#0' && event.payload.kind === 'http.request') {
      used.add(event.to);
      if (out.has(event.to) && !isPanic) problems.push(`ejection: ${event.to} was called at ${event.t}`);
    }
  }
  for (const [instance, until] of out) if (until < end) problems.push(`ejection: ${instance} never returned`);
  if (!events.some((event) => event.type === 'host.ejected')) problems.push('ejection: nobody was ejected');
  for (const instance of ['order#0', 'order#1', 'order#2'])
    if (!used.has(instance)) problems.push(`ejection: ${instance} was not used after its last ejection`);
  return problems;
}

/** Outlier detection that is quick enough for a short run. */
export const QUICK = {
  ...OUTLIER_DEFAULTS,
  consecutive5xx: 2,
  intervalMs: 500,
  baseEjectionMs: 1000,
  maxEjectionMs: 3000,
  maxEjectionPercent: 40,
};

function outliers(): string[] {
  const topology = shop({
    replicas: 3,
    ratePerSecond: 50,
    gateway: { timeoutMs: 2000, outlierDetection: QUICK },
  });
  const inputs: [number, InputBody][] = [
    [1, { kind: 'instance.kill', instance: 'order#0' }],
    [4, { kind: 'instance.start', instance: 'order#0' }],
  ];
  return ejections(eventsOf(definition(topology, inputs), 15), 15 * S);
}

/** SR8, SR9: a registered instance is called once the caller's list may have expired, and one whose deregistration was acknowledged longer ago is not. */
function discovery(): string[] {
  const topology = shop({ replicas: 1, ratePerSecond: 50, registry: true });
  const events = eventsOf(
    definition(topology, [
      [2, scale(1, 3)],
      [6, scale(3, 1)],
    ]),
    10,
  );
  const stale = CACHE_MS * 1000 + LOOKUP;
  const problems: string[] = [];
  const gone = new Map<string, number>();
  const leaving = new Map<string, string>();
  for (const event of events) {
    if (event.type !== 'message.sent') continue;
    const { payload, from, to } = event;
    if (payload.kind === 'registry.deregister') leaving.set(`${event.source}:${event.seq}`, from);
    if (payload.kind === 'registry.register') gone.delete(from);
    const left = leaving.get(event.inReplyTo ?? '');
    if (left !== undefined) gone.set(left, event.arriveAt);
    if (payload.kind === 'http.request' && event.t > (gone.get(to) ?? Infinity) + stale)
      problems.push(`discovery: ${to} was called at ${event.t}, though it had left`);
  }
  if (gone.size === 0) problems.push('discovery: nobody left');
  for (const instance of ['order#1', 'order#2'])
    if ((shares(events, 2 * S + stale + 100_000, 6 * S)[instance] ?? 0) < 10)
      problems.push(`discovery: ${instance} was not found`);
  return problems;
}

/** Least request: a new instance gets about its share; were requests never counted as done, it would get all of them. */
function leastRequest(): string[] {
  const gateway = { timeoutMs: 2000, loadBalancing: { kind: 'least-request', choices: 2, bias: 1 } as const };
  const topology = shop({ replicas: 2, ratePerSecond: 100, busyMs: 20, gateway });
  const events = eventsOf(definition(topology, [[4, scale(2, 3, 20)]]), 6);
  const counts = shares(events, 4.5 * S, 6 * S);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const share = (counts['order#2'] ?? 0) / total;
  return share > 0.2 && share < 0.5 ? [] : [`least request: the new instance gets ${share} of the requests`];
}

/** What is wrong with balancing, ejection and discovery in runs that show their mistakes; empty when all is well. */
export const brokenBalance = (): string[] => [...roundRobin(), ...outliers(), ...discovery(), ...leastRequest()];
