import { isObject, type Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import type { Message, Payload, TraceContext } from '../../fabric/message.ts';
import type { Actor, ActorFactory, ActorPort } from '../../fabric/protocol.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { START_DELAY_US } from '../start-delay.ts';
import {
  ack,
  consume,
  consumerDown,
  createBroker,
  describe,
  nack,
  publish,
  redeclare,
  type Declared,
  type Output,
  type Settings,
} from './machine.ts';

const settingsOf = ({ init: { record } }: ActorPort): Settings => {
  assert(record.kind === 'broker', `a broker instance got a ${record.kind} record`);
  const { exchange, deliveryLimit } = record.config;
  return { exchange, deliveryLimit };
};

/** What the linked services declare, by queue; a service's queue has its network name. */
function declaredQueues({ init }: ActorPort): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  for (const { kind, record } of init.peers) {
    if (kind !== 'subscribe' || record.kind !== 'service') continue;
    const { subscriptions, prefetch } = record.config;
    const bindings = subscriptions.filter(({ broker }) => broker === init.node).map(({ key }) => key);
    if (bindings.length > 0) declared.set(record.name, { bindings, prefetch });
  }
  return declared;
}

/** A broker instance: every accepted publish is durable before its confirm; deliveries carry the publisher's trace. */
export const brokerActor: ActorFactory = (port): Actor => {
  const broker = createBroker(settingsOf(port), port.init.stored);
  const { startedAt } = port.init;
  /** What arrived before it was ready. */
  let backlog: Message[] | null = [];

  const answer = (message: Message, operation: string, payload: Payload): void =>
    void port.send({
      to: message.from,
      link: message.link,
      operation,
      inReplyTo: message.id,
      trace: message.trace,
      payload,
    });

  function perform(outputs: Output[], asked: Message | null, trace: TraceContext | null): void {
    for (const output of outputs) {
      switch (output.type) {
        case 'applied': {
          const { table, key, before, after } = output;
          port.emit({ type: 'store.applied', store: port.init.node, table, key, before, after });
          break;
        }
        case 'changed':
          port.emit({ ...output, type: 'queue.changed' });
          break;
        case 'limit':
          port.emit({ ...output, type: 'limit.hit' });
          break;
        case 'note':
          port.emit({
            type: 'log',
            severity: 'WARN',
            text: output.text,
            traceId: trace?.traceId ?? null,
            spanId: trace?.spanId ?? null,
          });
          break;
        case 'confirm': {
          const { ok, reason } = output;
          const payload: Payload = { kind: 'amqp.confirm', ok, ...(reason === undefined ? {} : { reason }) };
          if (asked !== null) answer(asked, asked.operation.replace(/^publish/, ok ? 'confirm' : 'refuse'), payload);
          break;
        }
        case 'consume-ok':
          if (asked !== null)
            answer(asked, `consume-ok ${output.queue}`, { kind: 'amqp.consume-ok', queue: output.queue });
          break;
        case 'deliver': {
          const { queue, tag, consumer, entry } = output;
          const { redelivered, deliveryCount, message } = entry;
          port.send({
            to: consumer.instance,
            link: consumer.link,
            operation: `deliver ${message.key}`,
            trace: entry.trace,
            payload: { kind: 'amqp.deliver', queue, deliveryTag: tag, redelivered, deliveryCount, message },
          });
        }
      }
    }
  }

  function take(message: Message): void {
    // Sent to the incarnation before: that connection is gone, and its sender has been told.
    if (message.departAt < startedAt) return;
    const { payload, from, link } = message;
    switch (payload.kind) {
      case 'amqp.publish': {
        const trace = message.trace ?? extractTrace(payload.message.headers);
        return perform(publish(broker, payload.message, trace), message, trace);
      }
      case 'amqp.consume': {
        const consumer = { instance: from, link, prefetch: payload.prefetch };
        return perform(consume(broker, payload.queue, payload.bindings, consumer), message, null);
      }
      case 'amqp.ack':
        return perform(ack(broker, payload.queue, payload.deliveryTag, from), message, message.trace);
      case 'amqp.nack':
        return perform(nack(broker, payload.queue, payload.deliveryTag, from, payload.requeue), message, message.trace);
      default:
        return;
    }
  }

  return {
    receive(body) {
      if (body.type === 'start') port.after(START_DELAY_US, { ready: true });
      else if (body.type === 'message') {
        if (backlog === null) take(body.message);
        else backlog.push(body.message);
      } else if (body.type === 'peer.down') perform(consumerDown(broker, body.instance), null, null);
      // A delivery that reached nobody: that consumer is gone.
      else if (body.type === 'refused') perform(consumerDown(broker, body.to), null, null);
      else if (body.type === 'reconfigure') {
        const links = new Set(body.peers.map((peer) => peer.link));
        perform(redeclare(broker, settingsOf(port), declaredQueues(port), links), null, null);
      } else if (body.type === 'drain') port.stop('drained');
    },
    timer(token) {
      if (!isObject(token) || token['ready'] !== true) return;
      port.emit({ type: 'instance.ready', instance: port.init.instance });
      perform(describe(broker), null, null);
      const early = backlog ?? [];
      backlog = null;
      for (const message of early) take(message);
    },
    inspect(): Json {
      const queues = [...broker.queues.values()].map(({ name, bindings, ready, unacked, dead, consumers }): Json => ({
        name,
        bindings,
        ready: ready.map((entry) => entry.message.messageId),
        unacked: [...unacked].map(([tag, { consumer }]): Json => ({ tag, consumer })),
        dead: dead.map((entry) => entry.message.messageId),
        consumers: consumers.map((consumer) => consumer.instance),
      }));
      return { queues };
    },
  };
};
