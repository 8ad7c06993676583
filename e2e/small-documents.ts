import { emptyDocument } from '../src/core/topology/edit/edit.ts';
import type {
  ConfigOf,
  Document,
  Endpoint,
  Link,
  Route,
  Step,
  TopologyNode,
} from '../src/core/topology/schema/types.ts';

/** Documents that a test draws in a few lines: fixed times, one column per layer, titles that differ from network names. */
type Kind = TopologyNode['kind'];
type Built = (position: TopologyNode['position']) => TopologyNode;

const titled = (name: string): { name: string; title: string } => ({
  name,
  title: `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`,
});

/** An endpoint that answers 200 with who it is and what reached it, after its own steps. */
export function echo(id: string, path: string, method: Endpoint['method'] = 'GET', before: Step[] = []): Endpoint {
  const body = {
    by: '${ config.name }',
    path: '${ request.path }',
    headers: '${ request.headers }',
    body: '${ request.body }',
  };
  return { id, method, path, steps: [...before, { id: `${id}-answer`, do: 'respond', status: 200, body }] };
}

/** A service of constant times; an instance that was killed stays dead. */
export function service(name: string, endpoints: Endpoint[], more: Partial<ConfigOf<'service'>> = {}): Built {
  return (position) => ({
    kind: 'service',
    ...titled(name),
    position,
    config: {
      version: 'v1',
      port: 8001,
      replicas: 1,
      serviceTime: { kind: 'constant', ms: 5 },
      startupMs: 100,
      restartDelayMs: null,
      prefetch: 1,
      values: { name },
      endpoints,
      subscriptions: [],
      ...more,
    },
  });
}

export const gateway =
  (routes: Route[], more: Partial<ConfigOf<'gateway'>> = {}): Built =>
  (position) => ({
    kind: 'gateway',
    ...titled('gateway'),
    position,
    config: { port: 8080, timeoutMs: 5000, replicas: 1, routes, ...more },
  });

/** Consul whose lists are half a second old at most. */
export const registry = (): Built => (position) => ({
  kind: 'registry',
  ...titled('registry'),
  position,
  config: { engine: 'consul', heartbeatMs: 1000, ttlMs: 3000, cacheTtlMs: 500, restartDelayMs: null },
});

/** PostgreSQL without a table. */
export const database = (): Built => (position) => ({
  kind: 'database',
  ...titled('db'),
  position,
  config: { engine: 'postgresql', tables: [], rows: {}, restartDelayMs: null },
});

/** RabbitMQ that delivers without limit. */
export const broker = (): Built => (position) => ({
  kind: 'broker',
  ...titled('broker'),
  position,
  config: { engine: 'rabbitmq', exchange: 'events', deliveryLimit: null, restartDelayMs: null },
});

/** A browser that asks for one path, so often a second. */
export const client =
  (path: string, ratePerSecond: number): Built =>
  (position) => ({
    kind: 'client',
    ...titled('web'),
    position,
    config: {
      clientKind: 'web',
      load: { model: 'open', ratePerSecond, arrival: 'constant' },
      timeoutMs: 5000,
      requests: [{ id: 'ask', name: 'Ask', weight: 1, method: 'GET', path, to: 'gateway' }],
    },
  });

/** A route that forwards as the path stands. */
export function forward(id: string, match: Route['match'], path: string, to: string, more: Partial<Route> = {}): Route {
  return { id, match, path, action: { kind: 'forward', to, stripPrefix: false }, ...more };
}

const COLUMN: Record<Kind, number> = {
  client: 0,
  gateway: 280,
  service: 600,
  registry: 280,
  broker: 900,
  database: 900,
};

/** The document of these nodes by id and links as `kind from to`. */
export function drawn(id: string, built: Record<string, Built>, links: string[]): Document {
  const document = emptyDocument(id, id);
  const rows = new Map<Kind, number>();
  for (const [node, make] of Object.entries(built)) {
    const { kind } = make({ x: 0, y: 0 });
    const row = rows.get(kind) ?? (kind === 'registry' ? 2 : 0);
    rows.set(kind, row + 1);
    document.nodes[node] = make({ x: COLUMN[kind], y: 60 + 170 * row });
  }
  for (const text of links) {
    const [kind = '', from = '', to = ''] = text.split(' ');
    document.links[`${from}-${to}`] = {
      kind: kind as Link['kind'],
      from: { node: from },
      to: { node: to },
      config: { latency: { distribution: { kind: 'constant', ms: 1 }, minUs: 100 } },
    };
  }
  return document;
}
