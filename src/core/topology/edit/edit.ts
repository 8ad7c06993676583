import { err, ok, type Result } from '../../base/result.ts';
import { pruneNodes, type Broken } from './broken.ts';
import { freeId } from '../wiring/default-behaviour.ts';
import { diffDocuments } from './diff.ts';
import { editProblem } from './edit-texts.ts';
import { faultTarget } from '../schema/fault.ts';
import { findPreset, presetConfig } from '../wiring/presets.ts';
import { sortedEntries } from '../sorted.ts';
import { handlersOf, idsOf } from '../steps.ts';
import type { Demo, Document, Fault, Group, TopologyDiff, TopologyNode } from '../schema/types.ts';

/** A document after an edit, and what the edit changed. The document given to an edit is never changed. */
export interface Edit {
  document: Document;
  diff: TopologyDiff;
}
/** Gives a fresh record id (10 characters from crypto in the app); core has no randomness. */
export type NewId = () => string;
export interface Point {
  x: number;
  y: number;
}

/** The edit from one document to another. */
export const editOf = (before: Document, after: Document): Edit => ({
  document: after,
  diff: diffDocuments(before, after),
});
/** A map of records without a prototype, with some replaced or added. */
export const withRecords = <T>(
  records: Readonly<Record<string, T>>,
  changes: Readonly<Record<string, T>>,
): Record<string, T> => Object.assign(Object.create(null) as Record<string, T>, records, changes);
const withoutRecords = <T>(records: Readonly<Record<string, T>>, ids: ReadonlySet<string>): Record<string, T> =>
  Object.assign(
    Object.create(null) as Record<string, T>,
    Object.fromEntries(Object.entries(records).filter(([id]) => !ids.has(id))),
  );
/** The node of that id, or undefined; never reads a prototype. */
export const nodeAt = (document: Document, id: string): TopologyNode | undefined =>
  Object.hasOwn(document.nodes, id) ? document.nodes[id] : undefined;

/** Network names in use. */
export const namesIn = (document: Document): Set<string> =>
  new Set(Object.values(document.nodes).map((node) => node.name));
function freePort(document: Document): number {
  const taken = new Set(Object.values(document.nodes).map((node) => (node.kind === 'service' ? node.config.port : 0)));
  let port = 8001;
  while (taken.has(port)) port += 1;
  return port;
}

/** Places a node of a preset (`user`, `broker`, ...) or of a kind; its network name is made unique. Null when there is no such preset. */
export function addNode(
  document: Document,
  what: string,
  at: Point,
  newId: NewId,
  parent?: string,
): (Edit & { id: string }) | null {
  const preset = findPreset(what);
  if (preset === undefined) return null;
  const id = newId();
  const name = freeId(preset.name, namesIn(document));
  const title = name === preset.name ? preset.title : `${preset.title} ${name.slice(preset.name.length + 1)}`;
  const base = { name, title, position: at, ...(parent === undefined ? {} : { parent }) };
  const placed = presetConfig(preset, name, freePort(document));
  const node: TopologyNode = { ...base, ...placed };
  return { ...editOf(document, { ...document, nodes: withRecords(document.nodes, { [id]: node }) }), id };
}

const hasStep = (service: Extract<TopologyNode, { kind: 'service' }>, id: string): boolean =>
  handlersOf(service.config).some((handler) => idsOf(handler.steps).has(id));

/** True when what a fault is set on is still there. */
function isFaultable(document: Document, fault: Fault): boolean {
  if ('link' in fault) return Object.hasOwn(document.links, fault.link);
  const node = nodeAt(document, fault.node);
  if (fault.kind !== 'step-error') return node !== undefined;
  return node?.kind === 'service' && hasStep(node, fault.step);
}

function demoAfter(document: Document, broken: Broken[]): Demo | undefined {
  const { demo } = document;
  if (demo === undefined) return undefined;
  const client = nodeAt(document, demo.primary.client);
  if (client?.kind !== 'client' || !client.config.requests.some((request) => request.id === demo.primary.request)) {
    broken.push({ node: demo.primary.client, kind: 'demo', id: demo.primary.request, handler: null, isRemoved: true });
    return undefined;
  }
  const fault = demo.break?.fault;
  if (fault === undefined || isFaultable(document, fault)) return demo;
  const id = fault.kind === 'step-error' ? fault.step : fault.kind;
  broken.push({ node: faultTarget(fault), kind: 'demo', id, handler: null, isRemoved: true });
  return { primary: demo.primary };
}

function remove(document: Document, ids: ReadonlySet<string>): { document: Document; broken: Broken[] } {
  const links = Object.fromEntries(
    Object.entries(document.links).filter(
      ([id, link]) => !ids.has(id) && !ids.has(link.from.node) && !ids.has(link.to.node),
    ),
  );
  const groups = withoutRecords(document.groups, ids);
  const left = Object.entries(withoutRecords(document.nodes, ids)).map(([id, node]): [string, TopologyNode] => {
    if (node.parent === undefined || Object.hasOwn(groups, node.parent)) return [id, node];
    const { parent: _, ...free } = node;
    return [id, free];
  });
  const after = {
    ...document,
    nodes: withRecords(Object.fromEntries(left), {}),
    links: withRecords(links, {}),
    groups,
  };
  const pruned = pruneNodes(document, after);
  const { demo: _, ...rest } = { ...after, nodes: pruned.nodes };
  const demo = demoAfter({ ...after, nodes: pruned.nodes }, pruned.broken);
  return { document: demo === undefined ? rest : { ...rest, demo }, broken: pruned.broken };
}

/** Removes nodes, links and groups with everything that hangs on them: links of a removed node, and the steps, subscriptions, routes and requests that lose their link. One undo. Nodes of a removed group stay. */
export function removeRecords(document: Document, ids: readonly string[]): Edit & { broken: Broken[] } {
  const removed = remove(document, new Set(ids));
  return { ...editOf(document, removed.document), broken: removed.broken };
}

/** What `removeRecords` would break: to be shown before it is done. */
export const brokenBy = (document: Document, ids: readonly string[]): Broken[] => remove(document, new Set(ids)).broken;

/** Fields of a node that an edit may set; `null` removes an optional one; `config` is merged at its first level. */
export interface NodePatch {
  title?: string | null;
  notes?: string | null;
  parent?: string | null;
  position?: Point;
  config?: Readonly<Record<string, unknown>>;
}

/** Changes fields of a node; unknown ids change nothing. The caller checks the result with `validateDocument`. */
export function updateNode(document: Document, id: string, patch: NodePatch): Edit {
  const node = nodeAt(document, id);
  if (node === undefined) return editOf(document, document);
  const next: Record<string, unknown> = { ...node };
  for (const field of ['title', 'notes', 'parent', 'position'] as const) {
    const value = patch[field];
    if (value === null) delete next[field];
    else if (value !== undefined) next[field] = value;
  }
  if (patch.config !== undefined) {
    const config: Record<string, unknown> = { ...node.config, ...patch.config };
    for (const key of Object.keys(config)) if (config[key] === undefined) delete config[key];
    next['config'] = config;
  }
  return editOf(document, { ...document, nodes: withRecords(document.nodes, { [id]: next as TopologyNode }) });
}

/** Changes fields of a link. */
export function updateLink(document: Document, id: string, patch: Partial<Document['links'][string]>): Edit {
  const link = Object.hasOwn(document.links, id) ? document.links[id] : undefined;
  if (link === undefined) return editOf(document, document);
  return editOf(document, { ...document, links: withRecords(document.links, { [id]: { ...link, ...patch } }) });
}

/** Changes top-level fields; `demo: null` removes it. */
export function updateMeta(
  document: Document,
  patch: { name?: string; seed?: number; speed?: number; demo?: Demo | null },
): Edit {
  const { demo, ...rest } = patch;
  const next: Document = { ...document, ...rest };
  if (demo === null) delete next.demo;
  else if (demo !== undefined) next.demo = demo;
  return editOf(document, next);
}

/** Moves nodes and groups to absolute places; the nodes of a moved group go with it unless they are named themselves. */
export function moveNodes(document: Document, places: Readonly<Record<string, Point>>): Edit {
  const nodes: Record<string, TopologyNode> = {};
  const groups: Record<string, Group> = {};
  for (const [id, place] of sortedEntries(places)) {
    const node = nodeAt(document, id);
    if (node !== undefined) nodes[id] = { ...node, position: { x: place.x, y: place.y } };
    const group = Object.hasOwn(document.groups, id) ? document.groups[id] : undefined;
    if (group === undefined) continue;
    groups[id] = { ...group, position: { x: place.x, y: place.y } };
    for (const [child, record] of sortedEntries(document.nodes)) {
      if (record.parent !== id || Object.hasOwn(places, child)) continue;
      nodes[child] = {
        ...record,
        position: {
          x: record.position.x + place.x - group.position.x,
          y: record.position.y + place.y - group.position.y,
        },
      };
    }
  }
  return editOf(document, {
    ...document,
    nodes: withRecords(document.nodes, nodes),
    groups: withRecords(document.groups, groups),
  });
}

/** Gives a node another network name (what DNS and the registry know): NAME_INVALID, NAME_DUPLICATE. References are by id and stay. */
export function rename(document: Document, id: string, name: string): Result<Edit> {
  const node = nodeAt(document, id);
  if (node === undefined) return err([editProblem('NODE_UNKNOWN.rename', `nodes/${id}`, { node: id })]);
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
    return err([editProblem('NAME_INVALID', `nodes/${id}/name`, { node: id, name })]);
  if (node.name !== name && namesIn(document).has(name))
    return err([editProblem('NAME_DUPLICATE.rename', `nodes/${id}/name`, { node: id, name })]);
  return ok(editOf(document, { ...document, nodes: withRecords(document.nodes, { [id]: { ...node, name } }) }));
}

/** Place and size of a frame around boxes: 16 beside, 28 above, 8 below (design). */
export function frameAround(boxes: readonly (Point & { width: number; height: number })[]): {
  position: Point;
  size: { width: number; height: number };
} {
  const left = Math.min(...boxes.map((box) => box.x)) - 16;
  const top = Math.min(...boxes.map((box) => box.y)) - 28;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + 16;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + 8;
  return { position: { x: left, y: top }, size: { width: right - left, height: bottom - top } };
}

/** Puts nodes into a new bounded context; `sizeOf` is how large the face of a node is drawn. Null without nodes. */
export function group(
  document: Document,
  ids: readonly string[],
  title: string,
  newId: NewId,
  sizeOf: (id: string, node: TopologyNode) => { width: number; height: number },
): (Edit & { id: string }) | null {
  const members = ids.flatMap((id): [string, TopologyNode][] => {
    const node = nodeAt(document, id);
    return node === undefined ? [] : [[id, node]];
  });
  if (members.length === 0) return null;
  const id = newId();
  const frame = frameAround(members.map(([member, node]) => ({ ...node.position, ...sizeOf(member, node) })));
  const nodes = Object.fromEntries(
    members.map(([member, node]): [string, TopologyNode] => [member, { ...node, parent: id }]),
  );
  return {
    ...editOf(document, {
      ...document,
      nodes: withRecords(document.nodes, nodes),
      groups: withRecords(document.groups, { [id]: { title, ...frame } }),
    }),
    id,
  };
}

/** Dissolves bounded contexts; their nodes stay where they are. */
export const ungroup = (document: Document, ids: readonly string[]): Edit =>
  editOf(document, remove(document, new Set(ids.filter((id) => Object.hasOwn(document.groups, id)))).document);

/** Changes the title, place or size of a bounded context. */
export function updateGroup(document: Document, id: string, patch: Partial<Group>): Edit {
  const known = Object.hasOwn(document.groups, id) ? document.groups[id] : undefined;
  if (known === undefined) return editOf(document, document);
  return editOf(document, { ...document, groups: withRecords(document.groups, { [id]: { ...known, ...patch } }) });
}

/** A document with nothing in it. */
export const emptyDocument = (id: string, name: string): Document => ({
  format: 'servarium',
  version: 1,
  id,
  name,
  nodes: withRecords<TopologyNode>({}, {}),
  links: withRecords<Document['links'][string]>({}, {}),
  groups: withRecords<Group>({}, {}),
  seed: 1,
  speed: 0.1,
});
