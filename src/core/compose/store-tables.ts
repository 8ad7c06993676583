import type { ExecutableTopology, Table } from '../topology/types.ts';

/** Tables that the export creates for a database node: the declared ones. */
export function storeTables(node: string, topology: ExecutableTopology): Table[] {
  const record = topology.nodes[node];
  return record?.kind === 'database' ? record.config.tables : [];
}
