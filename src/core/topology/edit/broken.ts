import { askingClients } from '../wiring/auth-preset.ts';
import { pruneGateway } from './broken-gateway.ts';
import { namesBound, readers } from './readers.ts';
import { sortedEntries } from '../sorted.ts';
import { describesRpc, rpcServicesBehind } from '../wiring/grpc-routes.ts';
import { innerSteps, mapStepLists } from '../steps.ts';
import type { ClientRequest, ConfigOf, Document, LinkKind, Step, TopologyNode } from '../schema/types.ts';

/** Something that stops working when records are removed. */
export interface Broken {
  /** Node that holds it. */
  node: string;
  kind: 'step' | 'subscription' | 'route' | 'request' | 'demo' | 'auth';
  /** Id of the step, subscription, route or request. */
  id: string;
  /** Handler that holds a step; null otherwise. */
  handler: string | null;
  /** True: removed together with the records. False: kept, but it reads a name that a removed step bound. */
  isRemoved: boolean;
}

/** Which links exist, for asking whether a reference still stands. */
export interface Wiring {
  has(kind: LinkKind, from: string, to: string): boolean;
  /** Databases that a service owns. */
  stores(service: string): readonly string[];
  node(id: string): TopologyNode | undefined;
  /** True when a service behind a gateway describes an rpc. */
  describes(gateway: string, rpc: string): boolean;
}
function wiringOf(document: Pick<Document, 'nodes' | 'links'>): Wiring {
  const links = sortedEntries(document.links).map(([, link]) => link);
  const known = new Set(links.map((link) => `${link.kind} ${link.from.node} ${link.to.node}`));
  return {
    has: (kind, from, to) => known.has(`${kind} ${from} ${to}`),
    stores: (service) =>
      links.filter((link) => link.kind === 'owns' && link.from.node === service).map((link) => link.to.node),
    node: (id) => (Object.hasOwn(document.nodes, id) ? document.nodes[id] : undefined),
    describes: (gateway, rpc) =>
      rpcServicesBehind(document, gateway).some(({ service }) => describesRpc(service.config.grpc?.proto ?? '', rpc)),
  };
}

/** A call of a gRPC method or of a gateway goes over a gRPC link, every other over HTTP. */
function callStands(step: Extract<Step, { do: 'call' }>, service: string, wiring: Wiring): boolean {
  const callee = wiring.node(step.to);
  if (callee?.kind === 'gateway')
    return wiring.has('grpc', service, step.to) && wiring.describes(step.to, step.endpoint);
  if (callee?.kind !== 'service') return false;
  const isRpc = callee.config.grpc?.methods.some((method) => method.id === step.endpoint) === true;
  return wiring.has(isRpc ? 'grpc' : 'http', service, step.to);
}

/** True when a reference stands in this wiring. */
function stepStands(step: Step, service: string, wiring: Wiring): boolean {
  const owns = (store: string | undefined): boolean =>
    store === undefined ? wiring.stores(service).length > 0 : wiring.stores(service).includes(store);
  switch (step.do) {
    case 'call':
      return callStands(step, service, wiring);
    case 'publish':
      return (
        wiring.node(step.to)?.kind === 'broker' &&
        wiring.has('publish', service, step.to) &&
        (step.via === 'direct' || owns(undefined))
      );
    case 'insert':
    case 'get':
    case 'find':
    case 'update':
    case 'delete':
    case 'transaction':
      return owns(step.store);
    default:
      return true;
  }
}
const requestStands = ({ to, protocol, path }: ClientRequest, client: string, wiring: Wiring): boolean =>
  wiring.has(protocol ?? 'http', client, to) &&
  (protocol === 'grpc' && wiring.node(to)?.kind === 'gateway'
    ? wiring.describes(to, path.slice(1))
    : wiring.node(to) !== undefined);
/** What one removal does to one handler. */
interface Pruning {
  breaks(step: Step): boolean;
  /** Told of each removed step. */
  removed(step: Step): void;
}

/** The steps without those that broke; a container that lost everything goes with them. */
function prune(steps: readonly Step[], pruning: Pruning): Step[] {
  const kept: Step[] = [];
  for (const step of steps) {
    const next = pruning.breaks(step) ? null : pruneInside(step, pruning);
    if (next === null) pruning.removed(step);
    else kept.push(next);
  }
  return kept.length === steps.length && kept.every((step, index) => step === steps[index]) ? (steps as Step[]) : kept;
}

/** The step with its inner steps pruned; null when nothing that it is for is left; itself when nothing changed. */
function pruneInside(step: Step, pruning: Pruning): Step | null {
  let isChanged = false;
  const next = mapStepLists(step, (steps) => {
    const kept = prune(steps, pruning);
    if (kept !== steps) isChanged = true;
    return kept;
  });
  if (!isChanged) return step;
  // A `try` is for what it tries: without that, its catches have nothing to catch.
  const purpose = next.do === 'try' ? [next.steps, next.finally ?? []] : innerSteps(next);
  if (purpose.every((steps) => steps.length === 0)) return null;
  return next.do === 'parallel'
    ? { ...next, branches: next.branches.filter((branch) => branch.steps.length > 0) }
    : next;
}

interface Handled {
  steps: Step[];
  broken: Omit<Broken, 'node' | 'kind'>[];
}
/** Steps that only compute or tell: without what they read there is nothing left for them to do. */
const isPure = ({ do: what }: Step): boolean => what === 'set' || what === 'log';

/** The handler without the broken steps, without what only computed from their results and so on; what answers, stores or decides by a lost result stays and is listed. */
function pruneHandler(id: string, steps: readonly Step[], breaks: (step: Step) => boolean): Handled {
  const removed: Step[] = [];
  const without = (list: readonly Step[], isGone: (step: Step) => boolean): Step[] =>
    prune(list, { breaks: isGone, removed: (step) => removed.push(step) });
  let kept = without(steps, breaks);
  for (;;) {
    const stillBound = namesBound(kept);
    const lost = new Set([...namesBound(removed)].filter((name) => !stillBound.has(name)));
    const left = lost.size === 0 ? [] : readers(kept, lost);
    const idle = new Set(left.filter(isPure));
    if (idle.size === 0) {
      const listed = (isRemoved: boolean) => (step: Step) => ({ id: step.id, handler: id, isRemoved });
      return { steps: kept, broken: [...removed.map(listed(true)), ...left.map(listed(false))] };
    }
    kept = without(kept, (step) => idle.has(step));
  }
}

interface Pruned {
  node: TopologyNode;
  broken: Omit<Broken, 'node'>[];
}
function pruneService(
  id: string,
  given: ConfigOf<'service'>,
  before: Wiring | null,
  after: Wiring,
): { config: ConfigOf<'service'>; broken: Omit<Broken, 'node'>[] } {
  const breaks = (step: Step): boolean =>
    (before === null || stepStands(step, id, before)) && !stepStands(step, id, after);
  const config = askingClients(given, breaks);
  const broken: Omit<Broken, 'node'>[] = [];
  const handle = <T extends { id: string; steps: Step[] }>(handler: T): T => {
    const pruned = pruneHandler(handler.id, handler.steps, breaks);
    broken.push(...pruned.broken.map((found) => ({ ...found, kind: 'step' as const })));
    return pruned.steps === handler.steps ? handler : { ...handler, steps: pruned.steps };
  };
  const endpoints = config.endpoints.map(handle);
  const subscriptions = config.subscriptions.flatMap((subscription) => {
    const stood = before === null || before.has('subscribe', subscription.broker, id);
    if (!stood || after.has('subscribe', subscription.broker, id)) return [handle(subscription)];
    broken.push({ kind: 'subscription', id: subscription.id, handler: null, isRemoved: true });
    return [];
  });
  const { grpc } = config;
  const methods = grpc === undefined ? {} : { grpc: { ...grpc, methods: grpc.methods.map(handle) } };
  const isSame = config === given && !broken.some((found) => found.isRemoved);
  return { config: isSame ? given : { ...config, endpoints, subscriptions, ...methods }, broken };
}

/** The client without requests, and without its login when that is one of them. */
function withoutRequests(config: ConfigOf<'client'>, lost: readonly ClientRequest[]): ConfigOf<'client'> {
  const { login, ...rest } = config;
  const requests = config.requests.filter((request) => !lost.includes(request));
  return requests.some(({ id }) => id === login) ? { ...config, requests } : { ...rest, requests };
}

/** The node as it stands in the new wiring, and what it lost. Only what stood before can break. */
function pruneNode(id: string, node: TopologyNode, before: Wiring | null, after: Wiring): Pruned {
  if (node.kind === 'service') {
    const { config, broken } = pruneService(id, node.config, before, after);
    return config === node.config ? { node, broken } : { node: { ...node, config }, broken };
  }
  if (node.kind === 'gateway') {
    const { config, broken } = pruneGateway(id, node.config, before, after);
    const isSame = broken.length === 0 && config.routes.every((route, at) => route === node.config.routes[at]);
    return isSame ? { node, broken } : { node: { ...node, config }, broken };
  }
  if (node.kind === 'client') {
    const lost = node.config.requests.filter(
      (request) => (before === null || requestStands(request, id, before)) && !requestStands(request, id, after),
    );
    const broken = lost.map((request) => ({
      kind: 'request' as const,
      id: request.id,
      handler: null,
      isRemoved: true,
    }));
    return lost.length === 0
      ? { node, broken }
      : {
          node: {
            ...node,
            config: withoutRequests(node.config, lost),
          },
          broken,
        };
  }
  return { node, broken: [] };
}

/**
 * The nodes of `after` without the steps, subscriptions, routes and requests that its wiring broke, and the list of them.
 * `before` null: everything counts as having stood. `only`: the nodes that are looked at.
 */
export function pruneNodes(
  before: Pick<Document, 'nodes' | 'links'> | null,
  after: Pick<Document, 'nodes' | 'links'>,
  only?: ReadonlySet<string>,
): { nodes: Document['nodes']; broken: Broken[] } {
  const was = before === null ? null : wiringOf(before);
  const is = wiringOf(after);
  const nodes = Object.assign(Object.create(null) as Document['nodes'], after.nodes);
  const broken: Broken[] = [];
  for (const [id, node] of sortedEntries(after.nodes)) {
    if (only?.has(id) === false) continue;
    const pruned = pruneNode(id, node, was, is);
    nodes[id] = pruned.node;
    broken.push(...pruned.broken.map((found) => ({ ...found, node: id })));
  }
  return { nodes, broken };
}
