import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { VirtualRun } from '../../hosts/virtual/run-virtual.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { EventOf } from '../fabric/event.ts';
import { compileTopology } from '../topology/compile.ts';
import { updateNode } from '../topology/edit/edit.ts';
import type { Document, Fault } from '../topology/schema/types.ts';
import { parseDocument } from '../topology/check/validate.ts';

const parsed = parseDocument(
  readFileSync(new URL('../../../public/examples/order-saga.json', import.meta.url), 'utf8'),
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const saga: Document = parsed.value;
const SECOND = 1_000_000;

interface Rates {
  decline?: number;
  shortage?: number;
  failure?: number;
}
/** The document without traffic of its own, with the given failure rates. */
function quiet(rates: Rates | null): Document {
  let document = saga;
  for (const id of ['web', 'mobile', 'iot']) {
    document = updateNode(document, id, {
      config: { load: { model: 'open', ratePerSecond: 0, arrival: 'constant' } },
    }).document;
  }
  if (rates === null) return document;
  const values: [string, JsonObject][] = [
    ['payment', { declineRate: rates.decline ?? 0 }],
    ['inventory', { shortageRate: rates.shortage ?? 0 }],
    ['shipping', { failureRate: rates.failure ?? 0 }],
  ];
  for (const [id, value] of values) document = updateNode(document, id, { config: { values: value } }).document;
  return document;
}
const start = (document: Document, seed: number): VirtualRun => {
  const run = new VirtualRun(
    { documentId: 'order-saga', topology: compileTopology(document), initialData: null, seed, inputs: [] },
    { keep: true },
  );
  run.runUntil(SECOND / 10);
  return run;
};
/** A value of a row as a word. */
const word = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
const rows = (run: VirtualRun, store: string, table: string): JsonObject[] =>
  run.stored(store).flatMap((stored) => (stored.table === table ? [stored.row as JsonObject] : []));
/** The rows that orders left, without the one that is there from the start. */
const left = (run: VirtualRun, store: string, table: string): JsonObject[] =>
  rows(run, store, table).filter((row) => row['orderId'] !== 'o-1000' && row['id'] !== 'o-1000');
const only = (list: JsonObject[]): JsonObject => {
  expect(list).toHaveLength(1);
  return list[0] ?? {};
};
/** Replies that the gateway gave, with their bodies. */
const replies = (run: VirtualRun): { status: number; body: JsonObject }[] =>
  run.events
    .filter((event): event is EventOf<'message.sent'> => event.type === 'message.sent' && event.source === 'gateway#0')
    .flatMap(({ payload }) =>
      payload.kind === 'http.reply'
        ? [{ status: payload.status, body: JSON.parse(payload.body ?? 'null') as JsonObject }]
        : [],
    );

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
