import type { Json } from '../../../core/base/json.ts';
import { canonicalize, sortedKeys } from '../../../core/base/canonical.ts';
import type { DbOp, WhereClause } from '../../../core/fabric/message.ts';
import { sqlName } from '../../../core/compose/sql.ts';
import { columnValue } from '../../../core/kinds/database/column.ts';
import { storeFailure, type StoreFailure } from '../../../core/kinds/database/failure.ts';
import { checkedValues, completeRow, missingValue, type TableStore } from '../../../core/kinds/database/table-store.ts';
import { predicateOf } from '../../../core/kinds/database/where.ts';
import type { TableRow } from '../../../core/storage/types.ts';

export type RowOp = Extract<DbOp, { table: string }>;
export interface SqlStatement {
  text: string;
  values: unknown[];
}
type Made = { ok: true; value: SqlStatement } | StoreFailure;

const CASTS: Record<string, string> = {
  string: 'text',
  int: 'bigint',
  number: 'double precision',
  bool: 'boolean',
  time: 'timestamptz',
  json: 'jsonb',
};

/** Collects parameters; each has the type of its column, so that PostgreSQL never guesses. */
class Parameters {
  readonly values: unknown[] = [];
  private readonly table: TableStore;
  constructor(table: TableStore) {
    this.table = table;
  }
  private castOf(column: string): string {
    return CASTS[this.table.types.get(column) ?? 'string'] ?? 'text';
  }
  private plain(column: string, value: Json): unknown {
    if (value === null) return null;
    return this.table.types.get(column) === 'json' ? canonicalize(value) : value;
  }
  add(column: string, value: Json): string {
    this.values.push(this.plain(column, value));
    return `$${this.values.length}::${this.castOf(column)}`;
  }
  addList(column: string, list: Json[]): string {
    this.values.push(list.map((item) => this.plain(column, item)));
    return `$${this.values.length}::${this.castOf(column)}[]`;
  }
}

const OPERATORS: Record<string, string> = { eq: '=', ne: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };

function whereText(
  table: TableStore,
  where: WhereClause,
  parameters: Parameters,
): { ok: true; value: string } | StoreFailure {
  const predicate = predicateOf(table, where);
  if (!predicate.ok) return predicate;
  const parts = predicate.value.map(({ column, operator, operand }) => {
    const name = sqlName(column);
    if (operator === 'in') {
      const list = (Array.isArray(operand) ? operand : []).filter((item) => item !== null);
      return `${name} = ANY(${parameters.addList(column, list)})`;
    }
    if (operand === null)
      return operator === 'eq' ? `${name} IS NULL` : operator === 'ne' ? `${name} IS NOT NULL` : 'FALSE';
    return `${name} ${OPERATORS[operator] ?? '='} ${parameters.add(column, operand)}`;
  });
  return { ok: true, value: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}` };
}

function insert(table: TableStore, given: TableRow, parameters: Parameters): Made {
  const values = checkedValues(table, given);
  if (!values.ok) return values;
  const row = completeRow(table, values.value);
  const missing = missingValue(table, row);
  if (missing !== null) return missing;
  const columns = Object.keys(row);
  const list = columns.map((column) => parameters.add(column, row[column] ?? null));
  const text = `INSERT INTO ${sqlName(table.name)} (${columns.map(sqlName).join(', ')}) VALUES (${list.join(', ')}) RETURNING *`;
  return { ok: true, value: { text, values: parameters.values } };
}

function find(table: TableStore, op: Extract<RowOp, { op: 'find' }>, parameters: Parameters): Made {
  const where = whereText(table, op.where, parameters);
  if (!where.ok) return where;
  const orderBy = op.orderBy ?? table.primaryKey;
  if (!table.types.has(orderBy)) {
    return storeFailure('undefined_column', `column "${orderBy}" does not exist in "${table.name}"`);
  }
  const direction = op.descending === true ? 'DESC NULLS FIRST' : 'ASC NULLS LAST';
  const limit = op.limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(op.limit))}`;
  const text = `SELECT * FROM ${sqlName(table.name)}${where.value} ORDER BY ${sqlName(orderBy)} ${direction}, ${sqlName(table.primaryKey)} ASC${limit}`;
  return { ok: true, value: { text, values: parameters.values } };
}

function update(table: TableStore, op: Extract<RowOp, { op: 'update' }>, parameters: Parameters): Made {
  const set = checkedValues(table, op.set);
  if (!set.ok) return set;
  const increment = checkedValues(table, op.increment);
  if (!increment.ok) return increment;
  const assignments = sortedKeys(set.value).map(
    (column) => `${sqlName(column)} = ${parameters.add(column, set.value[column] ?? null)}`,
  );
  for (const column of sortedKeys(increment.value)) {
    const type = table.types.get(column);
    if ((type !== 'int' && type !== 'number') || typeof increment.value[column] !== 'number') {
      return storeFailure(
        'invalid_type',
        `column "${column}" cannot be incremented by ${canonicalize(increment.value[column] ?? null)}`,
      );
    }
    if (Object.hasOwn(set.value, column))
      return storeFailure('invalid_type', `multiple assignments to same column "${column}"`);
    assignments.push(
      `${sqlName(column)} = ${sqlName(column)} + ${parameters.add(column, increment.value[column] ?? null)}`,
    );
  }
  // An update of nothing still counts its rows.
  if (assignments.length === 0) assignments.push(`${sqlName(table.primaryKey)} = ${sqlName(table.primaryKey)}`);
  const where = whereText(table, op.where, parameters);
  if (!where.ok) return where;
  const text = `UPDATE ${sqlName(table.name)} SET ${assignments.join(', ')}${where.value} RETURNING *`;
  return { ok: true, value: { text, values: parameters.values } };
}

/** The statement for one operation, after the same checks of columns and types as the tab's store makes. */
export function sqlStatement(table: TableStore, op: RowOp): Made {
  const parameters = new Parameters(table);
  switch (op.op) {
    case 'insert':
      return insert(table, op.row, parameters);
    case 'get': {
      const key = columnValue(table.types.get(table.primaryKey) ?? 'json', op.key, table.primaryKey);
      if (!key.ok) return key;
      const text = `SELECT * FROM ${sqlName(table.name)} WHERE ${sqlName(table.primaryKey)} = ${parameters.add(table.primaryKey, key.value)}`;
      return { ok: true, value: { text, values: parameters.values } };
    }
    case 'find':
      return find(table, op, parameters);
    case 'update':
      return update(table, op, parameters);
    case 'delete': {
      const where = whereText(table, op.where, parameters);
      if (!where.ok) return where;
      const text = `DELETE FROM ${sqlName(table.name)}${where.value}`;
      return { ok: true, value: { text, values: parameters.values } };
    }
  }
}
