import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Document } from '../../core/topology/schema/types.ts';
import { brokerQueues } from './broker-queues.ts';

const saga = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const broker = Object.keys(saga.nodes).find((id) => saga.nodes[id]?.kind === 'broker') ?? '';

test('before a run a broker shows the queues that the drawing declares, with their bindings', () => {
  const queues = brokerQueues(broker, saga, []);
  expect(queues.map(({ queue }) => queue)).toEqual(['email', 'inventory', 'order', 'payment', 'shipping']);
  expect(queues.find(({ queue }) => queue === 'email')?.bindings).toContain('order.created');
});

test('what the run says of a queue is shown, and queues of other brokers are not', () => {
  const payment = {
    queue: 'payment',
    broker,
    bindings: ['order.created'],
    ready: 3,
    unacked: 1,
    dead: 0,
    consumers: 1,
  };
  expect(brokerQueues(broker, saga, [payment]).find(({ queue }) => queue === 'payment')).toBe(payment);
  expect(brokerQueues('another', saga, [])).toEqual([]);
});
