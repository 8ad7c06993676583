import type { Json } from '../../base/json.ts';
import { condition, expressions, storeOf, type Handler, type Scoped, type StepOf } from './check-handler.ts';
import type { Table } from '../schema/types.ts';

function columns(handler: Handler, table: Table, names: readonly string[], at: string): void {
  for (const name of names) {
    if (!table.columns.some((column) => column.name === name))
      handler.check.error('COLUMN_UNKNOWN.step', `${at}/${name}`, {
        table: table.name,
        column: name,
        known: table.columns.map((column) => column.name).join(', '),
      });
  }
}

/** Checks a step on a table: its database, table, columns, values. */
export function checkTableStep(
  handler: Scoped,
  step: StepOf<'insert' | 'get' | 'find' | 'update' | 'delete'>,
  at: string,
): void {
  checkTableValues(handler, step, at);
  const store = storeOf(handler, step.store ?? handler.transaction?.store, at);
  if (store === undefined) return;
  const table = store.config.tables.find((candidate) => candidate.name === step.table);
  if (table === undefined) {
    handler.check.error('TABLE_UNKNOWN.step', `${at}/table`, {
      node: store.name,
      table: step.table,
      known: store.config.tables.map((candidate) => candidate.name).join(', ') || '–',
    });
    return;
  }
  if (step.do === 'insert') {
    columns(handler, table, Object.keys(step.value), `${at}/value`);
    for (const column of table.columns) {
      if (!column.nullable && !Object.hasOwn(step.value, column.name))
        handler.check.error('COLUMN_MISSING', `${at}/value`, { column: column.name, table: table.name });
    }
  }
  if (step.do === 'find' || step.do === 'update' || step.do === 'delete')
    columns(handler, table, Object.keys(step.where), `${at}/where`);
  if (step.do === 'find' && step.orderBy !== undefined) columns(handler, table, [step.orderBy], `${at}/orderBy`);
  if (step.do === 'update') {
    columns(handler, table, Object.keys(step.set ?? {}), `${at}/set`);
    columns(handler, table, Object.keys(step.increment ?? {}), `${at}/increment`);
    for (const column of table.columns) {
      if (Object.hasOwn(step.increment ?? {}, column.name) && column.type !== 'int' && column.type !== 'number') {
        handler.check.error('COLUMN_NOT_NUMERIC', `${at}/increment/${column.name}`, {
          column: column.name,
          type: column.type,
        });
      }
    }
  }
}

function checkTableValues(
  handler: Handler,
  step: StepOf<'insert' | 'get' | 'find' | 'update' | 'delete'>,
  at: string,
): void {
  if (step.do === 'insert') return expressions(handler, step.value, `${at}/value`);
  if (step.do === 'get') return expressions(handler, step.key, `${at}/key`);
  // Operators that are absent are undefined, which no walker of JSON meets: `compileTemplate` drops nothing, so they are dropped here.
  expressions(handler, JSON.parse(JSON.stringify(step.where)) as Json, `${at}/where`);
  if (step.do === 'find' && typeof step.limit === 'string') condition(handler, step.limit, `${at}/limit`);
  if (step.do === 'update') {
    expressions(handler, step.set, `${at}/set`);
    expressions(handler, step.increment, `${at}/increment`);
  }
}
