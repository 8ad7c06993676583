import pg from 'pg';
import type { DbOp, DbResult } from '../../../core/fabric/message.ts';
import { SQLSTATE, storeFailure, type StoreFailureCode } from '../../../core/kinds/database/failure.ts';
import type { TableRow } from '../../../core/storage/types.ts';
import { type Carrier, codeOf, type Inbox, lossOf, textOf } from '../carrier.ts';
import { sqlStatement } from './sql-statement.ts';
import { aborted, answerQuery, noTable, noTransaction, resultOf, shapesOf, type StoreOptions } from './store.ts';

type Outcome = DbResult | 'connection_refused' | 'connection_reset';
interface OpenTransaction {
  client: pg.PoolClient;
  isAborted: boolean;
}

/** Connections per container; a statement beyond them waits for a free one. */
const MAX_CONNECTIONS = 10;
/** How long a connection attempt may take, in ms. */
const CONNECT_TIMEOUT_MS = 5_000;

const INT8 = 20;
const FLOAT8 = 701;
const TIMESTAMPTZ = 1184;

/** Values as the tab has them: whole numbers and doubles as numbers, times as UTC text with milliseconds (decision 14). */
function parserOf(oid: number): ((text: string) => unknown) | null {
  if (oid === INT8 || oid === FLOAT8) return Number;
  if (oid === TIMESTAMPTZ)
    return (text) => new Date(`${text.replace(' ', 'T')}${/[+-]\d{2}$/.test(text) ? ':00' : ''}`).toISOString();
  return null;
}
const TYPES = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? null : parserOf(oid)) ??
    (pg.types.getTypeParser(oid, format as 'text') as unknown)) as typeof pg.types.getTypeParser,
};

const CODE_BY_SQLSTATE = new Map(
  Object.entries(SQLSTATE).map(([code, state]) => [state as string, code as StoreFailureCode]),
);

/** What PostgreSQL's error is in the tab's words; a broken connection is a loss, anything unknown keeps its SQLSTATE. */
function failureOf(error: unknown): Outcome {
  const state = codeOf(error);
  const known = CODE_BY_SQLSTATE.get(state);
  if (known) return storeFailure(known, textOf(error));
  // Class 08 and 57P0x: the server or the connection went away.
  if (/^(08|57P0)/.test(state) || !/^[0-9A-Z]{5}$/.test(state)) return lossOf(error);
  return { ok: false, code: `sqlstate_${state}`, message: textOf(error) };
}

/** Statements to one PostgreSQL database with typed tables, READ COMMITTED; a failed statement ends its transaction at once, as in the tab. */
export function postgresCarrier(inbox: Inbox, options: StoreOptions): Carrier {
  const { tables, ...login } = options;
  const shapes = shapesOf(tables);
  const pool = new pg.Pool({
    ...login,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: TYPES,
  });
  const open = new Map<string, OpenTransaction>();
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);

  function release(tx: string, broken: boolean): void {
    const found = open.get(tx);
    open.delete(tx);
    found?.client.release(broken);
  }

  async function endTransaction(op: Extract<DbOp, { op: 'commit' | 'rollback' }>): Promise<Outcome> {
    const found = open.get(op.tx);
    if (!found) return op.op === 'rollback' ? { ok: true, value: null } : noTransaction();
    if (found.isAborted) {
      release(op.tx, false);
      return op.op === 'rollback' ? { ok: true, value: null } : aborted();
    }
    try {
      await found.client.query(op.op === 'commit' ? 'COMMIT' : 'ROLLBACK');
      release(op.tx, false);
      return { ok: true, value: null };
    } catch (error) {
      release(op.tx, true);
      return failureOf(error);
    }
  }

  async function begin(tx: string): Promise<Outcome> {
    if (open.has(tx)) return storeFailure('active_transaction', 'there is already a transaction in progress');
    try {
      const client = await pool.connect();
      await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      open.set(tx, { client, isAborted: false });
      return { ok: true, value: null };
    } catch (error) {
      return failureOf(error);
    }
  }

  async function abort(tx: string): Promise<void> {
    const found = open.get(tx);
    if (!found || found.isAborted) return;
    found.isAborted = true;
    try {
      await found.client.query('ROLLBACK');
    } catch {
      // A broken connection has no transaction any more; the pool drops it at release.
    }
  }

  async function perform(op: DbOp): Promise<Outcome> {
    if (op.op === 'begin') return begin(op.tx);
    if (op.op === 'commit' || op.op === 'rollback') return endTransaction(op);
    const transaction = op.tx === undefined ? undefined : open.get(op.tx);
    if (op.tx !== undefined && !transaction) return noTransaction();
    if (transaction?.isAborted) return aborted();
    const table = shapes.get(op.table);
    const statement = table ? sqlStatement(table, op) : noTable(op.table);
    if (!statement.ok || !table) {
      if (op.tx !== undefined) await abort(op.tx);
      return statement.ok ? noTable(op.table) : statement;
    }
    try {
      const { text, values } = statement.value;
      const { rows, rowCount } = await (transaction?.client ?? pool).query<TableRow>(text, values);
      return { ok: true, value: resultOf(table, op, rows, rowCount ?? 0) };
    } catch (error) {
      if (op.tx !== undefined) await abort(op.tx);
      return failureOf(error);
    }
  }

  return {
    send(message) {
      if (message.payload.kind === 'db.query') answerQuery(inbox, message, perform(message.payload.query));
    },
    async close() {
      for (const tx of open.keys()) {
        await abort(tx);
        release(tx, true);
      }
      await pool.end();
    },
  };
}
