import type { Json } from '../../../core/base/json.ts';
import { compareKeys } from '../../../core/base/order.ts';
import type { EventOf, LogEvent } from '../../../core/fabric/event.ts';
import { topicMatches } from '../../../core/messaging/topic.ts';
import { checkSpans } from '../../../core/telemetry/spans.ts';
import type { VirtualRun } from '../run-virtual.ts';

type Row = Record<string, Json>;

/** All broken invariants of a run that was healed and came to rest, in words; empty when it is sound. */
export function brokenInvariants(run: VirtualRun): string[] {
  return [
    ...timeRuns(run.events),
    ...conservation(run.events),
    ...checkSpans(run.events).map((problem) => `spans: ${problem}`),
    ...spansEnd(run.events),
    ...heartbeats(run.events),
    ...atRest(run),
    ...deadLetters(run),
    ...sagas(run),
    ...stock(run),
  ];
}

/** I13: virtual time never goes back, and no two events have one key. */
export function timeRuns(events: readonly LogEvent[]): string[] {
  for (let i = 1; i < events.length; i++) {
    const [a, b] = [events[i - 1] as LogEvent, events[i] as LogEvent];
    if (compareKeys(a, b) >= 0)
      return [`time: event ${b.source}:${b.seq} at ${b.t} comes after ${a.source}:${a.seq} at ${a.t}`];
  }
  return [];
}

interface QueueBook {
  bindings: string[];
  /** Message ids by row key: what the store holds for this queue. */
  rows: Map<string, string>;
  seen: Set<string>;
  removed: number;
  settled: number;
}

/** I2, MQ11: what the broker confirmed is in every bound queue until it is acknowledged or dead-lettered; store and memory agree at every change. */
function conservation(events: readonly LogEvent[]): string[] {
  const problems: string[] = [];
  const queues = new Map<string, QueueBook>();
  const published = new Map<string, { messageId: string; key: string }>();
  const bookOf = (name: string): QueueBook => {
    const known = queues.get(name);
    if (known) return known;
    const book: QueueBook = { bindings: [], rows: new Map(), seen: new Set(), removed: 0, settled: 0 };
    queues.set(name, book);
    return book;
  };
  for (const event of events) {
    if (event.type === 'message.sent') {
      const { payload } = event;
      if (payload.kind === 'amqp.publish') published.set(`${event.source}:${event.seq}`, payload.message);
      if (payload.kind === 'amqp.ack' || payload.kind === 'amqp.nack') bookOf(payload.queue).settled += 1;
      if (payload.kind !== 'amqp.confirm' || !payload.ok) continue;
      const message = published.get(event.inReplyTo ?? '');
      if (!message) problems.push(`messages: a confirm answers nothing (${event.inReplyTo})`);
      else
        for (const [name, book] of queues)
          if (book.bindings.some((pattern) => topicMatches(pattern, message.key)) && !book.seen.has(message.messageId))
            problems.push(`messages: ${message.key} ${message.messageId} was confirmed and is not in ${name}`);
    } else if (event.type === 'store.applied' && event.table === 'message') moveRow(event, bookOf);
    else if (event.type === 'queue.changed') {
      const book = bookOf(event.queue);
      book.bindings = event.bindings;
      const dead = bookOf(`${event.queue}.dead`);
      if (book.rows.size !== event.ready + event.unacked || dead.rows.size !== event.dead)
        problems.push(
          `messages: ${event.queue} at ${event.t} keeps ${book.rows.size}+${dead.rows.size} and says ${event.ready}+${event.unacked}+${event.dead}`,
        );
      if (book.removed > book.settled) problems.push(`messages: ${event.queue} gave up more than was acknowledged`);
    }
  }
  return problems;
}

function moveRow(event: EventOf<'store.applied'>, bookOf: (name: string) => QueueBook): void {
  const row = (event.after ?? event.before) as Row;
  const book = bookOf(row['queue'] as string);
  if (event.after) {
    book.rows.set(event.key, row['messageId'] as string);
    book.seen.add(row['messageId'] as string);
  } else if (book.rows.delete(event.key)) book.removed += 1;
}

/** I10: whatever was begun has ended, unless its instance died meanwhile. */
function spansEnd(events: readonly LogEvent[]): string[] {
  const open = new Map<string, EventOf<'span.started'>>();
  for (const event of events) {
    if (event.type === 'span.started') open.set(event.spanId, event);
    else if (event.type === 'span.ended') open.delete(event.spanId);
    else if (event.type === 'instance.crashed' || event.type === 'instance.stopped')
      for (const [id, span] of open) if (span.source === event.instance) open.delete(id);
  }
  return [...open.values()].map((span) => `liveness: span ${span.name} of ${span.source} never ends`);
}

/** A living instance keeps one chain of heartbeats, however often the registry came and went. */
function heartbeats(events: readonly LogEvent[]): string[] {
  const last = events.at(-1)?.t ?? 0;
  const counts = new Map<string, number>();
  for (const event of events)
    if (event.type === 'message.sent' && event.payload.kind === 'registry.heartbeat' && event.t > last - 30e6)
      counts.set(event.source, (counts.get(event.source) ?? 0) + 1);
  return [...counts].filter(([, n]) => n > 11).map(([source, n]) => `registry: ${source} sent ${n} heartbeats in 30 s`);
}

const rowsOf = (run: VirtualRun, store: string, table: string): Row[] =>
  run
    .stored(store)
    .filter((stored) => stored.table === table)
    .map((stored) => stored.row as Row);
const byOrder = (rows: Row[]): Map<string, Row> => new Map(rows.map((row) => [row['orderId'] as string, row]));

/** Orders with a message among the dead letters: a person has to look at them, the saga cannot end by itself. */
function buried(run: VirtualRun): Set<string> {
  const dead = rowsOf(run, 'rabbitmq', 'message').filter((row) => (row['queue'] as string).endsWith('.dead'));
  return new Set(dead.map((row) => (JSON.parse(row['body'] as string) as Row)['orderId'] as string));
}

/** A message is given up only for a failure that was set by hand and that nothing catches. */
function deadLetters(run: VirtualRun): string[] {
  const excused = new Set<string>();
  for (const event of run.events)
    if (event.type === 'step.failed' && event.byFault && event.code === 'injected') excused.add(event.traceId);
  return rowsOf(run, 'rabbitmq', 'message')
    .filter(
      (row) => (row['queue'] as string).endsWith('.dead') && !excused.has((row['trace'] as Row)['traceId'] as string),
    )
    .map((row) => `messages: ${row['key'] as string} was given up in ${row['queue'] as string} without a reason`);
}

/** Liveness: queues and outboxes are empty, every declared service is registered, no order waits for anything but a person. */
function atRest(run: VirtualRun): string[] {
  const problems: string[] = [];
  for (const row of rowsOf(run, 'rabbitmq', 'message'))
    if (!(row['queue'] as string).endsWith('.dead'))
      problems.push(`liveness: a message still waits in ${row['queue'] as string}`);
  for (const store of ['order-db', 'payment-db', 'inventory-db', 'shipping-db'])
    for (const row of rowsOf(run, store, 'outbox'))
      problems.push(`liveness: ${row['key'] as string} never left the outbox of ${store}`);
  const registered = new Map<string, string>();
  for (const event of run.events) if (event.type === 'registry.changed') registered.set(event.instance, event.status);
  for (const instance of run.fabric.instances)
    if (
      /^(user|product|order|payment|inventory|shipping|email)#/.test(instance) &&
      registered.get(instance) !== 'passing'
    )
      problems.push(`liveness: ${instance} runs and is not registered (${registered.get(instance)})`);
  return problems;
}

/** SG7 and SG1: an order is completed with all three effects or cancelled with none left; what was charged and not refunded is what was sold. */
function sagas(run: VirtualRun): string[] {
  const problems: string[] = [];
  const payments = byOrder(rowsOf(run, 'payment-db', 'payments'));
  const reservations = byOrder(rowsOf(run, 'inventory-db', 'reservations'));
  const shipments = byOrder(rowsOf(run, 'shipping-db', 'shipments'));
  const emails = byOrder(rowsOf(run, 'email-db', 'emails'));
  const left = buried(run);
  let [kept, sold] = [0, 0];
  for (const order of rowsOf(run, 'order-db', 'orders')) {
    const id = order['id'] as string;
    if (left.has(id)) continue;
    const status = (rows: Map<string, Row>): string => (rows.get(id)?.['status'] as string | undefined) ?? '-';
    const state = [order['status'] as string, status(payments), status(reservations), status(shipments)].join(' ');
    if (status(payments) === 'CHARGED') kept += payments.get(id)?.['amount'] as number;
    if (order['status'] !== 'CANCELLED') sold += order['total'] as number;
    if (!SOUND.has(state)) problems.push(`saga: order ${id} rests as ${state}`);
    if (!emails.has(id)) problems.push(`saga: order ${id} was never confirmed by e-mail`);
  }
  if (kept !== sold) problems.push(`money: kept ${kept}, sold ${sold}`);
  for (const id of payments.keys())
    if (!rowsOf(run, 'order-db', 'orders').some((order) => order['id'] === id))
      problems.push(`saga: payment without order ${id}`);
  return problems;
}
const SOUND = new Set([
  'COMPLETED CHARGED RESERVED CREATED',
  'CANCELLED FAILED - -',
  'CANCELLED REFUNDED FAILED -',
  'CANCELLED REFUNDED RELEASED FAILED',
]);

/** Stock is neither made nor lost: on the shelf plus reserved stays what it was, and reserved is what reservations say. */
function stock(run: VirtualRun): string[] {
  const problems: string[] = [];
  const reserved = new Map<string, number>();
  for (const row of rowsOf(run, 'inventory-db', 'reservations')) {
    if (row['status'] !== 'RESERVED') continue;
    for (const item of row['items'] as Row[]) {
      const product = item['productId'] as string;
      reserved.set(product, (reserved.get(product) ?? 0) + (item['quantity'] as number));
    }
  }
  const initial = new Map<string, number>();
  for (const event of run.events)
    if (
      event.type === 'store.applied' &&
      event.store === 'inventory-db' &&
      event.table === 'stock' &&
      event.before === null
    )
      initial.set(event.key, count(event.after as Row));
  for (const stored of run.stored('inventory-db')) {
    if (stored.table !== 'stock') continue;
    const row = stored.row as Row;
    const product = row['productId'] as string;
    if (count(row) !== initial.get(stored.key))
      problems.push(`stock: ${product} has ${count(row)}, began with ${initial.get(stored.key)}`);
    if (row['reserved'] !== (reserved.get(product) ?? 0))
      problems.push(
        `stock: ${product} counts ${row['reserved'] as number} reserved, reservations say ${reserved.get(product) ?? 0}`,
      );
  }
  return problems;
}
const count = (row: Row): number => (row['available'] as number) + (row['reserved'] as number);
