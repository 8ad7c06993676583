import { sortedKeys } from '../base/canonical.ts';
import { usesOutbox } from '../behaviour/compiled.ts';
import { OUTBOX_TABLE } from '../behaviour/outbox.ts';
import { handlersOf } from '../topology/steps.ts';
import type { ExecutableTopology, Table } from '../topology/schema/types.ts';

/** Tables that the export creates for a database node: the declared ones, and the outbox where a service that owns it publishes through one. */
export function storeTables(node: string, topology: ExecutableTopology): Table[] {
  const record = topology.nodes[node];
  if (record?.kind !== 'database') return [];
  const { tables } = record.config;
  if (tables.some((table) => table.name === OUTBOX_TABLE.name)) return tables;
  const needsOutbox = sortedKeys(topology.links).some((id) => {
    const link = topology.links[id];
    const owner = link?.kind === 'owns' && link.to === node ? topology.nodes[link.from] : undefined;
    if (owner?.kind !== 'service') return false;
    return handlersOf(owner.config).some((handler) => usesOutbox(handler.steps));
  });
  return needsOutbox ? [...tables, OUTBOX_TABLE] : tables;
}
