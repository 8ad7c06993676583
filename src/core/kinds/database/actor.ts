import { isObject, type Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import { usesOutbox } from '../../behaviour/compiled.ts';
import { OUTBOX_TABLE } from '../../behaviour/outbox.ts';
import type { Message } from '../../fabric/message.ts';
import type { Actor, ActorFactory, ActorPort } from '../../fabric/protocol.ts';
import type { ConfigOf, Table } from '../../topology/types.ts';
import { START_DELAY_US } from '../start-delay.ts';
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

/** A database instance: answers `db.query` in the virtual instant it arrives (or when the lock it waits for is free); spans are the caller's. */
export const databaseActor: ActorFactory = (port): Actor => {
  const db: Database = createDatabase(tablesOf(port, null), port.init.stored);
  const asked = new Map<string, Message>();
  /** What arrived before it was ready, as in a listening socket's backlog. */
  let backlog: Message[] | null = [];

  const apply = ({ table, key, before, after }: AppliedRow): void =>
    port.emit({ type: 'store.applied', store: port.init.node, table, key, before, after });

  function perform(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.type === 'applied') apply(output);
      else if (output.type === 'waiting') port.after(DEADLOCK_TIMEOUT_US, { wait: output.wait });
      else if (output.type === 'limit') {
        port.emit({ type: 'limit.hit', limit: output.limit, value: output.value, message: output.message });
      } else {
        const message = asked.get(output.id);
        if (message === undefined) continue;
        asked.delete(output.id);
        port.send({
          to: message.from,
          link: message.link,
          operation: message.operation,
          inReplyTo: message.id,
          trace: message.trace,
          payload: { kind: 'db.result', result: output.result },
        });
      }
    }
  }

  function take(message: Message): void {
    // Sent to the incarnation before: that connection is gone, and its sender has been told.
    if (message.payload.kind !== 'db.query' || message.departAt < port.init.startedAt) return;
    asked.set(message.id, message);
    perform(query(db, { id: message.id, client: message.from, query: message.payload.query }));
  }

  return {
    receive(body) {
      if (body.type === 'start') port.after(START_DELAY_US, { ready: true });
      else if (body.type === 'message') {
        if (backlog === null) take(body.message);
        else backlog.push(body.message);
      } else if (body.type === 'peer.down') perform(clientDown(db, body.instance));
      else if (body.type === 'reconfigure') {
        for (const row of redeclare(db, tablesOf(port, db), configOf(port).rows)) apply(row);
      } else if (body.type === 'drain') port.stop('drained');
    },
    timer(token) {
      if (!isObject(token)) return;
      if (token['ready'] === true) {
        port.emit({ type: 'instance.ready', instance: port.init.instance });
        const early = backlog ?? [];
        backlog = null;
        for (const message of early) take(message);
      } else if (typeof token['wait'] === 'number') perform(checkDeadlock(db, token['wait']));
    },
    inspect() {
      const tables: [string, Json][] = [...db.tables].map(([name, table]) => [name, [...table.rows.values()]]);
      return { tables: Object.fromEntries(tables), transactions: db.transactions.size, waiting: db.waiting.length };
    },
  };
};
