import type { Json } from '../../base/json.ts';
import { freeId } from '../wiring/default-behaviour.ts';
import { GRPC_PORT } from '../wiring/default-grpc.ts';
import { rpcServicesBehind, takesRpc } from '../wiring/grpc-routes.ts';
import { sortedEntries } from '../sorted.ts';
import { flattenSteps, handlersOf } from '../steps.ts';
import type { Document, NodeOf, Route, TopologyNode } from '../schema/types.ts';
import { describedBy, exampleMessage, withCall, withRpc } from './link-use-grpc.ts';
import type { LinkUse } from './link-use.ts';

type Gateway = NodeOf<'gateway'>;

/** The gateway with a port for gRPC. */
function listening(gateway: Gateway): Gateway {
  if (gateway.config.grpc !== undefined) return gateway;
  const port = gateway.config.port === GRPC_PORT ? GRPC_PORT + 1 : GRPC_PORT;
  return { ...gateway, config: { ...gateway.config, grpc: { port } } };
}

/** The first rpc that a route of the gateway takes, with an example of its message; none of the caller's own, so that it never calls itself. */
function firstRpc(
  document: Document,
  gateway: string,
  caller: string,
): { rpc: string; message: Record<string, Json> } | null {
  const node = document.nodes[gateway];
  const routes = node?.kind === 'gateway' ? node.config.routes : [];
  for (const { id, service } of rpcServicesBehind(document, gateway)) {
    if (id === caller) continue;
    const { proto = '', methods = [] } = service.config.grpc ?? {};
    const method = methods.find(({ rpc }) => routes.some((route) => takesRpc(route, `/${rpc}`)));
    if (method !== undefined) return { rpc: method.rpc, message: exampleMessage(proto, method.rpc) };
  }
  return null;
}

/** Client or service -> gateway over gRPC: one rpc behind the gateway is called, none as long as there is none. */
export function callThrough(document: Document, from: string, to: string, gateway: Gateway): LinkUse {
  const node: Record<string, TopologyNode> = gateway.config.grpc === undefined ? { [to]: listening(gateway) } : {};
  const caller = document.nodes[from];
  const first = firstRpc(document, to, from);
  if (first === null) return { nodes: node, added: null };
  const { rpc, message } = first;
  const { name } = gateway;
  if (caller?.kind === 'client') {
    const { client, id } = withRpc(caller, { to, name, rpc, message });
    return { nodes: { ...node, [from]: client }, added: { node: from, kind: 'request', id } };
  }
  if (caller?.kind !== 'service') return { nodes: node, added: null };
  const { service, step } = withCall(caller, { to, name, endpoint: rpc, message });
  return { nodes: { ...node, [from]: service }, added: { node: from, kind: 'step', id: step.id } };
}

const asks = (node: TopologyNode, gateway: string): boolean =>
  (node.kind === 'client' && node.config.requests.some(({ to, protocol }) => to === gateway && protocol === 'grpc')) ||
  (node.kind === 'service' &&
    handlersOf(node.config).some(({ steps }) =>
      flattenSteps(steps).some((step) => step.do === 'call' && step.to === gateway),
    ));

/** Gateway -> service over gRPC: a route for all rpcs of the service's first proto service; callers that were linked before now have something to call. */
export function routeRpcs(
  document: Document,
  from: string,
  gateway: Gateway,
  to: string,
  callee: NodeOf<'service'>,
): LinkUse {
  const grpc = describedBy(document, to, callee);
  const path = `/${grpc.methods[0]?.rpc.split('/')[0] ?? ''}`;
  const { routes } = gateway.config;
  // Never the id of a route over HTTP, also not of one that this link had before: their counts are not the rpcs'.
  const id = freeId(`${callee.name}-rpc`, new Set(routes.map((route) => route.id)));
  const isTaken = routes.some((route) => route.protocol === 'grpc' && route.match === 'prefix' && route.path === path);
  const route: Route = {
    id,
    protocol: 'grpc',
    match: 'prefix',
    path,
    action: { kind: 'forward', to, stripPrefix: false },
  };
  const open = listening(gateway);
  const routed: Gateway = { ...open, config: { ...open.config, routes: isTaken ? routes : [...routes, route] } };
  const nodes: Record<string, TopologyNode> = { [from]: routed };
  if (grpc !== callee.config.grpc) nodes[to] = { ...callee, config: { ...callee.config, grpc } };
  if (isTaken) return { nodes, added: null };
  const drawn = { kind: 'grpc', from: { node: from }, to: { node: to } } as const;
  // The new link is not in the document yet; ids of links are never empty.
  const latency = { distribution: { kind: 'constant', ms: 0 }, minUs: 50 } as const;
  const links = { ...document.links, '': { ...drawn, config: { latency } } };
  const after: Document = { ...document, links, nodes: { ...document.nodes, ...nodes } };
  for (const [, link] of sortedEntries(document.links)) {
    const caller = document.nodes[link.from.node];
    if (link.kind !== 'grpc' || link.to.node !== from || caller === undefined || asks(caller, from)) continue;
    Object.assign(nodes, callThrough(after, link.from.node, from, routed).nodes);
  }
  return { nodes, added: { node: from, kind: 'route', id } };
}
