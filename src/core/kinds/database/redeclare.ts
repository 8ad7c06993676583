import { canonicalize } from '../../base/canonical.ts';
import type { TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/schema/types.ts';
import type { Database } from './machine.ts';
import { adoptedRow, createTable, putRow, rowKey } from './table-store.ts';
import type { AppliedRow } from './transactions.ts';

const same = (a: unknown, b: unknown): boolean =>
  canonicalize(a as Parameters<typeof canonicalize>[0]) === canonicalize(b as Parameters<typeof canonicalize>[0]);

/**
 * Applies changed declarations at once: a new table begins with its initial rows, a changed one keeps its rows in the new columns
 * (added ones null), a removed one is dropped. Unlike PostgreSQL's DDL it waits for no open transaction: uncommitted rows follow.
 */
export function redeclare(
  db: Database,
  tables: readonly Table[],
  initial: Record<string, readonly TableRow[]>,
): AppliedRow[] {
  const applied: AppliedRow[] = [];
  const old = new Map(db.tables);
  db.tables.clear();
  for (const declared of tables) {
    const kept = old.get(declared.name);
    if (kept !== undefined && same(kept.declared, declared)) {
      db.tables.set(declared.name, kept);
      continue;
    }
    const table = createTable(declared);
    db.tables.set(declared.name, table);
    const rows = kept === undefined ? (initial[declared.name] ?? []) : [...kept.rows.values()];
    for (const row of rows) {
      const after = adoptedRow(table, row);
      const key = rowKey(table, after);
      putRow(table, key, after);
      const before = kept?.rows.get(key) ?? null;
      if (before === null || !same(before, after)) applied.push({ table: declared.name, key, before, after });
    }
    for (const tx of db.transactions.values()) {
      const own = tx.writes.get(declared.name);
      for (const [key, row] of own ?? []) if (row !== null) own?.set(key, adoptedRow(table, row));
    }
  }
  for (const [name, table] of old) {
    for (const [key, before] of table.rows) {
      if (db.tables.get(name)?.rows.has(key) !== true) applied.push({ table: name, key, before, after: null });
    }
  }
  return applied;
}
