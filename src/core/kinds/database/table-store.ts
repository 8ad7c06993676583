import { canonicalize, sortedKeys } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/schema/types.ts';
import { columnValue, compareNullable, type ColumnType } from './column.ts';
import { storeFailure, type StoreFailure } from './failure.ts';

/** A unique constraint; index 0 is the primary key. */
export interface Constraint {
  name: string;
  columns: readonly string[];
}

/** Committed rows of one table with their unique indexes. Rows are frozen by convention: replaced, never changed. */
export interface TableStore {
  name: string;
  /** What it was made from: an unchanged declaration keeps the store. */
  declared: Table;
  primaryKey: string;
  types: ReadonlyMap<string, ColumnType>;
  required: readonly string[];
  constraints: readonly Constraint[];
  /** Canonical key text -> row. */
  rows: Map<string, TableRow>;
  /** Per constraint: value text -> key text. */
  indexes: Map<string, string>[];
}

/** An empty table; constraint names are those that PostgreSQL gives (`acc_pkey`, `acc_email_key`). */
export function createTable(table: Table): TableStore {
  const unique = (table.unique ?? []).map((columns) => ({ name: `${table.name}_${columns.join('_')}_key`, columns }));
  const constraints = [{ name: `${table.name}_pkey`, columns: [table.primaryKey] }, ...unique];
  const required = table.columns.filter((column) => !column.nullable || column.name === table.primaryKey);
  return {
    name: table.name,
    declared: table,
    primaryKey: table.primaryKey,
    types: new Map(table.columns.map((column) => [column.name, column.type])),
    required: required.map((column) => column.name),
    constraints,
    rows: new Map(),
    indexes: constraints.map(() => new Map()),
  };
}

/** Text of a row's values under a constraint, or null when one is null (nulls never collide, as in SQL). */
export function constraintKey(constraint: Constraint, row: TableRow): string | null {
  const values = constraint.columns.map((column) => row[column] ?? null);
  return values.includes(null) ? null : canonicalize(values);
}

export const rowKey = (table: TableStore, row: TableRow): string => canonicalize(row[table.primaryKey] ?? null);

/** Values for the table's columns, checked and normalised; a column that the table lacks is a failure. */
export function checkedValues(table: TableStore, values: TableRow): { ok: true; value: TableRow } | StoreFailure {
  const entries: [string, Json][] = [];
  for (const column of sortedKeys(values)) {
    const type = table.types.get(column);
    if (type === undefined) {
      return storeFailure('undefined_column', `column "${column}" of relation "${table.name}" does not exist`);
    }
    const checked = columnValue(type, values[column] ?? null, column);
    if (!checked.ok) return checked;
    entries.push([column, checked.value]);
  }
  return { ok: true, value: Object.fromEntries(entries) };
}

/** A not-null failure of a complete row, or null. */
export function missingValue(table: TableStore, row: TableRow): StoreFailure | null {
  const column = table.required.find((name) => (row[name] ?? null) === null);
  if (column === undefined) return null;
  return storeFailure(
    'not_null_violation',
    `null value in column "${column}" of relation "${table.name}" violates not-null constraint`,
  );
}

/** The row with all declared columns in declared order, absent ones null; what the table does not declare is left out. */
export const completeRow = (table: TableStore, row: TableRow): TableRow =>
  Object.fromEntries([...table.types.keys()].map((column) => [column, row[column] ?? null]));

/** A stored or initial row as this table keeps it; a value of a wrong type stays as it was stored. */
export function adoptedRow(table: TableStore, row: TableRow): TableRow {
  const complete = completeRow(table, row);
  for (const [column, type] of table.types) {
    const checked = columnValue(type, complete[column] ?? null, column);
    if (checked.ok) complete[column] = checked.value;
  }
  return complete;
}

/** Puts or removes (row null) the committed row under a key and keeps the indexes true. */
export function putRow(table: TableStore, key: string, row: TableRow | null): void {
  const before = table.rows.get(key);
  for (const [index, constraint] of table.constraints.entries()) {
    const entries = table.indexes[index] as Map<string, string>;
    const old = before === undefined ? null : constraintKey(constraint, before);
    if (old !== null && entries.get(old) === key) entries.delete(old);
    const fresh = row === null ? null : constraintKey(constraint, row);
    if (fresh !== null) entries.set(fresh, key);
  }
  if (row === null) table.rows.delete(key);
  else table.rows.set(key, row);
}

/** Rows in a total order: by the column (nulls last ascending, first descending), then by primary key ascending. */
export function orderRows(table: TableStore, rows: TableRow[], orderBy: string, descending: boolean): TableRow[] {
  const sign = descending ? -1 : 1;
  const of = (row: TableRow, column: string): Json => row[column] ?? null;
  return rows.sort(
    (a, b) =>
      sign * compareNullable(of(a, orderBy), of(b, orderBy)) ||
      compareNullable(of(a, table.primaryKey), of(b, table.primaryKey)),
  );
}
