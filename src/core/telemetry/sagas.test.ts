import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Document } from '../topology/schema/types.ts';
import { declaredSteps } from './sagas.ts';

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;

test('the steps of the order saga follow one another as their events do', () => {
  const steps = declaredSteps({ nodes: document.nodes, links: {} }).get('order') ?? [];
  expect(steps.filter((step) => !step.compensation).map((step) => `${step.node}/${step.step}`)).toEqual([
    'order/create-order',
    'payment/process-payment',
    'inventory/reserve-items',
    'shipping/create-shipment',
    'order/complete-order',
  ]);
  expect(new Set(steps.filter((step) => step.compensation).map((step) => `${step.node}/${step.step}`))).toEqual(
    new Set(['order/cancel-order', 'payment/refund-payment', 'inventory/release-items']),
  );
});
