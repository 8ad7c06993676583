import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { DbOp, WhereClause } from '../fabric/message.ts';
import type { TableRow } from '../storage/types.ts';
import type { Table } from '../topology/schema/types.ts';
import type { Behaviour, Effect, EffectResult, SagaContext } from './effect.ts';

/** The table that a service's database gets when one of its handlers publishes `via: outbox`. */
export const OUTBOX_TABLE: Table = {
  name: 'outbox',
  primaryKey: 'id',
  columns: [
    { name: 'id', type: 'string', nullable: false },
    { name: 'broker', type: 'string', nullable: false },
    { name: 'key', type: 'string', nullable: false },
    { name: 'type', type: 'string', nullable: false },
    { name: 'body', type: 'json', nullable: false },
    { name: 'trace', type: 'json', nullable: false },
    { name: 'position', type: 'string', nullable: false },
  ],
};

export interface OutboxEntry {
  id: string;
  broker: string;
  key: string;
  type: string;
  body: Json;
  traceId: string;
  spanId: string;
  path: string;
  saga: SagaContext | null;
  createdAt: string;
  /** How many rows this handler run wrote before. */
  ordinal: number;
}

/** The row that travels in the business transaction: state and event commit together or not at all (DB4). */
export function outboxRow(entry: OutboxEntry): TableRow {
  const { id, broker, key, type, body, traceId, spanId, path, saga, createdAt, ordinal } = entry;
  // Order of commits as far as the clock tells, then order of writing: rows of one handler run keep theirs (DB4).
  const position = `${createdAt} ${String(ordinal).padStart(5, '0')}`;
  return { id, broker, key, type, body, trace: { traceId, spanId, path, saga }, position };
}

/** How many rows one pass reads. */
export const OUTBOX_BATCH = 50;

/**
 * The relay of the rows `ids`, or of all that a crash left (null): reads committed rows in order, publishes each with confirm, then deletes it. At least once: a crash between
 * confirm and delete publishes again (`again`: that may be so for these rows). Ends with a failure (the host tries again later) or null when the table is empty.
 */
export function* outboxRelay(store: string, ids: string[] | null, again: boolean): Behaviour {
  // A relay of its own commits only reads those: replicas that share a store do not publish each other's rows.
  const where: WhereClause = ids === null ? {} : { id: { in: ids } };
  // Counted, so that each query and publish of one relay run is a span of its own.
  for (let n = 0; ; n++) {
    const query: DbOp = { op: 'find', table: 'outbox', where, orderBy: 'position', limit: OUTBOX_BATCH };
    const found: EffectResult = yield { do: 'db', path: `outbox/${n}`, store, query };
    if (!found.ok) return found.failure;
    const rows = (Array.isArray(found.value) ? found.value : []) as JsonObject[];
    if (rows.length === 0) return null;
    for (const row of rows) {
      const published: EffectResult = yield publishOf(row, again);
      if (!published.ok) return published.failure;
      const done: WhereClause = { id: { eq: row['id'] ?? null } };
      n += 1;
      const deleted: EffectResult = yield {
        do: 'db',
        path: `outbox/${n}`,
        store,
        query: { op: 'delete', table: 'outbox', where: done },
      };
      if (!deleted.ok) return deleted.failure;
    }
  }
}

function sagaOf(value: Json): SagaContext | null {
  if (!isObject(value) || typeof value['name'] !== 'string') return null;
  return { name: value['name'], direction: value['direction'] === 'compensation' ? 'compensation' : 'forward' };
}

function publishOf(row: JsonObject, again: boolean): Effect {
  const trace = isObject(row['trace']) ? row['trace'] : {};
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
  return {
    do: 'publish',
    path: 'outbox',
    to: text(row['broker']),
    key: text(row['key']),
    type: text(row['type']),
    body: row['body'] ?? null,
    messageId: text(row['id']),
    compensates: false,
    origin: {
      traceId: text(trace['traceId']),
      spanId: text(trace['spanId']),
      path: text(trace['path']),
      saga: sagaOf(trace['saga'] ?? null),
      again,
    },
  };
}
