import { describe, expect, it } from 'vitest';
import type { VirtualRun } from '../../hosts/virtual/run-virtual.ts';
import type { JsonObject } from '../base/json.ts';
import { updateNode } from '../topology/edit/edit.ts';
import type { Document, Fault } from '../topology/schema/types.ts';
import { SECOND, left, only, quiet, replies, rows, saga, start, word } from './order-saga.suite.ts';

/** One order sent by hand, until everything is quiet. */
function order(document: Document, requestId = 'create-order', node = 'web'): VirtualRun {
  const run = start(document, 7);
  run.inject({ kind: 'request', node, requestId });
  run.runUntil(6 * SECOND);
  return run;
}
/** What one order left: status and reason per table, and whether stock is back. */
function outcome(run: VirtualRun): Record<string, unknown> {
  const status = (store: string, table: string): unknown[] =>
    left(run, store, table).map((row) => [row['status'], row['reason'] ?? null]);
  const reserved = rows(run, 'inventory-db', 'stock').reduce((sum, row) => sum + Number(row['reserved']), 0) - 3;
  const pieces = left(run, 'inventory-db', 'reservations')
    .flatMap((row) => row['items'] as JsonObject[])
    .reduce((sum, item) => sum + Number(item['quantity']), 0);
  return {
    order: status('order-db', 'orders'),
    payment: status('payment-db', 'payments'),
    reservation: status('inventory-db', 'reservations'),
    shipment: status('shipping-db', 'shipments'),
    emails: left(run, 'email-db', 'emails').length,
    stockTaken: reserved === 0 ? 'none' : reserved === pieces ? 'all' : `${reserved} of ${pieces}`,
  };
}

describe('the order saga, row by row', () => {
  it('completes', () => {
    const run = order(quiet({}));
    expect(outcome(run)).toEqual({
      order: [['COMPLETED', null]],
      payment: [['CHARGED', null]],
      reservation: [['RESERVED', null]],
      shipment: [['CREATED', null]],
      emails: 1,
      stockTaken: 'all',
    });
    const [reply] = replies(run);
    const saved = only(left(run, 'order-db', 'orders'));
    const items = rows(run, 'order-db', 'order_items').filter((row) => row['orderId'] === saved['id']);
    expect(reply).toMatchObject({
      status: 201,
      body: { id: saved['id'], status: 'PENDING', total: saved['total'], userId: saved['userId'] },
    });
    expect(items.reduce((sum, item) => sum + Number(item['price']) * Number(item['quantity']), 0)).toBe(saved['total']);
    expect(only(left(run, 'payment-db', 'payments'))['amount']).toBe(saved['total']);
    expect(only(left(run, 'email-db', 'emails'))['recipient']).toMatch(/@example\.com$/);
  });

  it('is cancelled when the payment is declined', () => {
    expect(outcome(order(quiet({ decline: 1 })))).toEqual({
      order: [['CANCELLED', 'declined by the card issuer']],
      payment: [['FAILED', 'declined by the card issuer']],
      reservation: [],
      shipment: [],
      emails: 1,
      stockTaken: 'none',
    });
  });

  it('is refunded and cancelled when the stock is out', () => {
    expect(outcome(order(quiet({ shortage: 1 })))).toEqual({
      order: [['CANCELLED', 'the shelf was empty']],
      payment: [['REFUNDED', null]],
      reservation: [['FAILED', 'the shelf was empty']],
      shipment: [],
      emails: 1,
      stockTaken: 'none',
    });
  });

  it('takes nothing from the stock when one of two items is short', () => {
    const stock = quiet({}).nodes['inventory-db'];
    if (stock?.kind !== 'database') throw new Error('inventory-db is a database');
    const empty = (stock.config.rows['stock'] ?? []).map((row) =>
      row['productId'] === 'p-123' ? row : { ...row, available: 0 },
    );
    const document = updateNode(quiet({}), 'inventory-db', {
      config: { rows: { ...stock.config.rows, stock: empty } },
    }).document;
    const run = order(document);
    expect(outcome(run)).toMatchObject({
      order: [['CANCELLED', expect.stringMatching(/^not enough of p-/)]],
      payment: [['REFUNDED', null]],
      stockTaken: 'none',
    });
  });

  it('is undone as a whole when shipping fails', () => {
    expect(outcome(order(quiet({ failure: 1 })))).toEqual({
      order: [['CANCELLED', 'no carrier took the parcel']],
      payment: [['REFUNDED', null]],
      reservation: [['RELEASED', 'no carrier took the parcel']],
      shipment: [['FAILED', 'no carrier took the parcel']],
      emails: 1,
      stockTaken: 'none',
    });
  });

  it.each([
    ['web', 'unknown-user', 'unknown_user', 'There is no user u-404'],
    ['mobile', 'unknown-product', 'unknown_product', 'There is no product p-404'],
  ])('refuses the order that %s sends as %s and leaves nothing', (node, requestId, code, detail) => {
    const run = order(quiet({}), requestId, node);
    expect(replies(run)).toMatchObject([{ status: 422, body: { code, detail } }]);
    expect(outcome(run)).toEqual({
      order: [],
      payment: [],
      reservation: [],
      shipment: [],
      emails: 0,
      stockTaken: 'none',
    });
  });

  it('compensates in amber: only messages of the way back carry the direction', () => {
    const amber = (run: VirtualRun): string[] => [
      ...new Set(
        run.events.flatMap((event) =>
          event.type === 'message.sent' &&
          event.payload.kind === 'amqp.deliver' &&
          event.trace?.saga?.direction === 'compensation'
            ? [event.payload.message.key]
            : [],
        ),
      ),
    ];
    expect(amber(order(quiet({})))).toEqual([]);
    expect(amber(order(quiet({ decline: 1 })))).toEqual(['payment.failed']);
    expect(amber(order(quiet({ failure: 1 })))).toEqual(['shipment.failed']);
  });

  it('answers the aggregates of the chapter', () => {
    const details = replies(order(quiet({}), 'order-details'));
    expect(details).toMatchObject([
      {
        status: 200,
        body: {
          order: { id: 'o-1000', total: 1349 },
          user: { id: 'u-1', name: 'Ada Lovelace' },
          products: [{ id: 'p-101' }, { id: 'p-123', name: 'Laptop', price: 1299 }],
        },
      },
    ]);
    expect(replies(order(quiet({}), 'order-overview', 'mobile'))).toMatchObject([
      { status: 200, body: { order: { id: 'o-1000' }, user: { id: 'u-1' } } },
    ]);
  });

  it('fails by the fault of the demo button, and heals', () => {
    const fault = saga.demo?.break?.fault as Fault;
    const run = start(quiet({}), 7);
    run.inject({ kind: 'fault.set', fault });
    run.inject({ kind: 'request', node: 'web', requestId: 'create-order' });
    run.runUntil(4 * SECOND);
    run.inject({ kind: 'fault.clear', fault });
    run.inject({ kind: 'request', node: 'web', requestId: 'create-order' });
    run.runUntil(8 * SECOND);
    expect(
      left(run, 'order-db', 'orders')
        .map((row) => `${word(row['status'])} ${word(row['reason'])}`)
        .sort(),
    ).toEqual(['CANCELLED declined by fault: 100 %', 'COMPLETED null']);
    expect(
      run.events.some(
        (event) =>
          event.type === 'step.failed' && event.source === 'payment#0' && event.byFault && event.code === 'declined',
      ),
    ).toBe(true);
  });
});
