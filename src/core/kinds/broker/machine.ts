import type { AmqpMessage, InstanceId, TraceContext } from '../../fabric/message.ts';
import { topicMatches } from '../../messaging/topic.ts';
import type { StoredRow, TableRow } from '../../storage/types.ts';
import {
  deadLetterQueue,
  enqueue,
  messageRow,
  newQueue,
  queueRow,
  recoverQueues,
  takeTurn,
  type Consumer,
  type Entry,
  type Queue,
} from './queue.ts';

/** Ready messages that a queue takes; RabbitMQ's `max-length` with overflow `reject-publish`. */
export const MAX_READY = 100_000;

export interface Settings {
  exchange: string;
  /** Redeliveries before a message is dead-lettered (quorum queues' `delivery-limit`); null = none (classic queues). */
  deliveryLimit: number | null;
}
export type Output =
  | { type: 'applied'; table: string; key: string; before: TableRow | null; after: TableRow | null }
  | { type: 'deliver'; queue: string; tag: number; consumer: Consumer; entry: Entry }
  | { type: 'confirm'; ok: boolean; reason?: string }
  | { type: 'consume-ok'; queue: string }
  /** State after the change; once per input and queue. */
  | {
      type: 'changed';
      queue: string;
      bindings: string[];
      ready: number;
      unacked: number;
      dead: number;
      consumers: number;
    }
  | { type: 'note'; text: string }
  | { type: 'limit'; limit: string; value: number; message: string };

/** RabbitMQ with durable queues and persistent messages; owned mutable state, changed only by the functions of this file. */
export interface Broker {
  settings: Settings;
  queues: Map<string, Queue>;
  /** Next place in any queue. */
  position: number;
  tag: number;
}

/** A broker with what its store kept (`recoverQueues`). */
export function createBroker(settings: Settings, stored: readonly StoredRow[]): Broker {
  const queues = recoverQueues(stored);
  const positions = queues.flatMap((queue) => [...queue.ready, ...queue.dead].map((entry) => entry.position));
  const position = positions.reduce((last, next) => Math.max(last, next), 0) + 1;
  return { settings, queues: new Map(queues.map((queue) => [queue.name, queue])), position, tag: 1 };
}

const byName = (broker: Broker): Queue[] => [...broker.queues.values()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** State of every queue, as after a restart. */
export const describe = (broker: Broker): Output[] => byName(broker).map(changed);

function changed(queue: Queue): Output {
  const { name, bindings, ready, unacked, dead, consumers } = queue;
  const counts = { ready: ready.length, unacked: unacked.size, dead: dead.length, consumers: consumers.length };
  return { type: 'changed', queue: name, bindings: [...bindings], ...counts };
}

const put = (row: StoredRow & { row: TableRow }, before: TableRow | null = null): Output => ({
  type: 'applied',
  table: row.table,
  key: row.key,
  before,
  after: row.row,
});
const drop = (row: StoredRow & { row: TableRow }): Output => ({
  type: 'applied',
  table: row.table,
  key: row.key,
  before: row.row,
  after: null,
});

/** Routes a message to every queue with a matching binding (topic exchange; the default exchange `` goes by queue name), then confirms: after the durable write (MQ10). Unroutable: confirmed and gone (MQ2). */
export function publish(broker: Broker, message: AmqpMessage, trace: TraceContext | null): Output[] {
  const { exchange, key } = message;
  if (exchange !== '' && exchange !== broker.settings.exchange) {
    return [{ type: 'confirm', ok: false, reason: `NOT_FOUND - no exchange '${exchange}'` }];
  }
  const targets = byName(broker).filter((queue) =>
    exchange === '' ? queue.name === key : queue.bindings.some((pattern) => topicMatches(pattern, key)),
  );
  const full = targets.find((queue) => queue.ready.length >= MAX_READY);
  if (full !== undefined) {
    const reason = `queue '${full.name}' holds ${MAX_READY} messages`;
    return [
      { type: 'limit', limit: 'MAX_READY', value: MAX_READY, message: reason },
      { type: 'confirm', ok: false, reason },
    ];
  }
  const out: Output[] = [];
  for (const queue of targets) {
    const entry: Entry = {
      position: broker.position,
      message,
      trace,
      redelivered: false,
      deliveryCount: 0,
      storedCount: 0,
    };
    broker.position += 1;
    enqueue(queue, entry);
    out.push(put(messageRow(queue.name, entry)));
  }
  if (targets.length === 0) out.push({ type: 'note', text: `unroutable message dropped: no queue is bound to ${key}` });
  out.push({ type: 'confirm', ok: true });
  for (const queue of targets) dispatch(broker, queue, out);
  return out;
}

/** Declares the queue (durable, bound by exactly these patterns) and registers the consumer; idempotent for one instance. */
export function consume(broker: Broker, name: string, bindings: readonly string[], consumer: Consumer): Output[] {
  const out: Output[] = [];
  const queue = broker.queues.get(name) ?? newQueue(name, []);
  if (!broker.queues.has(name)) {
    broker.queues.set(name, queue);
    queue.bindings = sortedSet(bindings);
    out.push(put(queueRow(queue)));
  } else bind(queue, bindings, out);
  const known = queue.consumers.findIndex(({ instance }) => instance === consumer.instance);
  if (known >= 0) queue.consumers[known] = consumer;
  else queue.consumers.push(consumer);
  out.push({ type: 'consume-ok', queue: name });
  dispatch(broker, queue, out);
  return out;
}

const sortedSet = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

function bind(queue: Queue, bindings: readonly string[], out: Output[]): boolean {
  const next = sortedSet(bindings);
  if (next.join('\n') === queue.bindings.join('\n')) return false;
  const before = queueRow(queue).row;
  queue.bindings = next;
  out.push(put(queueRow(queue), before));
  return true;
}

/** Acknowledges one delivery of that consumer; a tag that it does not hold (acknowledged twice, or given back meanwhile) is noted and ignored. */
export function ack(broker: Broker, name: string, tag: number, consumer: InstanceId): Output[] {
  const held = release(broker, name, tag, consumer);
  if (held === null) return [unknownTag(tag)];
  const out: Output[] = [drop(messageRow(name, held.entry))];
  dispatch(broker, held.queue, out);
  return out;
}

/** Gives one delivery back: to its place with `requeue` (MQ4), else to the dead letters (MQ6). */
export function nack(broker: Broker, name: string, tag: number, consumer: InstanceId, requeue: boolean): Output[] {
  const held = release(broker, name, tag, consumer);
  if (held === null) return [unknownTag(tag)];
  const out: Output[] = [];
  if (requeue) giveBack(broker, held.queue, held.entry, out);
  else bury(held.queue, held.entry, 'rejected', out);
  dispatch(broker, held.queue, out);
  return out;
}

const unknownTag = (tag: number): Output => ({
  type: 'note',
  text: `PRECONDITION_FAILED - unknown delivery tag ${tag}`,
});

function release(
  broker: Broker,
  name: string,
  tag: number,
  consumer: InstanceId,
): { queue: Queue; entry: Entry } | null {
  const queue = broker.queues.get(name);
  const held = queue?.unacked.get(tag);
  if (queue === undefined || held?.consumer !== consumer) return null;
  queue.unacked.delete(tag);
  return { queue, entry: held.entry };
}

/** Back to its place, marked redelivered; beyond the delivery limit it is dead-lettered instead. */
function giveBack(broker: Broker, queue: Queue, entry: Entry, out: Output[]): void {
  const { deliveryLimit } = broker.settings;
  entry.redelivered = true;
  entry.deliveryCount += 1;
  if (deliveryLimit !== null && entry.deliveryCount > deliveryLimit) {
    bury(queue, entry, 'delivery_limit', out);
    return;
  }
  enqueue(queue, entry);
  if (deliveryLimit === null) return;
  const before = messageRow(queue.name, entry).row;
  entry.storedCount = entry.deliveryCount;
  out.push(put(messageRow(queue.name, entry), before));
}

function bury(queue: Queue, entry: Entry, reason: 'rejected' | 'delivery_limit', out: Output[]): void {
  const headers = {
    ...entry.message.headers,
    'x-first-death-exchange': entry.message.exchange,
    'x-first-death-queue': queue.name,
    'x-first-death-reason': reason,
  };
  const dead: Entry = { ...entry, message: { ...entry.message, headers }, storedCount: entry.deliveryCount };
  queue.dead.push(dead);
  out.push(drop(messageRow(queue.name, entry)), put(messageRow(deadLetterQueue(queue.name), dead)));
}

/** A consumer's connection closed: all that it held goes back in order with `redelivered` (MQ5). */
export function consumerDown(broker: Broker, instance: InstanceId): Output[] {
  const out: Output[] = [];
  for (const queue of byName(broker)) if (disconnect(broker, queue, instance, out)) dispatch(broker, queue, out);
  return out;
}

function disconnect(broker: Broker, queue: Queue, instance: InstanceId, out: Output[]): boolean {
  const held = [...queue.unacked].filter(([, { consumer }]) => consumer === instance);
  const stays = queue.consumers.filter((consumer) => consumer.instance !== instance);
  if (held.length === 0 && stays.length === queue.consumers.length) return false;
  queue.consumers = stays;
  for (const [tag, { entry }] of held) {
    queue.unacked.delete(tag);
    giveBack(broker, queue, entry, out);
  }
  return true;
}

/** Delivers what is ready while some consumer has room, then reports the queue. */
function dispatch(broker: Broker, queue: Queue, out: Output[]): void {
  while (queue.ready.length > 0) {
    const consumer = takeTurn(queue);
    if (consumer === null) break;
    const entry = queue.ready.shift() as Entry;
    const { tag } = broker;
    broker.tag += 1;
    queue.unacked.set(tag, { entry, consumer: consumer.instance });
    out.push({ type: 'deliver', queue: queue.name, tag, consumer, entry: { ...entry } });
  }
  out.push(changed(queue));
}

/** What a linked service declares of its queue. */
export interface Declared {
  bindings: readonly string[];
  prefetch: number;
}

/**
 * Follows the drawing: `declared` = what the services that are linked now declare, by queue. Kept queues are bound anew and their
 * consumers get the new prefetch, queues of services that are gone are deleted with all they hold, consumers whose link is gone are disconnected.
 */
export function redeclare(
  broker: Broker,
  settings: Settings,
  declared: ReadonlyMap<string, Declared>,
  links: ReadonlySet<string>,
): Output[] {
  const out: Output[] = [];
  broker.settings = settings;
  for (const queue of byName(broker)) {
    const wanted = declared.get(queue.name);
    if (wanted === undefined) {
      remove(broker, queue, out);
      continue;
    }
    const isBound = bind(queue, wanted.bindings, out);
    const lost = queue.consumers.filter(({ link }) => link !== null && !links.has(link));
    for (const { instance } of lost) disconnect(broker, queue, instance, out);
    const isPaced = queue.consumers.some(({ prefetch }) => prefetch !== wanted.prefetch);
    queue.consumers = queue.consumers.map((consumer) => ({ ...consumer, prefetch: wanted.prefetch }));
    if (isBound || isPaced || lost.length > 0) dispatch(broker, queue, out);
  }
  return out;
}

function remove(broker: Broker, queue: Queue, out: Output[]): void {
  broker.queues.delete(queue.name);
  const held = [...queue.unacked.values()].map(({ entry }) => entry);
  const entries = [...held, ...queue.ready].sort((a, b) => a.position - b.position);
  for (const entry of entries) out.push(drop(messageRow(queue.name, entry)));
  for (const entry of queue.dead) out.push(drop(messageRow(deadLetterQueue(queue.name), entry)));
  out.push(drop(queueRow(queue)), changed(newQueue(queue.name, [])));
}
