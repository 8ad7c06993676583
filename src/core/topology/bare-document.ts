import type { Document } from './schema/types.ts';

/** Records by id without a prototype, so that an id such as `constructor` finds nothing but a record. */
const bare = <T>(record: Record<string, T>): Record<string, T> =>
  Object.assign(Object.create(null) as Record<string, T>, record);

/** The same document with nodes, links and groups that have no prototype: the form in which documents are held. */
export const bareDocument = (document: Document): Document => ({
  ...document,
  nodes: bare(document.nodes),
  links: bare(document.links),
  groups: bare(document.groups),
});
