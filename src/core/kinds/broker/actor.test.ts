import { describe, expect, it } from 'vitest';
import type { AmqpMessage, Payload } from '../../fabric/message.ts';
import type { InstanceInit } from '../../fabric/protocol.ts';
import type { AnyExecutableNode } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { brokerActor } from './actor.ts';

const record: AnyExecutableNode = {
  kind: 'broker',
  name: 'rabbitmq',
  config: { engine: 'rabbitmq', exchange: 'events', deliveryLimit: null, restartDelayMs: null },
};
const running = (more: Partial<InstanceInit> = {}): FakePort => {
  const port = createFakePort(initOf('mq', record, [], more));
  port.attach(brokerActor);
  port.deliver({ type: 'start' });
  port.advance(1000);
  return port;
};
const trace = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  saga: { name: 'order', direction: 'compensation' },
} as const;
const message: AmqpMessage = {
  messageId: 'm1',
  exchange: 'events',
  key: 'order.created',
  type: 'OrderCreated',
  headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
  body: '{}',
};
const consume: Payload = { kind: 'amqp.consume', queue: 'payment', bindings: ['order.*'], prefetch: 1 };
const publish: Payload = { kind: 'amqp.publish', message };

describe('broker instance', () => {
  it('answers consume and publish on their links and delivers with the trace of the publisher', () => {
    const port = running();
    const asked = port.message(consume, { from: 'payment#0', link: 'sub', operation: 'consume payment' });
    const sent = port.message(publish, { from: 'order#0', link: 'pub', operation: 'publish order.created', trace });
    expect(
      port.sent.map(({ to, link, operation, inReplyTo, payload }) => [to, link, operation, inReplyTo, payload.kind]),
    ).toEqual([
      ['payment#0', 'sub', 'consume-ok payment', asked, 'amqp.consume-ok'],
      ['order#0', 'pub', 'confirm order.created', sent, 'amqp.confirm'],
      ['payment#0', 'sub', 'deliver order.created', undefined, 'amqp.deliver'],
    ]);
    expect(port.sentOf('amqp.deliver')[0]).toMatchObject({
      trace,
      payload: { message, deliveryTag: 1, redelivered: false },
    });
    port.message({ kind: 'amqp.ack', queue: 'payment', deliveryTag: 1 }, { from: 'payment#0', link: 'sub' });
    expect(port.eventsOf('queue.changed').at(-1)).toEqual({
      type: 'queue.changed',
      queue: 'payment',
      bindings: ['order.*'],
      ready: 0,
      unacked: 0,
      dead: 0,
      consumers: 1,
    });
  });

  it('takes the trace from the headers when the message carries none', () => {
    const port = running();
    port.message(consume, { from: 'payment#0', link: 'sub' });
    port.message(publish, { from: 'order#0', link: 'pub' });
    expect(port.sentOf('amqp.deliver')[0]?.trace).toEqual({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) });
  });

  it('gives a message to another consumer when the first one died or could not be reached', () => {
    for (const how of ['peer.down', 'refused'] as const) {
      const port = running();
      port.message(consume, { from: 'payment#0', link: 'sub' });
      port.message(publish, { from: 'order#0', link: 'pub' });
      port.message(consume, { from: 'payment#1', link: 'sub' });
      const first = port.sentOf('amqp.deliver')[0]!;
      if (how === 'peer.down') port.deliver({ type: 'peer.down', instance: 'payment#0', reason: 'killed' });
      else port.deliver({ type: 'refused', message: first.id, to: 'payment#0', reason: 'connection_refused' });
      expect(port.sentOf('amqp.deliver').at(-1)).toMatchObject({
        to: 'payment#1',
        payload: { redelivered: true, deliveryCount: 1 },
      });
    }
  });

  it('restarts from its store, reports its queues, and ignores what was sent to the one before', () => {
    const before = running();
    before.message(consume, { from: 'payment#0', link: 'sub' });
    before.message(publish, { from: 'order#0', link: 'pub' });
    const stored = before.eventsOf('store.applied').map(({ table, key, after }) => ({ table, key, row: after }));
    const port = running({ stored, startedAt: 5_000_000, incarnation: 1 });
    expect(port.eventsOf('queue.changed')).toMatchObject([{ queue: 'payment', ready: 1, unacked: 0, consumers: 0 }]);
    port.message(
      { kind: 'amqp.ack', queue: 'payment', deliveryTag: 1 },
      { from: 'payment#0', link: 'sub', departAt: 4_999_999 },
    );
    port.message(consume, { from: 'payment#0', link: 'sub', departAt: 4_999_999 });
    expect(port.sent).toEqual([]);
    port.message(consume, { from: 'payment#0', link: 'sub' });
    expect(port.sentOf('amqp.deliver')[0]).toMatchObject({ payload: { message, redelivered: true } });
  });

  it('deletes the queue when its service is no longer linked', () => {
    const port = running();
    port.message(consume, { from: 'payment#0', link: 'payment-link' });
    const payment = serviceRecord('payment');
    if (payment.kind !== 'service') throw new Error('not a service');
    const subscription = { id: 's', broker: 'mq', key: 'order.#', steps: [] };
    const linked = { ...payment, config: { ...payment.config, subscriptions: [subscription] } };
    port.reconfigure(record, [peerOf('payment', 'subscribe', 'out', linked)]);
    expect(port.eventsOf('queue.changed').at(-1)).toMatchObject({ bindings: ['order.#'], consumers: 1 });
    port.reconfigure(record, []);
    expect(port.inspect()).toEqual({ queues: [] });
  });
});
