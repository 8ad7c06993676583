import type { NodeChange } from '@xyflow/react';
import type { Selection } from '../../app/view/view-state.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import type { Point } from './curve.ts';
import type { Moved } from './layout.ts';
import { groupOf } from './to-flow.ts';

/** The selection after the canvas reported changes; React Flow's own copy is never read. */
export function selectionFrom(
  changes: readonly { type: string; id?: string; selected?: boolean }[],
  before: Selection,
  of: 'nodes' | 'links',
): Selection {
  const nodes = new Set(before.nodes);
  const links = new Set(before.links);
  const groups = new Set(before.groups);
  for (const change of changes) {
    if (change.type !== 'select' || change.id === undefined) continue;
    const group = of === 'nodes' ? groupOf(change.id) : null;
    const set = of === 'links' ? links : group === null ? nodes : groups;
    const id = group ?? change.id;
    if (change.selected) set.add(id);
    else set.delete(id);
  }
  return { nodes: [...nodes], links: [...links], groups: [...groups] };
}

/** Places while dragging: a frame takes the nodes along that lie in it. */
export function movedFrom(changes: readonly NodeChange[], before: Moved, document: Document): Moved {
  const nodes = new Map(before.nodes);
  const frames = new Map(before.frames);
  const carried = new Map<string, Point>();
  for (const change of changes) {
    if (change.type !== 'position' || !change.position) continue;
    const group = groupOf(change.id);
    if (group === null) {
      nodes.set(change.id, change.position);
      continue;
    }
    const base = document.groups[group]?.position;
    if (!base) continue;
    frames.set(group, change.position);
    const [dx, dy] = [change.position.x - base.x, change.position.y - base.y];
    for (const [id, node] of Object.entries(document.nodes)) {
      if (node.parent === group) carried.set(id, { x: node.position.x + dx, y: node.position.y + dy });
    }
  }
  for (const [id, place] of carried) nodes.set(id, place);
  return { nodes, frames };
}
