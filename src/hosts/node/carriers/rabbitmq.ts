import { type ChannelModel, type ConfirmChannel, connect, type ConsumeMessage } from 'amqplib';
import type { AmqpMessage, InstanceId, Message, Payload } from '../../../core/fabric/message.ts';
import { extractTrace, injectTrace } from '../../../core/http/trace-context.ts';
import { type Carrier, type Inbox, lossOf, textOf } from '../carrier.ts';

export interface RabbitOptions {
  host: string;
  port: number;
  user: string;
  password: string;
  /** The broker's instance as the actor knows it. */
  broker: InstanceId;
  exchange: string;
  /** Redeliveries before a message is dead-lettered; null = classic queue without limit. */
  deliveryLimit: number | null;
}
type Of<K extends Payload['kind']> = Extract<Payload, { kind: K }>;

/** Everything that belongs to one connection; a lost connection takes all of it along, as in AMQP. */
interface Session {
  connection: ChannelModel;
  channel: ConfirmChannel;
  /** Our delivery tag -> the broker's message. */
  unacked: Map<number, ConsumeMessage>;
}

/** Name of the exchange that takes rejected messages of an exchange, and of the queue behind it. */
export const deadLetterExchange = (exchange: string): string => `${exchange}.dead`;

/** Publications with confirm and deliveries with manual acknowledgement over one AMQP 0-9-1 connection to RabbitMQ. */
export function rabbitCarrier(inbox: Inbox, options: RabbitOptions): Carrier {
  let session: Promise<Session> | null = null;
  let isClosing = false;
  let tags = 0;

  async function openSession(): Promise<Session> {
    const { host, port, user, password, exchange } = options;
    const connection = await connect({
      protocol: 'amqp',
      hostname: host,
      port,
      username: user,
      password,
      heartbeat: 10,
    });
    const lost = (reason: string): void => {
      if (session === mine) session = null;
      if (!isClosing) inbox.down(options.broker, reason);
    };
    const mine = session;
    connection.on('error', () => undefined);
    connection.once('close', () => lost('connection closed'));
    const channel = await connection.createConfirmChannel();
    // A channel that the broker closed (a precondition, a lost queue) is of no use: start over with a new connection.
    channel.on('error', () => void connection.close().catch(() => undefined));
    await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.assertExchange(deadLetterExchange(exchange), 'topic', { durable: true });
    return { connection, channel, unacked: new Map() };
  }

  function opened(): Promise<Session> {
    session ??= openSession().catch((error: unknown) => {
      session = null;
      throw error;
    });
    return session;
  }

  async function publish(message: Message, { message: event }: Of<'amqp.publish'>): Promise<void> {
    const { channel } = await opened();
    const headers = injectTrace(event.headers, message.trace);
    await new Promise<void>((resolve, reject) => {
      channel.publish(
        event.exchange,
        event.key,
        Buffer.from(event.body),
        { persistent: true, contentType: 'application/json', messageId: event.messageId, type: event.type, headers },
        (error: unknown) => (error ? reject(error instanceof Error ? error : new Error(textOf(error))) : resolve()),
      );
    });
    inbox.arrive(message.to, { kind: 'amqp.confirm', ok: true }, { answers: message });
  }

  async function consume(message: Message, { queue, bindings, prefetch }: Of<'amqp.consume'>): Promise<void> {
    const { channel, unacked } = await opened();
    const { exchange, deliveryLimit } = options;
    const dead = deadLetterExchange(exchange);
    const limited = deliveryLimit === null ? {} : { 'x-queue-type': 'quorum', 'x-delivery-limit': deliveryLimit };
    await channel.assertQueue(queue, {
      durable: true,
      deadLetterExchange: dead,
      deadLetterRoutingKey: queue,
      arguments: limited,
    });
    for (const key of bindings) await channel.bindQueue(queue, exchange, key);
    await channel.assertQueue(`${queue}.dead`, { durable: true });
    await channel.bindQueue(`${queue}.dead`, dead, queue);
    if (prefetch > 0) await channel.prefetch(prefetch);
    await channel.consume(queue, (delivered) => {
      // Null means that the queue was deleted.
      if (delivered) deliver(queue, delivered, unacked);
    });
    inbox.arrive(message.to, { kind: 'amqp.consume-ok', queue }, { answers: message });
  }

  function deliver(queue: string, delivered: ConsumeMessage, unacked: Map<number, ConsumeMessage>): void {
    const deliveryTag = ++tags;
    unacked.set(deliveryTag, delivered);
    const { fields, properties } = delivered;
    const headers = textHeaders(properties.headers ?? {});
    const counted = Number(properties.headers?.['x-delivery-count'] ?? 0);
    const message: AmqpMessage = {
      messageId: String(properties.messageId ?? ''),
      exchange: fields.exchange,
      key: fields.routingKey,
      type: String(properties.type ?? ''),
      headers,
      body: delivered.content.toString('utf8'),
    };
    // Classic queues tell only that it is not the first time.
    const deliveryCount = Math.max(counted, fields.redelivered ? 1 : 0);
    inbox.arrive(
      options.broker,
      { kind: 'amqp.deliver', queue, deliveryTag, redelivered: fields.redelivered, deliveryCount, message },
      { trace: extractTrace(headers), operation: `deliver ${fields.routingKey}` },
    );
  }

  async function settle(payload: Of<'amqp.ack'> | Of<'amqp.nack'>): Promise<void> {
    const { channel, unacked } = await opened();
    const delivered = unacked.get(payload.deliveryTag);
    // Of an earlier connection: the broker has given it to someone again.
    if (!delivered) return;
    unacked.delete(payload.deliveryTag);
    if (payload.kind === 'amqp.ack') channel.ack(delivered);
    else channel.nack(delivered, false, payload.requeue);
  }

  async function perform(message: Message): Promise<void> {
    const { payload } = message;
    if (payload.kind === 'amqp.publish') await publish(message, payload);
    else if (payload.kind === 'amqp.consume') await consume(message, payload);
    else if (payload.kind === 'amqp.ack' || payload.kind === 'amqp.nack') await settle(payload);
  }

  return {
    send(message) {
      void perform(message).catch((error: unknown) => inbox.refused(message, lossOf(error)));
    },
    async close() {
      isClosing = true;
      const settled = await session?.catch(() => null);
      try {
        await settled?.channel.waitForConfirms();
        await settled?.connection.close();
      } catch {
        // It was closed already.
      }
    },
  };
}

/** Header values as text; AMQP tables such as x-death are left out. */
function textHeaders(headers: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
