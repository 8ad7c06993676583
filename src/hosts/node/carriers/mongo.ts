import type { Collection, Db, Filter, MongoClient } from 'mongodb';
import { canonicalize } from '../../../core/base/canonical.ts';
import type { Json } from '../../../core/base/json.ts';
import type { DbOp, DbResult } from '../../../core/fabric/message.ts';
import { columnValue } from '../../../core/kinds/database/column.ts';
import { storeFailure } from '../../../core/kinds/database/failure.ts';
import {
  checkedValues,
  completeRow,
  missingValue,
  orderRows,
  type TableStore,
} from '../../../core/kinds/database/table-store.ts';
import { predicateOf } from '../../../core/kinds/database/where.ts';
import type { TableRow } from '../../../core/storage/types.ts';
import { type Carrier, codeOf, type Inbox, textOf } from '../carrier.ts';
import { type RowOp } from './sql-statement.ts';
import { answerQuery, noTable, noTransaction, resultOf, shapesOf, type StoreOptions } from './store.ts';

type Outcome = DbResult | 'connection_refused' | 'connection_reset';
type Row = TableRow & { _id: Json };

const DUPLICATE_KEY = '11000';
/** How long the driver looks for a server before the caller hears that there is none, in ms. */
const SELECT_TIMEOUT_MS = 3_000;

/** The where clause as a filter; `null` follows SQL's logic, as in the tab. */
function filterOf(
  table: TableStore,
  op: Extract<RowOp, { where: unknown }>,
): { ok: true; value: Filter<Row> } | Extract<DbResult, { ok: false }> {
  const predicate = predicateOf(table, op.where);
  if (!predicate.ok) return predicate;
  const parts = predicate.value.map(({ column, operator, operand }) => {
    if (operator === 'in') return { [column]: { $in: (operand as Json[]).filter((item) => item !== null) } };
    if (operand === null) {
      if (operator === 'eq') return { [column]: { $eq: null } };
      return operator === 'ne' ? { [column]: { $ne: null } } : { $expr: false };
    }
    return operator === 'ne' ? { [column]: { $nin: [operand, null] } } : { [column]: { [`$${operator}`]: operand } };
  });
  return { ok: true, value: (parts.length === 0 ? {} : { $and: parts }) as Filter<Row> };
}

const withoutId = (row: Row): TableRow => {
  const { _id: _key, ...rest } = row;
  return rest;
};

/** Declared columns in declared order. */
const rowOf = (table: TableStore, row: Row): TableRow => completeRow(table, withoutId(row));

async function insert(
  table: TableStore,
  rows: Collection<Row>,
  op: Extract<RowOp, { op: 'insert' }>,
): Promise<DbResult> {
  const values = checkedValues(table, op.row);
  if (!values.ok) return values;
  const row = completeRow(table, values.value);
  const missing = missingValue(table, row);
  if (missing !== null) return missing;
  await rows.insertOne({ ...row, _id: row[table.primaryKey] ?? null } as never);
  return { ok: true, value: row };
}

async function change(
  table: TableStore,
  rows: Collection<Row>,
  op: Extract<RowOp, { op: 'update' }>,
): Promise<DbResult> {
  const filter = filterOf(table, op);
  if (!filter.ok) return filter;
  const set = checkedValues(table, op.set);
  if (!set.ok) return set;
  const increment = checkedValues(table, op.increment);
  if (!increment.ok) return increment;
  const found = await rows.find(filter.value).toArray();
  const changed: TableRow[] = [];
  for (const { _id } of found) {
    const update = {
      ...(Object.keys(set.value).length > 0 ? { $set: set.value } : {}),
      ...(Object.keys(increment.value).length > 0 ? { $inc: increment.value } : {}),
    };
    // The condition is checked again with the write: another client may have changed the document in between.
    const condition = { $and: [{ _id }, filter.value] } as unknown as Filter<Row>;
    const after =
      Object.keys(update).length === 0
        ? await rows.findOne(condition)
        : await rows.findOneAndUpdate(condition, update as never, { returnDocument: 'after' });
    if (after) changed.push(rowOf(table, after as unknown as Row));
  }
  return { ok: true, value: resultOf(table, op, changed, changed.length) };
}

async function rowStatement(table: TableStore, rows: Collection<Row>, op: RowOp): Promise<DbResult> {
  switch (op.op) {
    case 'insert':
      return insert(table, rows, op);
    case 'get': {
      const key = columnValue(table.types.get(table.primaryKey) ?? 'json', op.key, table.primaryKey);
      if (!key.ok) return key;
      const found = await rows.findOne({ _id: key.value } as unknown as Filter<Row>);
      return { ok: true, value: found ? rowOf(table, found as unknown as Row) : null };
    }
    case 'find': {
      const filter = filterOf(table, op);
      if (!filter.ok) return filter;
      const orderBy = op.orderBy ?? table.primaryKey;
      if (!table.types.has(orderBy))
        return storeFailure('undefined_column', `column "${orderBy}" does not exist in "${table.name}"`);
      const found = await rows.find(filter.value).toArray();
      // MongoDB sorts null first and by its own type order; the tab's order is applied here.
      const ordered = orderRows(
        table,
        found.map((row) => rowOf(table, row as unknown as Row)),
        orderBy,
        op.descending ?? false,
      );
      return { ok: true, value: op.limit === undefined ? ordered : ordered.slice(0, op.limit) };
    }
    case 'update':
      return change(table, rows, op);
    case 'delete': {
      const filter = filterOf(table, op);
      if (!filter.ok) return filter;
      const { deletedCount } = await rows.deleteMany(filter.value);
      return { ok: true, value: { count: deletedCount } };
    }
  }
}

/** Statements to one MongoDB database; a standalone server has no multi-document transactions, so `begin` and `commit` only pair up. */
export function mongoCarrier(inbox: Inbox, options: StoreOptions): Carrier {
  const { host, port, database, user, password, tables } = options;
  const shapes = shapesOf(tables);
  const open = new Set<string>();
  let connected: Promise<{ client: MongoClient; db: Db }> | null = null;

  // The driver is four times the rest of the runtime: only a drawing with a MongoDB loads it.
  async function connect(): Promise<{ client: MongoClient; db: Db }> {
    const driver = await import('mongodb');
    const client = new driver.MongoClient(`mongodb://${host}:${port}/?directConnection=true`, {
      auth: { username: user, password },
      authSource: 'admin',
      serverSelectionTimeoutMS: SELECT_TIMEOUT_MS,
    });
    await client.connect();
    return { client, db: client.db(database) };
  }

  function transactionOp(op: Extract<DbOp, { op: 'begin' | 'commit' | 'rollback' }>): DbResult {
    if (op.op === 'begin') {
      if (open.has(op.tx)) return storeFailure('active_transaction', 'there is already a transaction in progress');
      open.add(op.tx);
      return { ok: true, value: null };
    }
    return open.delete(op.tx) || op.op === 'rollback' ? { ok: true, value: null } : noTransaction();
  }

  async function perform(op: DbOp): Promise<Outcome> {
    if (!('table' in op)) return transactionOp(op);
    if (op.tx !== undefined && !open.has(op.tx)) return noTransaction();
    const table = shapes.get(op.table);
    if (!table) return noTable(op.table);
    try {
      connected ??= connect().catch((error: unknown) => {
        connected = null;
        throw error;
      });
      const { db } = await connected;
      return await rowStatement(table, db.collection<Row>(op.table), op);
    } catch (error) {
      if (codeOf(error) === DUPLICATE_KEY) {
        return storeFailure(
          'unique_violation',
          `duplicate key value violates unique constraint (${canonicalize(op.table)}): ${textOf(error)}`,
        );
      }
      if (codeOf(error) !== '') return { ok: false, code: `mongo_${codeOf(error)}`, message: textOf(error) };
      return 'connection_refused';
    }
  }

  return {
    send(message) {
      if (message.payload.kind === 'db.query') answerQuery(inbox, message, perform(message.payload.query));
    },
    async close() {
      const settled = await connected?.catch(() => null);
      await settled?.client.close();
    },
  };
}
