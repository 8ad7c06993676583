import type { InstanceId } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import { storeFailure, type StoreFailure } from './failure.ts';
import { constraintKey, putRow, type Constraint, type TableStore } from './table-store.ts';

/** One transaction; a statement outside of one gets its own, which ends with it. */
export interface Transaction {
  id: string;
  client: InstanceId;
  /** Begun for one statement only. */
  isAuto: boolean;
  /** A statement failed: everything was undone, only the end is still to come (PostgreSQL 25P02). */
  isAborted: boolean;
  /** Table -> key -> uncommitted version, null = deleted; in order of first write. */
  writes: Map<string, Map<string, TableRow | null>>;
  /** Written records in order of first write. */
  order: [table: string, key: string][];
  locks: string[];
  claims: string[];
}

/** Everything that concurrent transactions share. */
export interface Shared {
  tables: Map<string, TableStore>;
  /** Row -> id of the transaction that wrote it. */
  locks: Map<string, string>;
  /** Unique value of an uncommitted version -> who wrote it, and into which row. */
  claims: Map<string, { tx: string; key: string }>;
}

export const newTransaction = (id: string, client: InstanceId, isAuto: boolean): Transaction => ({
  id,
  client,
  isAuto,
  isAborted: false,
  writes: new Map(),
  order: [],
  locks: [],
  claims: [],
});

const lockName = (table: string, key: string): string => `${table} ${key}`;
const claimName = (constraint: Constraint, value: string): string => `${constraint.name} ${value}`;

/** The version of a row that the transaction sees now: its own, else the committed one (READ COMMITTED). */
export function visibleRow(tx: Transaction, table: TableStore, key: string): TableRow | null {
  const own = tx.writes.get(table.name)?.get(key);
  return own === undefined ? (table.rows.get(key) ?? null) : own;
}

/** All rows that the transaction sees now, as key and row, in no promised order. */
export function visibleRows(tx: Transaction, table: TableStore): [string, TableRow][] {
  const own = tx.writes.get(table.name);
  if (own === undefined) return [...table.rows];
  const seen: [string, TableRow][] = [];
  for (const [key, row] of table.rows) if (!own.has(key)) seen.push([key, row]);
  for (const [key, row] of own) if (row !== null) seen.push([key, row]);
  return seen;
}

/** Takes the row's lock, or names the transaction that holds it. */
export function lockRow(shared: Shared, tx: Transaction, table: TableStore, key: string): string | null {
  const name = lockName(table.name, key);
  const holder = shared.locks.get(name);
  if (holder !== undefined) return holder === tx.id ? null : holder;
  shared.locks.set(name, tx.id);
  tx.locks.push(name);
  return null;
}

/**
 * Looks for another live row with the same unique values. Returns the transaction to wait for when that is not decided yet
 * (PostgreSQL waits for the writer of the conflicting version), a `unique_violation`, or null. `self` = key of the row being updated.
 */
export function uniqueConflict(
  shared: Shared,
  tx: Transaction,
  table: TableStore,
  row: TableRow,
  self: string | null,
): { wait: string } | StoreFailure | null {
  for (const [index, constraint] of table.constraints.entries()) {
    const value = constraintKey(constraint, row);
    if (value === null) continue;
    const violation = storeFailure(
      'unique_violation',
      `duplicate key value violates unique constraint "${constraint.name}"`,
    );
    const claim = shared.claims.get(claimName(constraint, value));
    if (claim !== undefined && claim.tx !== tx.id) return { wait: claim.tx };
    if (claim !== undefined && claim.key !== self) return violation;
    const other = table.indexes[index]?.get(value);
    if (other === undefined || other === self) continue;
    const holder = shared.locks.get(lockName(table.name, other));
    if (holder !== undefined && holder !== tx.id) return { wait: holder };
    const mine = visibleRow(tx, table, other);
    if (mine !== null && constraintKey(constraint, mine) === value) return violation;
  }
  return null;
}

/** Records an uncommitted version (row null = deleted); the caller holds the lock and has checked for conflicts. */
export function writeRow(shared: Shared, tx: Transaction, table: TableStore, key: string, row: TableRow | null): void {
  const own = tx.writes.get(table.name) ?? new Map<string, TableRow | null>();
  tx.writes.set(table.name, own);
  const previous = own.get(key);
  if (previous === undefined) tx.order.push([table.name, key]);
  own.set(key, row);
  for (const constraint of table.constraints) {
    const old = previous === undefined || previous === null ? null : constraintKey(constraint, previous);
    if (old !== null && shared.claims.get(claimName(constraint, old))?.key === key) {
      shared.claims.delete(claimName(constraint, old));
    }
    const fresh = row === null ? null : constraintKey(constraint, row);
    if (fresh === null) continue;
    const name = claimName(constraint, fresh);
    shared.claims.set(name, { tx: tx.id, key });
    tx.claims.push(name);
  }
}

function release(shared: Shared, tx: Transaction): void {
  for (const name of tx.locks) if (shared.locks.get(name) === tx.id) shared.locks.delete(name);
  for (const name of tx.claims) if (shared.claims.get(name)?.tx === tx.id) shared.claims.delete(name);
  tx.locks = [];
  tx.claims = [];
  tx.writes = new Map();
  tx.order = [];
}

/** One durable change, as `store.applied` reports it. */
export interface AppliedRow {
  table: string;
  key: string;
  before: TableRow | null;
  after: TableRow | null;
}

/** Makes all versions of the transaction durable at once and lets go of its locks. */
export function commitWrites(shared: Shared, tx: Transaction): AppliedRow[] {
  const applied: AppliedRow[] = [];
  for (const [name, key] of tx.order) {
    const table = shared.tables.get(name);
    const after = tx.writes.get(name)?.get(key) ?? null;
    // A table that an edit removed meanwhile takes nothing more.
    if (table === undefined) continue;
    const before = table.rows.get(key) ?? null;
    if (before === null && after === null) continue;
    putRow(table, key, after);
    applied.push({ table: name, key, before, after });
  }
  release(shared, tx);
  return applied;
}

/** Undoes everything at once and lets go of the locks; the transaction stays `aborted` until its end is told. */
export function abortWrites(shared: Shared, tx: Transaction): void {
  release(shared, tx);
  tx.isAborted = true;
}
