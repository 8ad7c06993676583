import type { Result } from '../../core/base/result.ts';
import {
  addNode,
  brokenBy,
  removeRecords,
  updateGroup,
  updateMeta,
  updateNode,
  type Edit,
  type Point,
} from '../../core/topology/edit/edit.ts';
import type { Broken } from '../../core/topology/edit/broken.ts';
import { diffDocuments } from '../../core/topology/edit/diff.ts';
import type { Document, Group, TopologyDiff, TopologyNode } from '../../core/topology/schema/types.ts';
import { newId } from '../document/new-id.ts';
import type { Services } from '../services.ts';
import { selectionSize, type Selection } from '../view/view-state.ts';

type Editing = Pick<Services, 'documents' | 'view'>;
const done = (edit: Edit): Result<TopologyDiff> => ({ ok: true, value: edit.diff });
export const nameOf = (node: Pick<TopologyNode, 'title' | 'name'> | undefined): string =>
  node?.title || node?.name || '';

/** True when edits are not accepted: another tab writes this document. Says so. */
export function refuseWhenReadOnly({ documents, view }: Editing): boolean {
  if (documents.get().saved !== 'readonly') return false;
  view.notify({ tone: 'error', words: { key: 'reason.readOnly' } });
  return true;
}

/** Half of the usual face, so that a dropped node lies centred under the pointer. */
const HALF = { x: 92, y: 31 };
const SNAP = 8;
const snap = (value: number) => Math.round(value / SNAP) * SNAP;

/** Adds a ready-made node at a point of the canvas (its middle), or where there is room; selects it. Returns its id. */
export function addPreset(services: Editing, preset: string, at: Point | null): string | null {
  if (refuseWhenReadOnly(services)) return null;
  const { documents, view } = services;
  const place = at
    ? { x: snap(at.x - HALF.x), y: snap(at.y - HALF.y) }
    : (view.canvas?.freePlace({ width: 2 * HALF.x, height: 2 * HALF.y }) ?? { x: 0, y: 0 });
  let id: string | null = null;
  documents.edit('edit.add', (document) => {
    const parent = at ? groupAt(document, at) : undefined;
    const added = addNode(document, preset, place, newId, parent);
    id = added?.id ?? null;
    return { ok: true, value: added?.diff ?? diffDocuments(document, document) };
  });
  if (id !== null) {
    view.select({ nodes: [id] });
    view.announce({ key: 'canvas.added', values: { name: nameOf(documents.get().document.nodes[id]) } });
  }
  return id;
}

function groupAt(document: Document, at: Point): string | undefined {
  return Object.entries(document.groups).find(([, { position, size }]) => {
    return (
      at.x >= position.x && at.x <= position.x + size.width && at.y >= position.y && at.y <= position.y + size.height
    );
  })?.[0];
}

export interface Moves {
  nodes: ReadonlyMap<string, Point>;
  groups: ReadonlyMap<string, Point>;
  /** New bounded context per node; null = none. */
  parents: ReadonlyMap<string, string | null>;
  /** New sizes of bounded contexts. */
  sizes?: ReadonlyMap<string, Group['size']>;
}

/** Moves nodes and frames to absolute places as one undo step; moves with the same `coalesce` that follow each other are one. */
export function moveRecords(services: Editing, moves: Moves, coalesce?: string, label = 'edit.move'): void {
  if (refuseWhenReadOnly(services)) return;
  services.documents.edit(
    label,
    (document) => {
      const nodes = { ...document.nodes };
      const groups = { ...document.groups };
      for (const [id, position] of moves.nodes) if (nodes[id]) nodes[id] = { ...nodes[id], position };
      for (const [id, position] of moves.groups) if (groups[id]) groups[id] = { ...groups[id], position };
      for (const [id, size] of moves.sizes ?? []) if (groups[id]) groups[id] = { ...groups[id], size };
      for (const [id, parent] of moves.parents) {
        const node = nodes[id];
        if (!node) continue;
        const { parent: _, ...free } = node;
        nodes[id] = parent === null ? free : { ...node, parent };
      }
      return { ok: true, value: diffDocuments(document, { ...document, nodes, groups }) };
    },
    coalesce === undefined ? undefined : { coalesce },
  );
}

/** Pins the selected components where they are, or frees them when all of them are pinned: auto layout leaves pinned ones alone. */
export function pinSelection(services: Editing): void {
  if (refuseWhenReadOnly(services)) return;
  const { documents, view } = services;
  const { nodes: ids } = view.get().selection;
  const isPinned = arePinned(documents.get().document, ids);
  documents.edit(isPinned ? 'edit.unpin' : 'edit.pin', (document) => {
    const nodes = { ...document.nodes };
    for (const id of ids) {
      const node = nodes[id];
      if (!node) continue;
      const { pinned: _, ...free } = node;
      nodes[id] = isPinned ? free : { ...node, pinned: true };
    }
    return { ok: true, value: diffDocuments(document, { ...document, nodes }) };
  });
  view.announce({ key: isPinned ? 'canvas.unpinned' : 'canvas.pinned', values: { count: ids.length } });
}

/** Whether all of these components are pinned. */
export const arePinned = (document: Document, ids: readonly string[]): boolean =>
  ids.length > 0 && ids.every((id) => document.nodes[id]?.pinned === true);

/** Moves the selection by some px; presses that follow each other are one undo step. */
export function nudge(services: Editing, dx: number, dy: number): void {
  const { selection } = services.view.get();
  const { document } = services.documents.get();
  const nodes = new Map<string, Point>();
  const groups = new Map<string, Point>();
  const by = ({ x, y }: Point) => ({ x: x + dx, y: y + dy });
  for (const id of selection.groups) {
    const group = document.groups[id];
    if (!group) continue;
    groups.set(id, by(group.position));
    for (const [child, node] of Object.entries(document.nodes))
      if (node.parent === id) nodes.set(child, by(node.position));
  }
  for (const id of selection.nodes) {
    const node = document.nodes[id];
    if (node) nodes.set(id, by(node.position));
  }
  moveRecords(services, { nodes, groups, parents: new Map() }, `nudge ${JSON.stringify(selection)}`);
}

/** What is selected as record ids; a group and a node never stand for each other here. */
const idsOf = (selection: Selection): string[] => [...selection.nodes, ...selection.links, ...selection.groups];

/** Names of what would stop working, one line each. */
export function brokenNames(document: Document, broken: readonly Broken[]): string[] {
  return broken.map(({ node, id, handler }) => {
    const owner = nameOf(document.nodes[node]) || node;
    return handler === null ? `${owner}: ${id}` : `${owner}: ${handler} / ${id}`;
  });
}

/** Deletes the selection with everything that hangs on it, as one undo step; says what went with it and offers to take it back. */
export function deleteSelection(services: Editing): void {
  if (refuseWhenReadOnly(services)) return;
  const { documents, view } = services;
  const { selection } = view.get();
  if (selectionSize(selection) === 0) return;
  const ids = idsOf(selection);
  const before = documents.get().document;
  const broken = brokenBy(before, ids);
  const isOnlyLinks = selection.nodes.length === 0 && selection.groups.length === 0;
  documents.edit(isOnlyLinks ? 'edit.disconnect' : 'edit.remove', (document) => done(removeRecords(document, ids)));
  const what = [
    ...selection.nodes.map((id) => nameOf(before.nodes[id])),
    ...selection.groups.map((id) => before.groups[id]?.title ?? ''),
  ];
  view.select({});
  view.notify({
    tone: 'plain',
    words: isOnlyLinks
      ? broken.length === 0
        ? { key: 'canvas.linkRemovedPlain' }
        : { key: 'canvas.linkRemoved', values: { count: broken.length } }
      : { key: 'canvas.removed', values: { what: what.filter(Boolean).join(', ') } },
    ...(broken.length > 0 && { lines: brokenNames(before, broken) }),
    action: { label: { key: 'app.undo' }, perform: () => documents.undo() },
  });
}

/** Gives a node or group (`group:<id>` for a frame) another title. */
export function renameRecord(services: Editing, record: string, title: string): void {
  if (refuseWhenReadOnly(services)) return;
  services.documents.edit('edit.rename', (document) =>
    done(
      record.startsWith('group:')
        ? updateGroup(document, record.slice('group:'.length), { title })
        : updateNode(document, record, { title }),
    ),
  );
}

/** Gives the document another name. */
export function renameDocument(services: Editing, name: string): void {
  if (refuseWhenReadOnly(services)) return;
  services.documents.edit('edit.rename', (document) => done(updateMeta(document, { name })));
}

/** Puts the selected nodes into a new bounded context; the frame fits around their faces. */
export function groupSelection(
  services: Editing,
  title: string,
  frame: (document: Document, nodes: readonly string[]) => Omit<Group, 'title'>,
): void {
  if (refuseWhenReadOnly(services)) return;
  const { documents, view } = services;
  const members = view.get().selection.nodes;
  if (members.length === 0) return;
  const id = newId();
  documents.edit('edit.group', (document) => {
    const nodes = { ...document.nodes };
    for (const member of members) if (nodes[member]) nodes[member] = { ...nodes[member], parent: id };
    const groups = { ...document.groups, [id]: { title, ...frame(document, members) } };
    return { ok: true, value: diffDocuments(document, { ...document, nodes, groups }) };
  });
  view.select({ groups: [id] });
  view.setRenaming(`group:${id}`);
}

/** Dissolves the selected bounded contexts; their nodes stay. */
export function ungroupSelection(services: Editing): void {
  if (refuseWhenReadOnly(services)) return;
  const { documents, view } = services;
  const selected = new Set(view.get().selection.groups);
  const freed: string[] = [];
  documents.edit('edit.ungroup', (document) => {
    const groups = Object.fromEntries(Object.entries(document.groups).filter(([id]) => !selected.has(id)));
    const nodes = { ...document.nodes };
    for (const [id, node] of Object.entries(nodes)) {
      if (node.parent === undefined || !selected.has(node.parent)) continue;
      const { parent: _, ...free } = node;
      nodes[id] = free;
      freed.push(id);
    }
    return { ok: true, value: diffDocuments(document, { ...document, nodes, groups }) };
  });
  view.select({ nodes: freed });
}
