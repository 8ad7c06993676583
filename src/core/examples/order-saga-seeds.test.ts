import { describe, expect, it } from 'vitest';
import { VirtualRun } from '../../hosts/virtual/run-virtual.ts';
import type { JsonObject } from '../base/json.ts';
import { compileTopology } from '../topology/compile.ts';
import { SECOND, left, quiet, replies, rows, saga, start, word } from './order-saga.suite.ts';

const WAYS = new Map([
  ['COMPLETED', 'ok'],
  ['declined by the card issuer', 'payment failed'],
  ['the shelf was empty', 'stock failed'],
  ['no carrier took the parcel', 'shipping failed'],
]);
/** 40 orders under the rates of the example, with the given mishaps on the way, until nothing is pending. */
function forty(seed: number, mishap: (run: VirtualRun, index: number) => void = () => undefined): VirtualRun {
  const run = start(quiet(null), seed);
  for (let index = 0; index < 40; index += 1) {
    run.inject({
      kind: 'request',
      node: index % 3 === 0 ? 'mobile' : 'web',
      requestId: index % 20 === 7 ? (index % 3 === 0 ? 'unknown-product' : 'unknown-user') : 'create-order',
    });
    mishap(run, index);
    run.runUntil(SECOND / 10 + (index + 1) * (SECOND / 4));
  }
  run.runUntil(45 * SECOND);
  return run;
}
/** Laws of money and goods (SG7): what must hold in every quiet system, whatever happened on the way. */
function expectConserved(run: VirtualRun): void {
  const orders = rows(run, 'order-db', 'orders');
  const byOrder = (store: string, table: string): Map<unknown, JsonObject> =>
    new Map(rows(run, store, table).map((row) => [row['orderId'], row]));
  const payments = byOrder('payment-db', 'payments');
  const reservations = byOrder('inventory-db', 'reservations');
  const shipments = byOrder('shipping-db', 'shipments');
  for (const row of orders) {
    const status = (table: Map<unknown, JsonObject>): string => word(table.get(row['id'])?.['status'] ?? '');
    const is = `${word(row['status'])} ${status(payments)} ${status(reservations)} ${status(shipments)}`;
    expect([
      'COMPLETED CHARGED RESERVED CREATED',
      'CANCELLED FAILED  ',
      'CANCELLED REFUNDED FAILED ',
      'CANCELLED REFUNDED RELEASED FAILED',
    ]).toContain(is);
    expect(payments.get(row['id'])?.['amount']).toBe(row['total']);
  }
  const kept = rows(run, 'payment-db', 'payments')
    .filter((row) => row['status'] === 'CHARGED')
    .reduce((sum, row) => sum + Number(row['amount']), 0);
  const owed = orders
    .filter((row) => row['status'] !== 'CANCELLED')
    .reduce((sum, row) => sum + Number(row['total']), 0);
  expect(kept).toBe(owed);
  for (const row of rows(run, 'inventory-db', 'stock'))
    expect(Number(row['available']) + Number(row['reserved'])).toBe(5_000);
  const held = [...reservations.values()]
    .filter((row) => row['status'] === 'RESERVED')
    .flatMap((row) => row['items'] as JsonObject[]);
  expect(rows(run, 'inventory-db', 'stock').reduce((sum, row) => sum + Number(row['reserved']), 0)).toBe(
    held.reduce((sum, item) => sum + Number(item['quantity']), 0),
  );
  expect(byOrder('email-db', 'emails').size).toBe(orders.length);
}

describe('the order saga by seeds', () => {
  it('reaches every outcome and conserves money and goods', () => {
    const reached = new Set<string>();
    for (let seed = 1; seed <= 6; seed += 1) {
      const run = forty(seed);
      expectConserved(run);
      for (const row of left(run, 'order-db', 'orders'))
        reached.add(WAYS.get(word(row['reason'] ?? row['status'])) ?? 'other');
      for (const { status, body } of replies(run)) if (status === 422) reached.add(word(body['code']));
    }
    expect([...reached].sort()).toEqual([
      'ok',
      'payment failed',
      'shipping failed',
      'stock failed',
      'unknown_product',
      'unknown_user',
    ]);
  }, 60_000);

  it('conserves them when participants are killed in the middle', () => {
    for (let seed = 1; seed <= 4; seed += 1) {
      const victims = ['payment#0', 'inventory#0', 'shipping#0', 'order#1', 'email#0'];
      const run = forty(seed, (live, index) => {
        if (index % 4 !== 2) return;
        const instance = victims[(index + seed) % victims.length] ?? 'payment#0';
        live.inject({ kind: 'instance.kill', instance });
        live.runUntil(SECOND / 10 + index * (SECOND / 4) + SECOND / 5);
        live.inject({ kind: 'instance.start', instance });
      });
      expectConserved(run);
    }
  }, 60_000);

  it('shows a message at least every 0.3 s of virtual time until the first order (3 s on screen at 0.1x)', () => {
    const run = new VirtualRun(
      { documentId: 'order-saga', topology: compileTopology(saga), initialData: null, seed: saga.seed, inputs: [] },
      { keep: true },
    );
    run.runUntil(20 * SECOND);
    let busyUntil = 0;
    let longest = 0;
    for (const event of run.events) {
      if (event.type !== 'message.sent' || event.t < 0) continue;
      longest = Math.max(longest, event.t - busyUntil);
      busyUntil = Math.max(busyUntil, event.arriveAt);
    }
    expect(longest).toBeLessThanOrEqual(0.3 * SECOND);
  });
});
