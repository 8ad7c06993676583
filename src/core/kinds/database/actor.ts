import type { Json, JsonObject } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import { usesOutbox } from '../../behaviour/compiled.ts';
import { OUTBOX_TABLE } from '../../behaviour/outbox.ts';
import type { Message } from '../../fabric/message.ts';
import type { ActorFactory, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import type { ConfigOf, Table } from '../../topology/schema/types.ts';
import { Infrastructure } from '../infrastructure.ts';
import {
  checkDeadlock,
  clientDown,
  createDatabase,
  DEADLOCK_TIMEOUT_US,
  query,
  type Database,
  type Output,
} from './machine.ts';
import { redeclare } from './redeclare.ts';
import type { AppliedRow } from './transactions.ts';

const configOf = (port: ActorPort): ConfigOf<'database'> => {
  const { record } = port.init;
  assert(record.kind === 'database', `a database instance got a ${record.kind} record`);
  return record.config;
};

/** Declared tables, and the outbox when a service that owns this store publishes through one (as the export creates it); rows still waiting in it keep it. */
function tablesOf(port: ActorPort, db: Database | null): Table[] {
  const { tables } = configOf(port);
  if (tables.some((table) => table.name === OUTBOX_TABLE.name)) return tables;
  const isUsed = port.init.peers.some(
    ({ kind, record }) =>
      kind === 'owns' &&
      record.kind === 'service' &&
      [...record.config.endpoints, ...record.config.subscriptions].some((handler) => usesOutbox(handler.steps)),
  );
  const isFilled = (db?.tables.get(OUTBOX_TABLE.name)?.rows.size ?? 0) > 0;
  return isUsed || isFilled ? [...tables, OUTBOX_TABLE] : tables;
}

class DatabaseActor extends Infrastructure {
  private readonly db: Database;
  private readonly asked = new Map<string, Message>();

  constructor(port: ActorPort) {
    super(port);
    this.db = createDatabase(tablesOf(port, null), port.init.stored);
  }

  inspect(): Json {
    const tables: [string, Json][] = [...this.db.tables].map(([name, table]) => [name, [...table.rows.values()]]);
    const { transactions, waiting } = this.db;
    return { tables: Object.fromEntries(tables), transactions: transactions.size, waiting: waiting.length };
  }

  protected begin(): void {
    // Its rows are known from the events of their writing.
  }

  protected take(message: Message): void {
    if (message.payload.kind !== 'db.query') return;
    this.asked.set(message.id, message);
    this.perform(query(this.db, { id: message.id, client: message.from, query: message.payload.query }));
  }

  protected hear(body: DeliveryBody): void {
    if (body.type === 'peer.down') this.perform(clientDown(this.db, body.instance));
    else if (body.type === 'reconfigure') {
      const rows = redeclare(this.db, tablesOf(this.port, this.db), configOf(this.port).rows);
      for (const row of rows) this.apply(row);
    }
  }

  protected due(token: JsonObject): void {
    if (typeof token['wait'] === 'number') this.perform(checkDeadlock(this.db, token['wait']));
  }

  private apply({ table, key, before, after }: AppliedRow): void {
    this.port.emit({ type: 'store.applied', store: this.port.init.node, table, key, before, after });
  }

  private perform(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.type === 'applied') this.apply(output);
      else if (output.type === 'waiting') this.port.after(DEADLOCK_TIMEOUT_US, { wait: output.wait });
      else if (output.type === 'limit') {
        this.port.emit({ type: 'limit.hit', limit: output.limit, value: output.value, message: output.message });
      } else {
        const message = this.asked.get(output.id);
        this.asked.delete(output.id);
        if (message !== undefined)
          this.answer(message, message.operation, { kind: 'db.result', result: output.result });
      }
    }
  }
}

/** Makes the actor of a database: it answers `db.query` in the virtual instant it arrives, or when the lock it waits for is free; spans are the caller's. */
export const databaseActor: ActorFactory = (port) => new DatabaseActor(port);
