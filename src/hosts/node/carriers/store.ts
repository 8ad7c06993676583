import type { Json } from '../../../core/base/json.ts';
import type { DbResult, Message } from '../../../core/fabric/message.ts';
import { storeFailure, type StoreFailure } from '../../../core/kinds/database/failure.ts';
import { createTable, orderRows, type TableStore } from '../../../core/kinds/database/table-store.ts';
import type { TableRow } from '../../../core/storage/types.ts';
import type { Table } from '../../../core/topology/schema/types.ts';
import type { Inbox } from '../carrier.ts';
import type { RowOp } from './sql-statement.ts';

/** Where a database is, who asks it, and which tables it is known to have. */
export interface StoreOptions {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  tables: readonly Table[];
}

/** Declared shapes of a store's tables, by name. */
export const shapesOf = (tables: readonly Table[]): Map<string, TableStore> =>
  new Map(tables.map((table) => [table.name, createTable(table)]));

/** What the tab's store says of an unknown table. */
export const noTable = (name: string): StoreFailure => storeFailure('no_table', `relation "${name}" does not exist`);
export const noTransaction = (): StoreFailure => storeFailure('no_transaction', 'there is no transaction in progress');
export const aborted = (): StoreFailure =>
  storeFailure(
    'transaction_aborted',
    'current transaction is aborted, commands ignored until end of transaction block',
  );

/** The value that a statement binds, from the rows and the count that the server gave. */
export function resultOf(table: TableStore, op: RowOp, rows: TableRow[], count: number): Json {
  switch (op.op) {
    case 'insert':
    case 'get':
      return rows[0] ?? null;
    case 'find':
      return rows;
    case 'update':
      return { count, rows: orderRows(table, rows, table.primaryKey, false) };
    case 'delete':
      return { count };
  }
}

/** Puts the result of a query into the inbox; a lost connection is a refusal. */
export function answerQuery(
  inbox: Inbox,
  message: Message,
  work: Promise<DbResult | 'connection_refused' | 'connection_reset'>,
): void {
  void work.then((result) => {
    if (typeof result === 'string') inbox.refused(message, result);
    else inbox.arrive(message.to, { kind: 'db.result', result }, { answers: message });
  });
}
