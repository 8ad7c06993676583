import type { Document } from '../../core/topology/types.ts';

/** A component and everything that is linked to it, by id. */
export function neighbourhood({ links }: Pick<Document, 'links'>, node: string): ReadonlySet<string> {
  const near = new Set([node]);
  for (const { from, to } of Object.values(links)) {
    if (from.node === node) near.add(to.node);
    if (to.node === node) near.add(from.node);
  }
  return near;
}
