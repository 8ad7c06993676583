import { describe, expect, it } from 'vitest';
import { topicMatches } from '../../messaging/topic.ts';
import { BrokerBench } from '../testing/broker-bench.ts';
import golden from './__golden__/rabbitmq-3.10.8.json' with { type: 'json' };
import { createBroker, MAX_READY, publish } from './machine.ts';

describe('MQ1 topic match against the RabbitMQ recording', () => {
  it.each(Object.entries(golden.topic))('pattern "%s"', (pattern, expected) => {
    expect(golden.keys.filter((key) => topicMatches(pattern, key))).toEqual(expected);
  });
});

describe('MQ2 routing', () => {
  it('confirms an unroutable message and forgets it', () => {
    const bench = new BrokerBench();
    const out = bench.publish('1', 'no.such');
    expect(out.filter((output) => output.type === 'confirm').map(({ ok }) => (ok ? 'ack' : 'nack'))).toEqual([
      golden.mandatoryUnroutableConfirm,
    ]);
    expect(out.map(({ type }) => type)).toEqual(['note', 'confirm']);
    expect(bench.rows.size).toBe(0);
  });

  it('gives every bound queue one copy, whatever the number of bindings that match', () => {
    const bench = new BrokerBench();
    bench.consume('a', 'A', 0, ['order.*', 'order.created', '#']);
    bench.consume('b', 'B', 0, ['order.#']);
    bench.consume('c', 'C', 0, ['payment.*']);
    bench.publish('1', 'order.created');
    expect(bench.delivered.map(({ to, id }) => [to, id])).toEqual([
      ['A', '1'],
      ['B', '1'],
    ]);
  });

  it('routes over the default exchange by queue name and refuses an exchange that it does not have', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 0, []);
    bench.publish('1', 'q', '');
    expect(bench.delivered).toHaveLength(1);
    expect(bench.publish('2', 'q', 'nowhere')).toEqual([
      { type: 'confirm', ok: false, reason: "NOT_FOUND - no exchange 'nowhere'" },
    ]);
  });
});

describe('MQ3 prefetch and round robin against the RabbitMQ recording', () => {
  it('deals prefetch 1 to three consumers in turn', () => {
    const bench = new BrokerBench();
    for (const consumer of ['A', 'B', 'C']) bench.consume('q', consumer, 1);
    for (let index = 0; index < 12; index += 1) bench.publish(String(index));
    const got: Record<string, number[]> = { A: [], B: [], C: [] };
    for (let at = 0; at < bench.delivered.length; at += 1) {
      const { to, id, tag } = bench.delivered[at]!;
      got[to]?.push(Number(id));
      bench.ack(tag, to);
    }
    expect(got).toEqual(golden.roundRobinPrefetch1);
  });

  it('takes prefetch 0 as unlimited and passes a full consumer by', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 0);
    bench.consume('q', 'B', 1);
    for (let index = 0; index < 5; index += 1) bench.publish(String(index));
    expect(bench.delivered.map(({ to }) => to).join('')).toBe('ABAAA');
  });
});

describe('MQ4 requeue keeps the original position, against the RabbitMQ recording', () => {
  it('nack 2 -> next is 2; nack 1 -> rest 1,4,5', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 3);
    for (const id of ['1', '2', '3', '4', '5']) bench.publish(id);
    const tag = (id: string): number => bench.delivered.find((entry) => entry.id === id)!.tag;
    bench.nack(tag('2'), 'A', true);
    const next = bench.delivered.at(-1)!;
    expect([next.id, next.redelivered]).toEqual([
      golden.nackRequeueOrder.afterNack2,
      golden.nackRequeueOrder.redelivered,
    ]);
    // A consumer without room leaves the rest in the queue, as the recording's single gets do.
    bench.consume('q', 'A', 1);
    bench.nack(tag('1'), 'A', true);
    expect(bench.readyIds('q')).toEqual(golden.nackRequeueOrder.rest);
  });
});

describe('MQ5 death of a consumer against the RabbitMQ recording', () => {
  it('puts all unacknowledged back in order, redelivered', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 2);
    for (const id of ['1', '2', '3', '4']) bench.publish(id);
    bench.down('A');
    expect(bench.readyIds('q')).toEqual(golden.unackedRequeuedOnChannelClose);
    bench.consume('q', 'B', 0);
    expect(
      bench.delivered.slice(2).map(({ id, redelivered, deliveryCount }) => [id, redelivered, deliveryCount]),
    ).toEqual([
      ['1', true, 1],
      ['2', true, 1],
      ['3', false, 0],
      ['4', false, 0],
    ]);
  });

  it('ignores and notes an acknowledgement of what is not held: twice, by another, after death', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 0);
    bench.publish('1');
    const { tag } = bench.delivered[0]!;
    expect(bench.ack(tag, 'B')).toEqual([{ type: 'note', text: `PRECONDITION_FAILED - unknown delivery tag ${tag}` }]);
    expect(bench.ack(tag, 'A').map(({ type }) => type)).toEqual(['applied', 'changed']);
    expect(bench.ack(tag, 'A').map(({ type }) => type)).toEqual(['note']);
    expect(bench.nack(tag, 'A', true).map(({ type }) => type)).toEqual(['note']);
  });
});

describe('MQ6 dead letters', () => {
  it('takes a rejected message out of the queue and keeps it with its reason', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 0);
    bench.publish('1');
    const out = bench.nack(bench.delivered[0]!.tag, 'A', false);
    expect(out.at(-1)).toMatchObject({ type: 'changed', ready: 0, unacked: 0, dead: 1 });
    expect([...bench.rows.values()].map((row) => [row['queue'] ?? row['name'], row['headers']])).toEqual([
      ['q', undefined],
      [
        'q.dead',
        { 'x-first-death-exchange': 'events', 'x-first-death-queue': 'q', 'x-first-death-reason': 'rejected' },
      ],
    ]);
  });

  it('dead-letters after exactly `deliveryLimit` redeliveries, and never without a limit', () => {
    const deliveries = (deliveryLimit: number | null): number => {
      const bench = new BrokerBench(deliveryLimit);
      bench.consume('q', 'A', 1);
      bench.publish('1');
      for (let at = 0; at < bench.delivered.length && at < 50; at += 1) bench.nack(bench.delivered[at]!.tag, 'A', true);
      return bench.delivered.length;
    };
    expect([deliveries(0), deliveries(2), deliveries(20), deliveries(null)]).toEqual([1, 3, 21, 51]);
  });

  it('counts the death of a consumer as a redelivery', () => {
    const bench = new BrokerBench(0);
    bench.consume('q', 'A', 1);
    bench.publish('1');
    expect(bench.down('A').at(-1)).toMatchObject({ type: 'changed', ready: 0, dead: 1, consumers: 0 });
  });
});

describe('MQ10 confirms and durability', () => {
  it('confirms once, after the durable write and before the delivery', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 0);
    expect(bench.publish('1').map(({ type }) => type)).toEqual(['applied', 'confirm', 'deliver', 'changed']);
  });

  it('finds queues, bindings, ready, unacknowledged and dead messages after a restart; consumers come back by themselves', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 2);
    for (const id of ['1', '2', '3']) bench.publish(id);
    bench.nack(bench.delivered[0]!.tag, 'A', false);
    bench.restart();
    expect(bench.readyIds('q')).toEqual(['2r', '3r']);
    expect(bench.state('q')).toMatchObject({ bindings: ['#'], dead: 1, consumers: 0 });
    bench.publish('4');
    bench.consume('q', 'A', 0);
    expect(bench.delivered.slice(-3).map(({ id }) => id)).toEqual(['2', '3', '4']);
    for (const { tag } of bench.delivered.slice(-3)) bench.ack(tag, 'A');
    bench.restart();
    expect(bench.readyIds('q')).toEqual([]);
  });

  it('tells the row that it wrote as `before`, also after a requeue that was not written (found by MQ11)', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 1);
    bench.publish('1');
    bench.nack(bench.delivered[0]!.tag, 'A', true);
    bench.ack(bench.delivered[1]!.tag, 'A');
    expect([bench.contradictions, [...bench.rows.keys()]]).toEqual([[], ['queue "q"']]);
  });

  it('keeps the delivery count over a restart where a limit needs it', () => {
    const bench = new BrokerBench(1);
    bench.consume('q', 'A', 1);
    bench.publish('1');
    bench.nack(bench.delivered[0]!.tag, 'A', true);
    bench.restart();
    bench.consume('q', 'A', 1);
    bench.nack(bench.delivered.at(-1)!.tag, 'A', true);
    expect(bench.state('q')).toMatchObject({ ready: 0, dead: 1 });
  });

  it('refuses the publish that a full queue cannot take, and stores nothing of it', () => {
    const broker = createBroker({ exchange: 'events', deliveryLimit: null }, []);
    const message = { messageId: 'm', exchange: '', key: 'q', type: 'T', headers: {}, body: '' };
    const entry = { position: 0, message, trace: null, redelivered: false, deliveryCount: 0, storedCount: 0 };
    const ready = Array.from({ length: MAX_READY }, () => entry);
    broker.queues.set('q', { name: 'q', bindings: [], ready, unacked: new Map(), dead: [], consumers: [] });
    expect(publish(broker, message, null)).toMatchObject([
      { type: 'limit', limit: 'MAX_READY' },
      { type: 'confirm', ok: false },
    ]);
    expect(ready).toHaveLength(MAX_READY);
  });
});

describe('following the drawing', () => {
  it('gives consumers the prefetch that an edit declares, at once', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 1);
    for (const id of ['1', '2', '3']) bench.publish(id);
    bench.redeclare({ q: { bindings: ['#'], prefetch: 2 } }, ['A-link']);
    expect(bench.delivered.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('declares once, rebinds, drops consumers without a link, and deletes the queue of a service that is gone', () => {
    const bench = new BrokerBench();
    bench.consume('q', 'A', 1, ['b', 'a', 'b']);
    expect(bench.state('q')).toMatchObject({ bindings: ['a', 'b'], consumers: 1 });
    bench.consume('q', 'A', 1, ['a', 'b']);
    expect(bench.state('q')).toMatchObject({ consumers: 1 });
    bench.publish('1', 'a');
    expect(bench.redeclare({ q: { bindings: ['c', 'a'], prefetch: 1 } }, [])).toMatchObject([
      { type: 'applied' },
      { type: 'changed', bindings: ['a', 'c'], ready: 1, consumers: 0 },
    ]);
    expect(bench.redeclare({ q: { bindings: ['a', 'c'], prefetch: 1 } }, [])).toEqual([]);
    expect(bench.redeclare({}, []).at(-1)).toMatchObject({ type: 'changed', queue: 'q', bindings: [], ready: 0 });
    expect(bench.rows.size).toBe(0);
  });
});
