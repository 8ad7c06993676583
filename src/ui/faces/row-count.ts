import type { RunView } from '../../core/telemetry/view.ts';
import type { NodeOf } from '../../core/topology/schema/types.ts';

/** Rows of a store's declared tables at the shown time; before a run those of the document. What a server keeps for itself, as an outbox, is no row of it. */
export function rowCount(id: string, { config }: NodeOf<'database'>, tables: RunView['tables']): number {
  const names = config.tables.map(({ name }) => `${id}/${name}`);
  if (![...tables.keys()].some((key) => key.startsWith(`${id}/`)))
    return Object.values(config.rows).reduce((sum, rows) => sum + rows.length, 0);
  return names.reduce((sum, name) => sum + (tables.get(name)?.size ?? 0), 0);
}
