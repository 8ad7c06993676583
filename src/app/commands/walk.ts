import type { Document } from '../../core/topology/schema/types.ts';

/** A unit step: one of the four directions of the arrow keys. */
export interface Direction {
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

/** The node to go to from one node in a direction: the nearest linked one, else the nearest of all; without a start the first from the top left. */
export function walk(
  document: Pick<Document, 'nodes' | 'links'>,
  from: string | null,
  direction: Direction,
): string | null {
  const start = from === null ? undefined : document.nodes[from];
  if (from === null || !start) {
    const [first] = Object.entries(document.nodes).sort(
      ([, a], [, b]) => a.position.x + a.position.y - b.position.x - b.position.y,
    );
    return first?.[0] ?? null;
  }
  const linked = new Set<string>();
  for (const link of Object.values(document.links)) {
    if (link.from.node === from) linked.add(link.to.node);
    if (link.to.node === from) linked.add(link.from.node);
  }
  const others = Object.keys(document.nodes).filter((id) => id !== from);
  return nearest(others.filter((id) => linked.has(id))) ?? nearest(others);

  function nearest(ids: readonly string[]): string | null {
    let best: { id: string; cost: number } | null = null;
    for (const id of ids) {
      const node = document.nodes[id];
      if (!node || !start) continue;
      const [dx, dy] = [node.position.x - start.position.x, node.position.y - start.position.y];
      const ahead = dx * direction.x + dy * direction.y;
      const aside = Math.abs(dx * direction.y) + Math.abs(dy * direction.x);
      // Only what lies more ahead than aside is in that direction.
      if (ahead <= 0 || aside > ahead * 2) continue;
      const cost = ahead + aside * 2;
      if (!best || cost < best.cost) best = { id, cost };
    }
    return best?.id ?? null;
  }
}
