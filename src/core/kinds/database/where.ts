import { sortedKeys } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { WhereClause } from '../../fabric/message.ts';
import type { TableRow } from '../../storage/types.ts';
import { columnValue, compareValues } from './column.ts';
import { storeFailure, type StoreFailure } from './failure.ts';
import type { TableStore } from './table-store.ts';

type Operator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in';
const OPERATORS: readonly Operator[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in'];

/** A checked comparison: operands have the column's type. */
interface Comparison {
  column: string;
  operator: Operator;
  operand: Json;
}
export type Predicate = readonly Comparison[];

/** Checks a where clause against the table: unknown columns and operands of another type are failures, as in PostgreSQL. */
export function predicateOf(table: TableStore, where: WhereClause): { ok: true; value: Predicate } | StoreFailure {
  const comparisons: Comparison[] = [];
  for (const column of sortedKeys(where)) {
    const type = table.types.get(column);
    if (type === undefined)
      return storeFailure('undefined_column', `column "${column}" does not exist in "${table.name}"`);
    for (const operator of OPERATORS) {
      const given = where[column]?.[operator];
      if (given === undefined) continue;
      if (type === 'json' && operator !== 'eq' && operator !== 'ne' && operator !== 'in') {
        return storeFailure('invalid_type', `column "${column}" of type json has no order`);
      }
      const operands = operator === 'in' ? given : [given];
      if (!Array.isArray(operands)) return storeFailure('invalid_type', `"in" for column "${column}" needs a list`);
      const stored: Json[] = [];
      for (const operand of operands) {
        const checked = columnValue(type, operand, column);
        if (!checked.ok) return checked;
        stored.push(checked.value);
      }
      comparisons.push({ column, operator, operand: operator === 'in' ? stored : (stored[0] ?? null) });
    }
  }
  return { ok: true, value: comparisons };
}

/** SQL's logic: a comparison with a null column is never true, `eq: null` means IS NULL, `ne: null` IS NOT NULL. */
function holds(value: Json, operator: Operator, operand: Json): boolean {
  if (operator === 'in') {
    return value !== null && (operand as Json[]).some((item) => item !== null && compareValues(value, item) === 0);
  }
  if (operand === null) return operator === 'eq' ? value === null : operator === 'ne' && value !== null;
  if (value === null) return false;
  const order = compareValues(value, operand);
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
  }
}

/** True when every comparison holds for the row. */
export const matches = (predicate: Predicate, row: TableRow): boolean =>
  predicate.every(({ column, operator, operand }) => holds(row[column] ?? null, operator, operand));

/** The value that the predicate demands of a column by `eq`, or undefined: lets a primary key be looked up instead of scanned. */
export const equalTo = (predicate: Predicate, column: string): Json | undefined =>
  predicate.find((entry) => entry.column === column && entry.operator === 'eq' && entry.operand !== null)?.operand;
