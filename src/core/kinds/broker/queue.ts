import { canonicalize } from '../../base/canonical.ts';
import type { AmqpMessage, InstanceId, TraceContext } from '../../fabric/message.ts';
import type { StoredRow, TableRow } from '../../storage/types.ts';

/** One message in one queue; `position` is its place for ever, so that a requeue finds it again (MQ4). */
export interface Entry {
  position: number;
  message: AmqpMessage;
  trace: TraceContext | null;
  redelivered: boolean;
  /** Earlier deliveries that were not acknowledged. */
  deliveryCount: number;
  /** The count that its durable row has: written only where a delivery limit needs it after a restart. */
  storedCount: number;
}
export interface Consumer {
  instance: InstanceId;
  link: string | null;
  /** 0 = unlimited. */
  prefetch: number;
}
export interface Queue {
  name: string;
  /** Topic patterns, sorted. */
  bindings: string[];
  /** In order of position. */
  ready: Entry[];
  /** Delivery tag -> what waits for which consumer's acknowledgement. */
  unacked: Map<number, { entry: Entry; consumer: InstanceId }>;
  /** Dead letters, oldest first: the queue `<name>.dead`. */
  dead: Entry[];
  /** Whose turn is next stands first. */
  consumers: Consumer[];
}

export const newQueue = (name: string, bindings: string[]): Queue => ({
  name,
  bindings,
  ready: [],
  unacked: new Map(),
  dead: [],
  consumers: [],
});

/** Name of the queue that takes what `queue` gives up. */
export const deadLetterQueue = (queue: string): string => `${queue}.dead`;

/** Puts an entry at its place among the ready ones. */
export function enqueue(queue: Queue, entry: Entry): void {
  let at = queue.ready.length;
  while (at > 0 && (queue.ready[at - 1] as Entry).position > entry.position) at -= 1;
  queue.ready.splice(at, 0, entry);
}

/** The consumer that gets the next message, moved behind the others; null when all are busy up to their prefetch (MQ3). */
export function takeTurn(queue: Queue): Consumer | null {
  const at = queue.consumers.findIndex((consumer) => hasRoom(queue, consumer));
  const [consumer] = at < 0 ? [] : queue.consumers.splice(at, 1);
  if (consumer === undefined) return null;
  queue.consumers.push(consumer);
  return consumer;
}

function hasRoom(queue: Queue, { instance, prefetch }: Consumer): boolean {
  if (prefetch === 0) return true;
  let busy = 0;
  for (const { consumer } of queue.unacked.values()) if (consumer === instance) busy += 1;
  return busy < prefetch;
}

/** Durable record of a declared queue. */
export const queueRow = (queue: Queue): StoredRow & { row: TableRow } => ({
  table: 'queue',
  key: canonicalize(queue.name),
  row: { name: queue.name, bindings: queue.bindings },
});

/** Durable record of a message in a queue (`name` with `.dead` for a dead letter). */
export function messageRow(
  name: string,
  { position, message, trace, storedCount }: Entry,
): StoredRow & { row: TableRow } {
  const { messageId, exchange, key, type, headers, body } = message;
  const context =
    trace === null ? null : { ...trace, ...(trace.saga === undefined ? {} : { saga: { ...trace.saga } }) };
  return {
    table: 'message',
    key: canonicalize([name, position]),
    row: {
      queue: name,
      position,
      messageId,
      exchange,
      key,
      type,
      headers,
      body,
      trace: context as TableRow[string],
      deliveryCount: storedCount,
    },
  };
}

/** Queues as a restarted broker finds them: every message is ready again and marked redelivered, because it may have been delivered before. */
export function recoverQueues(stored: readonly StoredRow[]): Queue[] {
  const queues = new Map<string, Queue>();
  const rows = stored.map(({ table, row }) => ({ table, row: row as TableRow }));
  for (const { table, row } of rows) {
    if (table !== 'queue') continue;
    const name = row['name'] as string;
    queues.set(name, newQueue(name, [...(row['bindings'] as string[])]));
  }
  for (const { table, row } of rows) {
    if (table !== 'message') continue;
    const name = row['queue'] as string;
    const queue = queues.get(name);
    if (queue !== undefined) enqueue(queue, recoveredEntry(row));
    else queues.get(name.slice(0, -deadLetterQueue('').length))?.dead.push(recoveredEntry(row));
  }
  for (const queue of queues.values()) queue.dead.sort((a, b) => a.position - b.position);
  return [...queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function recoveredEntry(row: TableRow): Entry {
  const text = (column: string): string => row[column] as string;
  return {
    position: row['position'] as number,
    message: {
      messageId: text('messageId'),
      exchange: text('exchange'),
      key: text('key'),
      type: text('type'),
      headers: row['headers'] as Record<string, string>,
      body: text('body'),
    },
    trace: row['trace'] as unknown as TraceContext | null,
    redelivered: true,
    deliveryCount: row['deliveryCount'] as number,
    storedCount: row['deliveryCount'] as number,
  };
}
