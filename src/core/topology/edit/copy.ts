import { sortedEntries } from '../sorted.ts';
import type { Document, Group, Link, TopologyNode } from '../schema/types.ts';

/** What is copied: plain JSON, so that it goes through the clipboard between tabs. */
export interface Clip {
  format: 'servarium-clip';
  nodes: Record<string, TopologyNode>;
  /** Links with at least one end among the nodes. */
  links: Record<string, Link>;
  groups: Record<string, Group>;
}

/** Copies nodes (and all nodes of copied groups) with the links that touch them. */
export function copy(document: Document, ids: readonly string[]): Clip {
  const chosen = new Set(ids);
  const nodes = sortedEntries(document.nodes).filter(
    ([id, node]) => chosen.has(id) || (node.parent !== undefined && chosen.has(node.parent)),
  );
  const inside = new Set(nodes.map(([id]) => id));
  return {
    format: 'servarium-clip',
    nodes: Object.fromEntries(nodes),
    links: Object.fromEntries(
      sortedEntries(document.links).filter(([, link]) => inside.has(link.from.node) || inside.has(link.to.node)),
    ),
    groups: Object.fromEntries(sortedEntries(document.groups).filter(([id]) => chosen.has(id))),
  };
}
