import type { Document } from '../../core/topology/schema/types.ts';

/** A component and everything that is at most `hops` links away from it, by id; the component itself comes first. */
export function neighbourhood({ links }: Pick<Document, 'links'>, node: string, hops = 1): ReadonlySet<string> {
  const near = new Set([node]);
  for (let hop = 0; hop < hops; hop += 1) {
    const before = new Set(near);
    for (const { from, to } of Object.values(links)) {
      if (before.has(from.node)) near.add(to.node);
      if (before.has(to.node)) near.add(from.node);
    }
  }
  return near;
}
