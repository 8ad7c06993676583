import type { Json } from '../../base/json.ts';
import { assert } from '../../base/result.ts';
import type { Message, TraceContext } from '../../fabric/message.ts';
import type { ActorFactory, ActorPort, DeliveryBody } from '../../fabric/protocol.ts';
import { extractTrace } from '../../http/trace-context.ts';
import { Infrastructure } from '../infrastructure.ts';
import {
  ack,
  consume,
  consumerDown,
  createBroker,
  describe,
  nack,
  publish,
  redeclare,
  type Broker,
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

type Of<T extends Output['type']> = Extract<Output, { type: T }>;

class BrokerActor extends Infrastructure {
  private readonly broker: Broker;

  constructor(port: ActorPort) {
    super(port);
    this.broker = createBroker(settingsOf(port), port.init.stored);
  }

  inspect(): Json {
    const queues = [...this.broker.queues.values()].map(
      ({ name, bindings, ready, unacked, dead, consumers }): Json => ({
        name,
        bindings,
        ready: ready.map((entry) => entry.message.messageId),
        unacked: [...unacked].map(([tag, { consumer }]): Json => ({ tag, consumer })),
        dead: dead.map((entry) => entry.message.messageId),
        consumers: consumers.map((consumer) => consumer.instance),
      }),
    );
    return { queues };
  }

  protected begin(): void {
    this.perform(describe(this.broker), null, null);
  }

  protected take(message: Message): void {
    const { payload, from, link } = message;
    switch (payload.kind) {
      case 'amqp.publish': {
        const trace = message.trace ?? extractTrace(payload.message.headers);
        return this.perform(publish(this.broker, payload.message, trace), message, trace);
      }
      case 'amqp.consume': {
        const { queue, bindings, prefetch } = payload;
        return this.perform(consume(this.broker, queue, bindings, { instance: from, link, prefetch }), message, null);
      }
      case 'amqp.ack':
        return this.perform(ack(this.broker, payload.queue, payload.deliveryTag, from), message, message.trace);
      case 'amqp.nack': {
        const { queue, deliveryTag, requeue } = payload;
        return this.perform(nack(this.broker, queue, deliveryTag, from, requeue), message, message.trace);
      }
      default:
        return;
    }
  }

  protected hear(body: DeliveryBody): void {
    if (body.type === 'peer.down') this.perform(consumerDown(this.broker, body.instance), null, null);
    // A delivery that reached nobody: that consumer is gone.
    else if (body.type === 'refused') this.perform(consumerDown(this.broker, body.to), null, null);
    else if (body.type === 'reconfigure') {
      const links = new Set(body.peers.map((peer) => peer.link));
      this.perform(redeclare(this.broker, settingsOf(this.port), declaredQueues(this.port), links), null, null);
    }
  }

  protected due(): void {
    // Nothing here depends on time.
  }

  private perform(outputs: Output[], asked: Message | null, trace: TraceContext | null): void {
    for (const output of outputs) {
      if (output.type === 'deliver') this.deliver(output);
      else if (output.type === 'confirm' && asked !== null) this.confirm(asked, output);
      else if (output.type === 'consume-ok' && asked !== null) {
        this.answer(asked, `consume-ok ${output.queue}`, { kind: 'amqp.consume-ok', queue: output.queue });
      } else this.tell(output, trace);
    }
  }

  private deliver({ queue, tag, consumer, entry }: Of<'deliver'>): void {
    const { redelivered, deliveryCount, message, trace } = entry;
    this.port.send({
      to: consumer.instance,
      link: consumer.link,
      operation: `deliver ${message.key}`,
      trace,
      payload: { kind: 'amqp.deliver', queue, deliveryTag: tag, redelivered, deliveryCount, message },
    });
  }

  private confirm(asked: Message, { ok, reason }: Of<'confirm'>): void {
    const operation = asked.operation.replace(/^publish/, ok ? 'confirm' : 'refuse');
    this.answer(asked, operation, { kind: 'amqp.confirm', ok, ...(reason === undefined ? {} : { reason }) });
  }

  private tell(output: Output, trace: TraceContext | null): void {
    const { port } = this;
    if (output.type === 'applied') {
      const { table, key, before, after } = output;
      port.emit({ type: 'store.applied', store: port.init.node, table, key, before, after });
    } else if (output.type === 'changed') port.emit({ ...output, type: 'queue.changed' });
    else if (output.type === 'limit') port.emit({ ...output, type: 'limit.hit' });
    else if (output.type === 'note') {
      const [traceId, spanId] = [trace?.traceId ?? null, trace?.spanId ?? null];
      port.emit({ type: 'log', severity: 'WARN', text: output.text, traceId, spanId });
    }
  }
}

/** Makes the actor of a broker: every accepted publish is durable before its confirm; deliveries carry the publisher's trace. */
export const brokerActor: ActorFactory = (port) => new BrokerActor(port);
