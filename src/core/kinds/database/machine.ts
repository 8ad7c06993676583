import type { DbOp, DbResult, InstanceId } from '../../fabric/message.ts';
import type { StoredRow, TableRow } from '../../storage/types.ts';
import type { Table } from '../../topology/schema/types.ts';
import { storeFailure } from './failure.ts';
import { attempt, newProgress, type Progress, type RowOp } from './statements.ts';
import { adoptedRow, createTable, putRow, rowKey } from './table-store.ts';
import {
  abortWrites,
  commitWrites,
  newTransaction,
  type AppliedRow,
  type Shared,
  type Transaction,
} from './transactions.ts';

/** PostgreSQL's `max_connections`, scaled to a terrarium: open transactions and waiting statements at once. */
export const MAX_SESSIONS = 1000;
/** PostgreSQL's `deadlock_timeout`: how long a statement waits before it looks for a cycle, in µs. */
export const DEADLOCK_TIMEOUT_US = 1_000_000;

export interface Query {
  /** Answered by an output with the same id. */
  id: string;
  client: InstanceId;
  query: DbOp;
}
/** `waiting`: ask for `checkDeadlock(wait)` after `DEADLOCK_TIMEOUT_US`. */
export type Output =
  | { type: 'result'; id: string; result: DbResult }
  | ({ type: 'applied' } & AppliedRow)
  | { type: 'waiting'; wait: number }
  | { type: 'limit'; limit: string; value: number; message: string };

interface Statement {
  id: string;
  tx: Transaction;
  op: DbOp;
  progress: Progress;
  /** Set while it waits: number of this wait, and for whom. */
  wait: { number: number; tx: string } | null;
}

/** A relational store under READ COMMITTED; owned mutable state, changed only by the functions of this file. */
export interface Database extends Shared {
  transactions: Map<string, Transaction>;
  /** Per transaction: what runs or waits first, then what its connection has queued behind. */
  statements: Map<string, Statement[]>;
  /** Waiting statements, longest first. */
  waiting: Statement[];
  waits: number;
  autos: number;
}

/** A store with these tables and durable rows; rows of unknown tables are left out. */
export function createDatabase(tables: readonly Table[], stored: readonly StoredRow[]): Database {
  const db: Database = {
    tables: new Map(tables.map((table) => [table.name, createTable(table)])),
    locks: new Map(),
    claims: new Map(),
    transactions: new Map(),
    statements: new Map(),
    waiting: [],
    waits: 0,
    autos: 0,
  };
  for (const { table: name, row } of stored) {
    const table = db.tables.get(name);
    if (table === undefined) continue;
    const adopted = adoptedRow(table, row as TableRow);
    putRow(table, rowKey(table, adopted), adopted);
  }
  return db;
}

const transactionId = (client: InstanceId, tx: string): string => `${client} ${tx}`;

/** Takes one query; its result comes now or, when it waits for a lock, with a later output. */
export function query(db: Database, { id, client, query: op }: Query): Output[] {
  const out: Output[] = [];
  const answer = (result: DbResult): void => void out.push({ type: 'result', id, result });
  const named = 'tx' in op && op.tx !== undefined ? transactionId(client, op.tx) : null;
  let tx = named === null ? undefined : db.transactions.get(named);
  if (db.transactions.size >= MAX_SESSIONS && tx === undefined && op.op !== 'rollback') {
    const message = 'sorry, too many clients already';
    out.push({ type: 'limit', limit: 'MAX_SESSIONS', value: MAX_SESSIONS, message });
    answer(storeFailure('too_many_connections', message));
  } else if (op.op === 'begin') {
    if (tx !== undefined) answer(storeFailure('active_transaction', 'there is already a transaction in progress'));
    else {
      const begun = newTransaction(transactionId(client, op.tx), client, false);
      db.transactions.set(begun.id, begun);
      answer({ ok: true, value: null });
    }
  } else if (named !== null && tx === undefined) {
    answer(withoutTransaction(op));
  } else {
    if (tx === undefined) {
      db.autos += 1;
      tx = newTransaction(`auto ${db.autos}`, client, true);
      db.transactions.set(tx.id, tx);
    }
    const queue = db.statements.get(tx.id) ?? [];
    db.statements.set(tx.id, queue);
    queue.push({ id, tx, op, progress: newProgress(), wait: null });
    if (queue.length === 1) runQueue(db, tx, out);
  }
  return out;
}

/** Runs what the transaction's connection has queued, one after the other, until it waits, ends or is empty. */
function runQueue(db: Database, tx: Transaction, out: Output[]): void {
  const queue = db.statements.get(tx.id);
  for (let statement = queue?.[0]; statement !== undefined; statement = queue?.[0]) {
    const result = run(db, statement);
    if ('wait' in result) {
      db.waits += 1;
      statement.wait = { number: db.waits, tx: result.wait };
      db.waiting.push(statement);
      out.push({ type: 'waiting', wait: db.waits });
      return;
    }
    queue?.shift();
    settle(db, statement, result, out);
  }
}

function run(db: Database, { tx, op, progress }: Statement): { wait: string } | DbResult {
  if (op.op === 'begin' || op.op === 'rollback') return { ok: true, value: null };
  if (tx.isAborted) {
    const message = 'current transaction is aborted, commands ignored until end of transaction block';
    return storeFailure('transaction_aborted', message);
  }
  return op.op === 'commit' ? { ok: true, value: null } : attempt(db, tx, op satisfies RowOp, progress);
}

/** Ends a statement: failures abort the transaction at once; its end, told or implied, makes its writes durable or drops them. */
function settle(db: Database, { id, tx, op }: Statement, result: DbResult, out: Output[]): void {
  const ends = tx.isAuto || op.op === 'commit' || op.op === 'rollback';
  const frees = ends || !result.ok;
  if (!result.ok || op.op === 'rollback') abortWrites(db, tx);
  else if (ends) for (const row of commitWrites(db, tx)) out.push({ type: 'applied', ...row });
  out.push({ type: 'result', id, result });
  if (ends) end(db, tx, out);
  if (frees) wake(db, tx.id, out);
}

/** Forgets a transaction; what its connection had queued behind the end finds none. */
function end(db: Database, tx: Transaction, out: Output[]): void {
  const behind = db.statements.get(tx.id)?.splice(0) ?? [];
  db.transactions.delete(tx.id);
  db.statements.delete(tx.id);
  for (const { id, op } of behind) out.push({ type: 'result', id, result: withoutTransaction(op) });
}

const withoutTransaction = (op: DbOp): DbResult =>
  op.op === 'rollback'
    ? { ok: true, value: null }
    : storeFailure('no_transaction', 'there is no transaction in progress');

/** Lets statements that waited for a transaction try again, longest waiting first. */
function wake(db: Database, tx: string, out: Output[]): void {
  const freed = db.waiting.filter((statement) => statement.wait?.tx === tx);
  if (freed.length === 0) return;
  db.waiting = db.waiting.filter((statement) => statement.wait?.tx !== tx);
  for (const statement of freed) statement.wait = null;
  for (const statement of freed)
    if (db.statements.get(statement.tx.id)?.[0] === statement) runQueue(db, statement.tx, out);
}

/** After `DEADLOCK_TIMEOUT_US`: if that wait still lasts and is part of a cycle, its statement is the victim (40P01); the others go on. */
export function checkDeadlock(db: Database, wait: number): Output[] {
  const out: Output[] = [];
  const victim = db.waiting.find((statement) => statement.wait?.number === wait);
  if (victim === undefined || !isInCycle(db, victim)) return out;
  db.waiting = db.waiting.filter((statement) => statement !== victim);
  victim.wait = null;
  db.statements.get(victim.tx.id)?.shift();
  settle(db, victim, storeFailure('deadlock', 'deadlock detected'), out);
  runQueue(db, victim.tx, out);
  return out;
}

function isInCycle(db: Database, start: Statement): boolean {
  const seen = new Set<string>();
  for (let next = start.wait?.tx; next !== undefined && !seen.has(next);) {
    if (next === start.tx.id) return true;
    seen.add(next);
    const holder = next;
    next = db.waiting.find((statement) => statement.tx.id === holder)?.wait?.tx;
  }
  return false;
}

/** A client's connections closed: its open transactions are rolled back and their locks let go; a statement outside of one still runs to its end. */
export function clientDown(db: Database, client: InstanceId): Output[] {
  const out: Output[] = [];
  const open = [...db.transactions.values()].filter((tx) => tx.client === client && !tx.isAuto);
  for (const tx of open) {
    db.waiting = db.waiting.filter((statement) => statement.tx !== tx);
    db.statements.delete(tx.id);
    db.transactions.delete(tx.id);
    abortWrites(db, tx);
  }
  for (const tx of open) wake(db, tx.id, out);
  return out;
}
