import { pruneNodes } from './broken.ts';
import { freeId } from '../wiring/default-behaviour.ts';
import { editOf, namesIn, nodeAt, withRecords, type Edit, type NewId, type Point } from './edit.ts';
import type { Clip } from './copy.ts';
import { sortedEntries } from '../sorted.ts';
import { mapSteps } from '../steps.ts';
import type { Auth, Document, Group, Link, Step, TopologyNode } from '../schema/types.ts';

type Ids = ReadonlyMap<string, string>;
type Action = Extract<TopologyNode, { kind: 'gateway' }>['config']['routes'][number]['action'];
const renamed = (ids: Ids, id: string): string => ids.get(id) ?? id;

function remapStep(step: Step, ids: Ids): Step {
  if (step.do === 'call' || step.do === 'publish') return { ...step, to: renamed(ids, step.to) };
  return 'store' in step && step.store !== undefined ? { ...step, store: renamed(ids, step.store) } : step;
}
const remapAction = (action: Action, ids: Ids): Action =>
  action.kind === 'forward'
    ? { ...action, to: renamed(ids, action.to) }
    : { ...action, parts: action.parts.map((part) => ({ ...part, to: renamed(ids, part.to) })) };

const remapAuth = (auth: Auth | undefined, ids: Ids): { auth?: Auth } =>
  auth?.kind === 'jwt' && auth.jwks.kind === 'node'
    ? { auth: { ...auth, jwks: { ...auth.jwks, node: renamed(ids, auth.jwks.node) } } }
    : {};

/** The node with its references to copied nodes pointing at the copies. */
function remapNode(node: TopologyNode, ids: Ids): TopologyNode {
  switch (node.kind) {
    case 'service': {
      const change = (step: Step): Step => remapStep(step, ids);
      const endpoints = node.config.endpoints.map((endpoint) => ({
        ...endpoint,
        steps: mapSteps(endpoint.steps, change),
      }));
      const subscriptions = node.config.subscriptions.map((known) => ({
        ...known,
        broker: renamed(ids, known.broker),
        steps: mapSteps(known.steps, change),
      }));
      const { grpc } = node.config;
      const methods = grpc?.methods.map((method) => ({ ...method, steps: mapSteps(method.steps, change) })) ?? [];
      const more = grpc === undefined ? {} : { grpc: { ...grpc, methods } };
      return { ...node, config: { ...node.config, endpoints, subscriptions, ...more } };
    }
    case 'gateway':
      return {
        ...node,
        config: {
          ...node.config,
          ...remapAuth(node.config.auth, ids),
          routes: node.config.routes.map((route) => ({ ...route, action: remapAction(route.action, ids) })),
        },
      };
    case 'client':
      return {
        ...node,
        config: {
          ...node.config,
          requests: node.config.requests.map((request) => ({ ...request, to: renamed(ids, request.to) })),
        },
      };
    default:
      return node;
  }
}

/** Links from a copy to a node outside that are kept when that node is there: calls, queues, discovery; a database is never shared by copying. */
const keepsOutside = (link: Link, isFromInside: boolean): boolean =>
  isFromInside
    ? link.kind === 'http' || link.kind === 'publish' || link.kind === 'discovery'
    : link.kind === 'subscribe';

/** Pastes a clip moved by `offset`, with new ids and free names; steps whose links were not copied go, so that links and steps agree. */
export function paste(document: Document, clip: Clip, offset: Point, newId: NewId): Edit & { ids: string[] } {
  const ids = new Map(sortedEntries(clip.nodes).map(([id]) => [id, newId()]));
  const groupIds = new Map(sortedEntries(clip.groups).map(([id]) => [id, newId()]));
  const names = namesIn(document);
  const move = (point: Point): Point => ({ x: point.x + offset.x, y: point.y + offset.y });
  const nodes: Record<string, TopologyNode> = {};
  for (const [id, node] of sortedEntries(clip.nodes)) {
    const name = freeId(node.name, names);
    names.add(name);
    const { parent, ...rest } = remapNode(node, ids);
    const kept =
      parent === undefined
        ? undefined
        : (groupIds.get(parent) ?? (Object.hasOwn(document.groups, parent) ? parent : undefined));
    nodes[ids.get(id) as string] = {
      ...rest,
      name,
      position: move(node.position),
      ...(kept === undefined ? {} : { parent: kept }),
    };
  }
  const links: Record<string, Link> = {};
  for (const [, link] of sortedEntries(clip.links)) {
    const from = ids.get(link.from.node);
    const to = ids.get(link.to.node);
    const outside = from === undefined ? link.from.node : to === undefined ? link.to.node : null;
    if (outside !== null && (nodeAt(document, outside) === undefined || !keepsOutside(link, from !== undefined)))
      continue;
    links[newId()] = {
      ...link,
      from: { ...link.from, node: from ?? link.from.node },
      to: { ...link.to, node: to ?? link.to.node },
    };
  }
  const groups = Object.fromEntries(
    sortedEntries(clip.groups).map(([id, known]): [string, Group] => [
      groupIds.get(id) as string,
      { ...known, position: move(known.position) },
    ]),
  );
  const after = {
    ...document,
    nodes: withRecords(document.nodes, nodes),
    links: withRecords(document.links, links),
    groups: withRecords(document.groups, groups),
  };
  const pruned = pruneNodes(null, after, new Set(ids.values()));
  return { ...editOf(document, { ...after, nodes: pruned.nodes }), ids: [...ids.values(), ...groupIds.values()] };
}
