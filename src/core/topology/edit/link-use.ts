import type { Json } from '../../base/json.ts';
import { askingUsers } from '../wiring/auth-preset.ts';
import { ABOUT, aboutEndpoint, freeId, tableEndpoints } from '../wiring/default-behaviour.ts';
import { nodeAt } from './edit.ts';
import { firstTable } from '../wiring/presets.ts';
import { callRpc, requestRpc } from './link-use-grpc.ts';
import { callThrough, routeRpcs } from './link-use-rpc-gateway.ts';
import { sortedEntries } from '../sorted.ts';
import { flattenSteps, handlersOf } from '../steps.ts';
import { freeName, withStep } from './with-step.ts';
import type {
  ConfigOf,
  Document,
  Endpoint,
  LinkKind,
  NodeOf,
  Route,
  Step,
  Subscription,
  TopologyNode,
} from '../schema/types.ts';

type Service = NodeOf<'service'>;
type Nodes = Record<string, TopologyNode>;
/** What a drawn link adds so that something uses it. */
export interface LinkUse {
  /** Changed nodes. */
  nodes: Nodes;
  /** The record in the foreground of the change; null when nothing was needed. */
  added: { node: string; kind: 'step' | 'route' | 'request' | 'subscription' | 'table'; id: string } | null;
}
type Use = LinkUse;

/** Literal part of a path before its first parameter, without a trailing slash. */
const literalPrefix = (path: string): string => (path.split('/{')[0] ?? '').replace(/\/$/, '') || '/';
const parameters = (path: string): string[] => [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
/** The endpoint that is easiest to call: a GET with the fewest parameters, else the first. */
function easiest(endpoints: readonly Endpoint[]): Endpoint | undefined {
  const reads = endpoints.filter((endpoint) => endpoint.method === 'GET');
  return [...reads].sort((a, b) => parameters(a.path).length - parameters(b.path).length)[0] ?? endpoints[0];
}

function callService(from: string, caller: Service, to: string, callee: Service): Use {
  const endpoint = easiest(callee.config.endpoints);
  const target = endpoint ?? aboutEndpoint(callee.name);
  const params = Object.fromEntries(parameters(target.path).map((name): [string, Json] => [name, '1']));
  const { service, step } = withStep(caller, (ids) => ({
    id: freeId(`call-${callee.name}`, ids),
    do: 'call',
    to,
    endpoint: target.id,
    input: {
      ...(Object.keys(params).length === 0 ? {} : { params }),
      ...(target.method === 'GET' || target.method === 'DELETE' ? {} : { body: {} }),
    },
    timeoutMs: 1_000,
    as: freeName(caller, callee.name),
  }));
  const nodes: Nodes = { [from]: service };
  if (endpoint === undefined) nodes[to] = { ...callee, config: { ...callee.config, endpoints: [target] } };
  return { nodes, added: { node: from, kind: 'step', id: step.id } };
}

const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

function publishTo(from: string, service: Service, to: string): Use {
  const publisher = withStep(service, (ids, endpoint) => {
    const isCreate = endpoint?.method === 'POST';
    return {
      id: freeId(`publish-${service.name}`, ids),
      do: 'publish',
      to,
      key: `${service.name}.${isCreate ? 'created' : 'used'}`,
      type: `${pascal(service.name)}${isCreate ? 'Created' : 'Used'}`,
      body: { service: service.name, at: '${ now() }' },
      via: 'direct',
    };
  });
  return { nodes: { [from]: publisher.service }, added: { node: from, kind: 'step', id: publisher.step.id } };
}

/** Keys that a service publishes to a broker, expressions left out. */
const publishedKeys = (service: Service, broker: string): string[] =>
  handlersOf(service.config).flatMap((handler) =>
    flattenSteps(handler.steps).flatMap((step) => (step.do === 'publish' && step.to === broker ? [step.key] : [])),
  );

/** All messages, unless the service publishes to the same broker itself: then one key of another, so that it never feeds itself. */
function subscribe(document: Document, broker: string, to: string, service: Service): Use {
  const { config } = service;
  const feedsItself = publishedKeys(service, broker).length > 0;
  const taken = new Set(config.subscriptions.filter((known) => known.broker === broker).map((known) => known.key));
  const others = sortedEntries(document.nodes)
    .flatMap(([id, node]) => (node.kind === 'service' && id !== to ? publishedKeys(node, broker) : []))
    .filter((candidate) => !taken.has(candidate) && !candidate.includes('${'));
  const key = feedsItself || taken.has('#') ? (others[0] ?? 'other.#') : '#';
  const id = freeId(
    `on-${nodeAt(document, broker)?.name ?? broker}`,
    new Set(handlersOf(service.config).map((known) => known.id)),
  );
  const handler: Subscription = {
    id,
    broker,
    key,
    steps: [{ id: 'noted', do: 'log', level: 'info', text: '${ node.name } got ${ message.type }' }],
  };
  return {
    nodes: { [to]: { ...service, config: { ...config, subscriptions: [...config.subscriptions, handler] } } },
    added: { node: to, kind: 'subscription', id },
  };
}

/** The database gets the service's first table; the service reads it in its first handler and gets create and read-one endpoints. */
function own(from: string, service: Service, to: string, database: NodeOf<'database'>): Use {
  const model = firstTable(service);
  const existing = database.config.tables[0];
  const users = service.config.preset === 'auth' ? askingUsers(service, database) : null;
  if (users !== null) {
    return {
      nodes: { [from]: users.service, [to]: users.database },
      added:
        users.table === null
          ? { node: from, kind: 'step', id: users.step }
          : { node: to, kind: 'table', id: users.table },
    };
  }
  const table = existing ?? model.table;
  const rows = existing === undefined ? { ...database.config.rows, [table.name]: model.rows } : database.config.rows;
  const name = freeName(service, table.name);
  const reader = withStep(service, (ids) => ({
    id: freeId(`find-${table.name.replaceAll('_', '-')}`, ids),
    do: 'find',
    table: table.name,
    where: {},
    orderBy: table.primaryKey,
    limit: 20,
    as: name,
  }));
  const { config } = reader.service;
  const [first, ...rest] = config.endpoints;
  const shown = first === undefined ? config.endpoints : [showRows(first, name), ...rest];
  const added = tableEndpoints(first === undefined ? `/api/${service.name}` : literalPrefix(first.path), table, shown);
  return {
    nodes: {
      [from]: { ...reader.service, config: { ...config, endpoints: [...shown, ...added] } },
      [to]: {
        ...database,
        config: { ...database.config, tables: existing === undefined ? [table] : database.config.tables, rows },
      },
    },
    added:
      existing === undefined
        ? { node: to, kind: 'table', id: table.name }
        : { node: from, kind: 'step', id: reader.step.id },
  };
}

/** The endpoint of a fresh service shows the rows in its answer; any other keeps the answer that somebody wrote. */
function showRows(endpoint: Endpoint, name: string): Endpoint {
  if (endpoint.id !== ABOUT) return endpoint;
  const steps = endpoint.steps.map((step): Step =>
    step.do === 'respond' && typeof step.body === 'object' && step.body !== null && !Array.isArray(step.body)
      ? { ...step, body: { ...step.body, [name]: `\${ ${name} }` } }
      : step,
  );
  return { ...endpoint, steps };
}

function routeTo(from: string, gateway: NodeOf<'gateway'>, to: string, service: Service): Use {
  const { routes } = gateway.config;
  const first = easiest(service.config.endpoints);
  const path = first === undefined ? `/api/${service.name}` : literalPrefix(first.path);
  const overHttp = routes.filter((route) => route.protocol === undefined);
  const isTaken = overHttp.some((route) => route.match === 'prefix' && route.path.replace(/\/$/, '') === path);
  const id = freeId(service.name, new Set(routes.map((route) => route.id)));
  const route: Route = {
    id,
    match: 'prefix',
    path: isTaken ? `/api/${service.name}` : path,
    action: { kind: 'forward', to, stripPrefix: false },
  };
  const isStillTaken = overHttp.some((known) => known.match === 'prefix' && known.path === route.path);
  const config: ConfigOf<'gateway'> = { ...gateway.config, routes: isStillTaken ? routes : [...routes, route] };
  return { nodes: { [from]: { ...gateway, config } }, added: isStillTaken ? null : { node: from, kind: 'route', id } };
}

/** True when a request of any client with this method may take the route. */
const allows = ({ methods = [], headers, query, clientKinds, version }: Route, method: string): boolean =>
  (methods.length === 0 || methods.includes(method)) &&
  [headers, query, clientKinds, version].every((condition) => condition === undefined);

/** True when a path takes the route; of a pattern nothing is guessed. */
function leadsTo({ match, path: place }: Route, path: string): boolean {
  if (match === 'regex') return false;
  const wanted = place.replace(/(.)\/$/, '$1').split('/');
  const given = path.split('/');
  if (match !== 'prefix' && match !== 'prefix-first' && wanted.length !== given.length) return false;
  return wanted.every(
    (segment, index) =>
      segment === '' || segment === given[index] || (match === 'template' && /^\{.+\}$/.test(segment)),
  );
}

/** A path that a target answers to, with `1` for parameters. */
function reachablePath(
  document: Document,
  target: TopologyNode,
): { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string } {
  const filled = (endpoint: Endpoint): string => endpoint.path.replace(/\{[^}]*\}/g, '1');
  if (target.kind === 'service') {
    const endpoint = easiest(target.config.endpoints);
    return endpoint === undefined ? { method: 'GET', path: '/' } : { method: endpoint.method, path: filled(endpoint) };
  }
  if (target.kind !== 'gateway') return { method: 'GET', path: '/' };
  for (const route of target.config.routes) {
    if (route.protocol === 'grpc') continue;
    const service = route.action.kind === 'forward' ? nodeAt(document, route.action.to) : undefined;
    if (service?.kind !== 'service') continue;
    const within = service.config.endpoints.filter(
      ({ method, path }) => allows(route, method) && leadsTo(route, path.replace(/\{[^}]*\}/g, '1')),
    );
    const endpoint = easiest(within);
    if (endpoint !== undefined) return { method: endpoint.method, path: filled(endpoint) };
  }
  return { method: 'GET', path: '/' };
}

function request(document: Document, from: string, client: NodeOf<'client'>, to: string, target: TopologyNode): Use {
  const { requests } = client.config;
  const { method, path } = reachablePath(document, target);
  const id = freeId(`${method.toLowerCase()}-${target.name}`, new Set(requests.map((known) => known.id)));
  const added = { id, name: `${method} ${path}`, weight: 1, method, path, to };
  return {
    nodes: { [from]: { ...client, config: { ...client.config, requests: [...requests, added] } } },
    added: { node: from, kind: 'request', id },
  };
}

/**
 * Clients that were linked before the gateway had a route ask for `/`, which nothing answers: the first route gives them
 * something to ask for, so that drawing from left to right makes the same traffic as from right to left.
 */
function withAimedClients(document: Document, gateway: string, before: NodeOf<'gateway'>, use: Use): Use {
  const after = use.nodes[gateway];
  const hasRoot = before.config.routes.some((route) => route.protocol === undefined && route.path === '/');
  if (after?.kind !== 'gateway' || hasRoot) return use;
  const { method, path } = reachablePath({ ...document, nodes: { ...document.nodes, [gateway]: after } }, after);
  if (path === '/') return use;
  const nodes = { ...use.nodes };
  for (const [id, node] of sortedEntries(document.nodes)) {
    if (node.kind !== 'client') continue;
    const isAimless = (known: (typeof node.config.requests)[number]): boolean =>
      known.to === gateway && known.path === '/';
    if (!node.config.requests.some(isAimless)) continue;
    const requests = node.config.requests.map((known) =>
      isAimless(known) ? { ...known, method, path, name: `${method} ${path}` } : known,
    );
    nodes[id] = { ...node, config: { ...node.config, requests } };
  }
  return { ...use, nodes };
}

/** The nodes that a drawn link changes so that something uses it. */
export function useLink(document: Document, from: string, to: string, kind: LinkKind): Use {
  const source = nodeAt(document, from);
  const target = nodeAt(document, to);
  if (source === undefined || target === undefined) return { nodes: {}, added: null };
  if (source.kind === 'service' && target.kind === 'service')
    return kind === 'grpc' ? callRpc(document, from, source, to, target) : callService(from, source, to, target);
  if (source.kind === 'service' && kind === 'publish') return publishTo(from, source, to);
  if (source.kind === 'broker' && target.kind === 'service') return subscribe(document, from, to, target);
  if (source.kind === 'service' && target.kind === 'database') return own(from, source, to, target);
  if (target.kind === 'gateway' && kind === 'grpc') return callThrough(document, from, to, target);
  if (source.kind === 'gateway' && target.kind === 'service') {
    if (kind === 'grpc') return routeRpcs(document, from, source, to, target);
    return withAimedClients(document, from, source, routeTo(from, source, to, target));
  }
  if (source.kind === 'client' && target.kind === 'service' && kind === 'grpc')
    return requestRpc(document, from, source, to, target);
  if (source.kind === 'client') return request(document, from, source, to, target);
  return { nodes: {}, added: null };
}
