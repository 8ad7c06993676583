import { canonicalize, sortedKeys } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { DbOp, DbResult } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import { columnValue } from './column.ts';
import { storeFailure, type StoreFailure } from './failure.ts';
import { checkedValues, completeRow, missingValue, orderRows, rowKey, type TableStore } from './table-store.ts';
import {
  lockRow,
  uniqueConflict,
  visibleRow,
  visibleRows,
  writeRow,
  type Shared,
  type Transaction,
} from './transactions.ts';
import { equalTo, matches, predicateOf, type Predicate } from './where.ts';

export type RowOp = Extract<DbOp, { table: string }>;
/** Where a statement stands: rows chosen when it began, those already written. Kept while it waits for a lock. */
export interface Progress {
  keys: string[] | null;
  at: number;
  rows: TableRow[];
}
export const newProgress = (): Progress => ({ keys: null, at: 0, rows: [] });
export type Attempt = { wait: string } | DbResult;

const done = (value: Json): DbResult => ({ ok: true, value });
const copy = (row: TableRow): TableRow => ({ ...row });

/** Runs a statement as far as it comes: to its result, or to a lock that another transaction holds (call again when that one ended). */
export function attempt(shared: Shared, tx: Transaction, op: RowOp, progress: Progress): Attempt {
  const table = shared.tables.get(op.table);
  if (table === undefined) return storeFailure('no_table', `relation "${op.table}" does not exist`);
  switch (op.op) {
    case 'insert':
      return insert(shared, tx, table, op.row);
    case 'get': {
      const key = columnValue(table.types.get(table.primaryKey) ?? 'json', op.key, table.primaryKey);
      if (!key.ok) return key;
      const row = visibleRow(tx, table, canonicalize(key.value));
      return done(row === null ? null : copy(row));
    }
    case 'find':
      return find(tx, table, op);
    case 'update':
    case 'delete':
      return change(shared, tx, table, op, progress);
  }
}

function insert(shared: Shared, tx: Transaction, table: TableStore, given: TableRow): Attempt {
  const values = checkedValues(table, given);
  if (!values.ok) return values;
  const row = completeRow(table, values.value);
  const missing = missingValue(table, row);
  if (missing !== null) return missing;
  const conflict = uniqueConflict(shared, tx, table, row, null);
  if (conflict !== null) return conflict;
  const key = rowKey(table, row);
  lockRow(shared, tx, table, key);
  writeRow(shared, tx, table, key, row);
  return done(copy(row));
}

function find(tx: Transaction, table: TableStore, op: Extract<RowOp, { op: 'find' }>): Attempt {
  const predicate = predicateOf(table, op.where);
  if (!predicate.ok) return predicate;
  const orderBy = op.orderBy ?? table.primaryKey;
  if (!table.types.has(orderBy)) {
    return storeFailure('undefined_column', `column "${orderBy}" does not exist in "${table.name}"`);
  }
  const rows = candidates(tx, table, predicate.value).map(([, row]) => row);
  const ordered = orderRows(table, rows, orderBy, op.descending ?? false);
  return done((op.limit === undefined ? ordered : ordered.slice(0, op.limit)).map(copy));
}

/** Rows that the statement sees and its predicate takes; a primary key given by equality is looked up. */
function candidates(tx: Transaction, table: TableStore, predicate: Predicate): [string, TableRow][] {
  const wanted = equalTo(predicate, table.primaryKey);
  if (wanted === undefined) return visibleRows(tx, table).filter(([, row]) => matches(predicate, row));
  const key = canonicalize(wanted);
  const row = visibleRow(tx, table, key);
  return row !== null && matches(predicate, row) ? [[key, row]] : [];
}

/**
 * UPDATE and DELETE under READ COMMITTED: the rows are chosen by what is committed when the statement begins; a row locked by
 * another transaction is waited for, and its new version must match the WHERE again (PostgreSQL docs, 13.2.1).
 */
function change(
  shared: Shared,
  tx: Transaction,
  table: TableStore,
  op: Extract<RowOp, { op: 'update' | 'delete' }>,
  progress: Progress,
): Attempt {
  const predicate = predicateOf(table, op.where);
  if (!predicate.ok) return predicate;
  const assign = op.op === 'delete' ? null : assignment(table, op);
  if (assign !== null && !assign.ok) return assign;
  if (progress.keys === null) {
    const rows = candidates(tx, table, predicate.value).map(([, row]) => row);
    progress.keys = orderRows(table, rows, table.primaryKey, false).map((row) => rowKey(table, row));
  }
  for (; progress.at < progress.keys.length; progress.at += 1) {
    const key = progress.keys[progress.at] as string;
    const holder = lockRow(shared, tx, table, key);
    if (holder !== null) return { wait: holder };
    const row = visibleRow(tx, table, key);
    if (row === null || !matches(predicate.value, row)) continue;
    if (assign === null) {
      writeRow(shared, tx, table, key, null);
      progress.rows.push(row);
      continue;
    }
    const next = assign.value(row);
    if (!next.ok) return next;
    const stopped = replace(shared, tx, table, key, next.value);
    if (stopped !== null) return stopped;
    progress.rows.push(next.value);
  }
  const count = progress.rows.length;
  return done(op.op === 'delete' ? { count } : { count, rows: progress.rows.map(copy) });
}

/** Writes a new version of a locked row; a changed primary key moves it. */
function replace(
  shared: Shared,
  tx: Transaction,
  table: TableStore,
  key: string,
  row: TableRow,
): { wait: string } | StoreFailure | null {
  const missing = missingValue(table, row);
  if (missing !== null) return missing;
  const conflict = uniqueConflict(shared, tx, table, row, key);
  if (conflict !== null) return conflict;
  const target = rowKey(table, row);
  if (target !== key) {
    writeRow(shared, tx, table, key, null);
    lockRow(shared, tx, table, target);
  }
  writeRow(shared, tx, table, target, row);
  return null;
}

type Assigned = { ok: true; value: TableRow } | StoreFailure;

/** Checked SET list as a function old row -> new row; `increment` adds to numeric columns, null stays null as in SQL. */
function assignment(
  table: TableStore,
  op: Extract<RowOp, { op: 'update' }>,
): { ok: true; value: (row: TableRow) => Assigned } | StoreFailure {
  const set = checkedValues(table, op.set);
  if (!set.ok) return set;
  const increment = checkedValues(table, op.increment);
  if (!increment.ok) return increment;
  for (const column of sortedKeys(increment.value)) {
    const type = table.types.get(column);
    if ((type !== 'int' && type !== 'number') || typeof increment.value[column] !== 'number') {
      return storeFailure(
        'invalid_type',
        `column "${column}" cannot be incremented by ${canonicalize(increment.value[column] ?? null)}`,
      );
    }
    if (Object.hasOwn(set.value, column)) {
      return storeFailure('invalid_type', `multiple assignments to same column "${column}"`);
    }
  }
  return {
    ok: true,
    value: (row) => {
      const next: TableRow = { ...row, ...set.value };
      for (const column of sortedKeys(increment.value)) {
        const old = row[column] ?? null;
        if (typeof old !== 'number') continue;
        const sum = columnValue(table.types.get(column) ?? 'json', old + Number(increment.value[column]), column);
        if (!sum.ok) return sum;
        next[column] = sum.value;
      }
      return { ok: true, value: next };
    },
  };
}
