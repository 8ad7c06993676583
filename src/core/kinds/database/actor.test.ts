import { describe, expect, it } from 'vitest';
import type { AnyExecutableNode } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { databaseActor } from './actor.ts';

const record: AnyExecutableNode = {
  kind: 'database',
  name: 'order-db',
  config: {
    engine: 'postgresql',
    tables: [{ name: 'orders', primaryKey: 'id', columns: [{ name: 'id', type: 'string', nullable: false }] }],
    rows: {},
    restartDelayMs: null,
  },
};
const started = (stored: { table: string; key: string; row: { id: string } }[] = []): FakePort => {
  const port = createFakePort(initOf('order-db', record, [], { stored }));
  port.attach(databaseActor);
  port.deliver({ type: 'start' });
  return port;
};
const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const insert = (id: string, tx?: string) =>
  ({ kind: 'db.query', query: { op: 'insert', table: 'orders', row: { id }, ...(tx ? { tx } : {}) } }) as const;

describe('database instance', () => {
  it('is ready after a moment and then answers what came earlier, on the same link', () => {
    const port = started();
    const asked = port.message(insert('o1'), { from: 'order#0', link: 'owns', operation: 'INSERT orders', trace });
    expect(port.sent).toEqual([]);
    port.advance(1000);
    expect(port.events.map(({ body }) => body)).toEqual([
      { type: 'instance.ready', instance: 'order-db#0' },
      { type: 'store.applied', store: 'order-db', table: 'orders', key: '"o1"', before: null, after: { id: 'o1' } },
    ]);
    expect(port.sent).toMatchObject([
      {
        to: 'order#0',
        link: 'owns',
        inReplyTo: asked,
        trace,
        payload: { kind: 'db.result', result: { ok: true, value: { id: 'o1' } } },
      },
    ]);
  });

  it('recovers its rows from the store', () => {
    const port = started([{ table: 'orders', key: '"o1"', row: { id: 'o1' } }]);
    port.advance(1000);
    port.message(
      { kind: 'db.query', query: { op: 'get', table: 'orders', key: 'o1' } },
      { from: 'order#0', link: 'owns' },
    );
    expect(port.sentOf('db.result')[0]?.payload.result).toEqual({ ok: true, value: { id: 'o1' } });
    expect(port.eventsOf('store.applied')).toEqual([]);
  });

  it('breaks a deadlock one second after the first wait began, as PostgreSQL (recorded: 956 ms after the second, 50 ms later)', () => {
    const port = started();
    port.advance(1000);
    const ask = (payload: Parameters<FakePort['message']>[0], from: string): string =>
      port.message(payload, { from, link: 'owns' });
    for (const [from, id] of [
      ['a#0', '1'],
      ['b#0', '2'],
    ] as const) {
      ask({ kind: 'db.query', query: { op: 'begin', tx: 't' } }, from);
      ask(insert(id, 't'), from);
    }
    ask(insert('2', 't'), 'a#0');
    port.advance(50_000);
    ask(insert('1', 't'), 'b#0');
    const before = port.sent.length;
    port.advance(949_999);
    expect(port.sent).toHaveLength(before);
    port.advance(1);
    expect(
      port
        .sentOf('db.result')
        .slice(before)
        .map(({ to, payload }) => [to, payload.result.ok || payload.result.code]),
    ).toEqual([
      ['a#0', 'deadlock'],
      ['b#0', true],
    ]);
  });

  it('rolls back what a dead neighbour left open', () => {
    const port = started();
    port.advance(1000);
    port.message({ kind: 'db.query', query: { op: 'begin', tx: 't' } }, { from: 'a#0', link: 'owns' });
    port.message(insert('1', 't'), { from: 'a#0', link: 'owns' });
    port.deliver({ type: 'peer.down', instance: 'a#0', reason: 'killed' });
    port.message(insert('1'), { from: 'b#0', link: 'owns' });
    expect(port.sentOf('db.result').at(-1)?.payload.result.ok).toBe(true);
  });

  it('has an outbox when an owner publishes through one, keeps it while rows wait there, and drops it after', () => {
    const publish = {
      id: 'p',
      do: 'publish',
      to: 'mq',
      key: 'order.created',
      type: 'OrderCreated',
      body: {},
      via: 'outbox',
    } as const;
    const endpoint = { id: 'e', method: 'POST', path: '/', steps: [publish] } as const;
    const plain = serviceRecord('order');
    if (plain.kind !== 'service') throw new Error('not a service');
    const owner = { ...plain, config: { ...plain.config, endpoints: [{ ...endpoint, steps: [publish] }] } };
    const port = createFakePort(initOf('order-db', record, [peerOf('order', 'owns', 'in', owner)]));
    port.attach(databaseActor);
    const tables = (): string[] => Object.keys((port.inspect() as { tables: object }).tables);
    expect(tables()).toEqual(['orders', 'outbox']);
    port.deliver({ type: 'start' });
    port.advance(1000);
    const row = {
      id: '1',
      broker: 'mq',
      key: 'k',
      type: 'T',
      body: {},
      trace: {},
      position: '1970-01-01T00:00:00.000Z 00000',
    };
    port.message(
      { kind: 'db.query', query: { op: 'insert', table: 'outbox', row } },
      { from: 'order#0', link: 'owns' },
    );
    port.reconfigure(record, []);
    expect(tables()).toEqual(['orders', 'outbox']);
    port.message(
      { kind: 'db.query', query: { op: 'delete', table: 'outbox', where: {} } },
      { from: 'order#0', link: 'owns' },
    );
    port.reconfigure(record, []);
    expect(tables()).toEqual(['orders']);
  });
});
