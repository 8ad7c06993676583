import type { LogEvent } from '../../../core/fabric/event.ts';
import type { RunDefinition } from '../../../core/fabric/run-api.ts';
import { compileTopology } from '../../../core/topology/compile.ts';
import type {
  CallPolicy,
  Document,
  Endpoint,
  Link,
  Retries,
  Step,
  TopologyNode,
} from '../../../core/topology/schema/types.ts';
import { validateDocument } from '../../../core/topology/check/validate.ts';
import { VirtualRun } from '../run-virtual.ts';

const position = { x: 0, y: 0 };
const answer: Step = { id: 'answer', do: 'respond', status: 200, body: { ok: true } };

/** GET endpoint that answers 200, after calling what it has to call. */
export const endpoint = (id: string, ...steps: Step[]): Endpoint => ({
  id,
  method: 'GET',
  path: `/${id}`,
  steps: [...steps, answer],
});

/** A step that calls an endpoint of the same id under a policy. */
export const ask = (to: string, id: string, timeoutMs: number, policy?: CallPolicy): Step => ({
  id: 'ask',
  do: 'call',
  to,
  endpoint: id,
  input: { headers: { 'x-request-id': '${uuid()}' } },
  timeoutMs,
  ...(policy === undefined ? {} : { policy }),
});

/** A service of one instance that never comes back by itself; each handler takes `serviceMs`. */
export const service = (name: string, endpoints: Endpoint[], serviceMs = 0): TopologyNode => ({
  kind: 'service',
  name,
  position,
  config: {
    version: '1',
    port: 8000,
    replicas: 1,
    serviceTime: { kind: 'constant', ms: serviceMs },
    startupMs: 0,
    restartDelayMs: null,
    prefetch: 1,
    values: {},
    endpoints,
    subscriptions: [],
  },
});

/** Open load of evenly spaced or exponential arrivals over the given paths. */
export const client = (
  to: string,
  paths: readonly string[],
  ratePerSecond: number,
  arrival: 'constant' | 'exponential' = 'constant',
  timeoutMs = 60_000,
): TopologyNode => ({
  kind: 'client',
  name: 'client',
  position,
  config: {
    clientKind: 'web',
    load: { model: 'open', ratePerSecond, arrival },
    timeoutMs,
    requests: paths.map((path) => ({ id: path.slice(1), name: path, to, method: 'GET', path, weight: 1 })),
  },
});

/** A run of these nodes, joined in pairs by HTTP links of a constant latency; the drawing must be free of errors. */
export function runOf(
  nodes: Record<string, TopologyNode>,
  links: readonly [string, string][],
  latencyMs: number,
  seed = 1,
): RunDefinition {
  const config: Link['config'] = {
    latency: { distribution: { kind: 'constant', ms: latencyMs }, minUs: Math.round(latencyMs * 1000) },
  };
  const drawn = links.map(([from, to]): [string, Link] => [
    `${from}-${to}`,
    { kind: 'http', from: { node: from }, to: { node: to }, config },
  ]);
  const document: Document = {
    format: 'servarium',
    version: 1,
    id: 'calls',
    name: 'Calls',
    seed,
    speed: 1,
    groups: {},
    nodes,
    links: Object.fromEntries(drawn),
  };
  const errors = validateDocument(document).filter((problem) => problem.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(({ code, at, message }) => `${code} ${at}: ${message}`).join('\n'));
  return { documentId: document.id, topology: compileTopology(document), initialData: null, seed, inputs: [] };
}

/** HTTP requests that were sent to a node. */
export const requestsTo = (events: readonly LogEvent[], node: string): number =>
  events.filter((e) => e.type === 'message.sent' && e.payload.kind === 'http.request' && e.to.startsWith(`${node}#`))
    .length;

/** Round-trip times (µs) of what the client got with 200 for this path, begun in [from, to). */
export function latencies(events: readonly LogEvent[], path: string, from = 0, to = Infinity): number[] {
  const begun = new Map<string, number>();
  const took: number[] = [];
  for (const e of events) {
    if (!e.source.startsWith('client#')) continue;
    if (e.type === 'span.started' && e.attributes['url.path'] === path && e.t >= from && e.t < to)
      begun.set(e.spanId, e.t);
    else if (e.type === 'span.ended' && e.attributes['http.response.status_code'] === 200 && begun.has(e.spanId))
      took.push(e.t - (begun.get(e.spanId) ?? 0));
  }
  return took;
}

/** Arithmetic mean; 0 of nothing. */
export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** No pause at all. */
export const immediate: Retries['backoff'] = {
  initialIntervalMs: 0,
  backoffCoefficient: 1,
  maxIntervalMs: 0,
  jitter: 'none',
};
export const threeRetries: Retries = { maxAttempts: 4, on: ['connection', '5xx'], backoff: immediate };

/** client -> s1 -> ... -> sk -> bottom, each of the k layers with the same retries; nobody listens at the bottom. */
export function layers(k: number, retries: Retries, ratePerSecond: number): RunDefinition {
  const names = Array.from({ length: k }, (_, index) => `s${index + 1}`);
  const nodes: Record<string, TopologyNode> = {
    client: client('s1', ['/ask'], ratePerSecond),
    bottom: service('bottom', [endpoint('ask')]),
  };
  names.forEach((name, index) => {
    nodes[name] = service(name, [endpoint('ask', ask(names[index + 1] ?? 'bottom', 'ask', 60_000, { retries }))]);
  });
  const chain = ['client', ...names, 'bottom'];
  const links = chain.slice(1).map((to, index): [string, string] => [chain[index] ?? '', to]);
  return runOf(nodes, links, 50);
}
/** Requests at the first layer and at the bottom, which is out of order from the start. */
export function amplification(
  k: number,
  retries: Retries,
  rate: number,
  seconds: number,
): { asked: number; bottom: number } {
  const run = new VirtualRun(layers(k, retries, rate));
  run.inject({ kind: 'fault.set', fault: { kind: 'outage', node: 'bottom' } });
  run.runUntil(seconds * 1_000_000);
  return { asked: requestsTo(run.events, 's1'), bottom: requestsTo(run.events, 'bottom') };
}
