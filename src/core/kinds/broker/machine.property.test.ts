import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BrokerBench } from '../testing/broker-bench.ts';

type Command =
  | { do: 'publish'; key: string }
  | { do: 'consume'; queue: string; consumer: string; prefetch: number }
  | { do: 'ack' | 'requeue' | 'reject'; which: number }
  | { do: 'down'; consumer: string }
  | { do: 'restart' };
const consumer = fc.constantFrom('A', 'B', 'C');
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('x', 'y', 'z').map((key): Command => ({ do: 'publish', key })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ queue: fc.constantFrom('q1', 'q2'), consumer, prefetch: fc.integer({ min: 0, max: 3 }) })
      .map((given): Command => ({ do: 'consume', ...given })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('ack' as const, 'requeue' as const, 'reject' as const), fc.nat({ max: 30 }))
      .map(([what, which]): Command => ({ do: what, which })),
  },
  { weight: 1, arbitrary: consumer.map((who): Command => ({ do: 'down', consumer: who })) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'restart' }) },
);
const BINDINGS: Record<string, string[]> = { q1: ['x', 'y'], q2: ['y', '*'] };
const accepts = (queue: string, key: string): boolean => queue === 'q2' || key !== 'z';

it('MQ11 conservation: confirmed copies = acked + ready + unacked + dead at every step; prefetch holds; order holds; rows replay', () => {
  const limit = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null });
  fc.assert(
    fc.property(limit, fc.array(command, { maxLength: 80 }), (deliveryLimit, commands) => {
      const bench = new BrokerBench(deliveryLimit);
      const confirmed = new Map<string, number>();
      const acked = new Map<string, number>();
      const prefetches = new Map<string, number>();
      let published = 0;
      const add = (counts: Map<string, number>, queue: string): void =>
        void counts.set(queue, (counts.get(queue) ?? 0) + 1);
      for (const step of commands) {
        if (step.do === 'publish') {
          const queues = [...bench.broker.queues.keys()].filter((queue) => accepts(queue, step.key));
          published += 1;
          const confirms = bench.publish(`m${published}`, step.key).filter(({ type }) => type === 'confirm');
          expect(confirms).toEqual([{ type: 'confirm', ok: true }]);
          for (const queue of queues) add(confirmed, queue);
        } else if (step.do === 'consume') {
          prefetches.set(`${step.queue} ${step.consumer}`, step.prefetch);
          bench.consume(step.queue, step.consumer, step.prefetch, BINDINGS[step.queue]);
        } else if (step.do === 'down') bench.down(step.consumer);
        else if (step.do === 'restart') bench.restart();
        else {
          const target = bench.delivered[step.which % Math.max(1, bench.delivered.length)];
          if (target === undefined) continue;
          const isHeld = bench.broker.queues.get(target.queue)?.unacked.get(target.tag)?.consumer === target.to;
          if (step.do === 'ack') bench.ack(target.tag, target.to);
          else bench.nack(target.tag, target.to, step.do === 'requeue');
          if (isHeld && step.do === 'ack') add(acked, target.queue);
        }
        // A restarted broker counts its tags anew: what was delivered before cannot be settled any more.
        if (step.do === 'restart') bench.delivered = [];
        for (const queue of bench.broker.queues.values()) {
          const { name, ready, unacked, dead } = queue;
          expect((acked.get(name) ?? 0) + ready.length + unacked.size + dead.length).toBe(confirmed.get(name) ?? 0);
          const positions = ready.map((entry) => entry.position);
          expect(positions).toEqual(positions.toSorted((a, b) => a - b));
          for (const { instance, prefetch } of queue.consumers) {
            const busy = [...unacked.values()].filter((held) => held.consumer === instance).length;
            const most = prefetches.get(`${name} ${instance}`);
            expect(prefetch).toBe(most);
            // A consumer that lowered its prefetch may still hold what it got before.
            if (prefetch === 0) expect(ready).toHaveLength(0);
            else if (busy < prefetch) expect(ready).toHaveLength(0);
          }
          const stored = [...bench.rows.keys()].filter((key) => key.startsWith(`message ["${name}`));
          expect(stored).toHaveLength(ready.length + unacked.size + dead.length);
        }
        expect(bench.contradictions).toEqual([]);
      }
    }),
    { numRuns: 1500 },
  );
});

it('MQ3 never delivers beyond a steady prefetch, and loses or doubles nothing among any number of consumers', () => {
  const consumers = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      consumers,
      fc.nat({ max: 40 }),
      fc.array(fc.nat({ max: 50 }), { maxLength: 40 }),
      (prefetches, count, acks) => {
        const bench = new BrokerBench();
        for (const [index, prefetch] of prefetches.entries()) bench.consume('q', `c${index}`, prefetch);
        for (let index = 0; index < count; index += 1) bench.publish(String(index));
        for (const which of acks) {
          for (const [index, prefetch] of prefetches.entries()) {
            const held = [...(bench.broker.queues.get('q')?.unacked.values() ?? [])].filter(
              (entry) => entry.consumer === `c${index}`,
            );
            expect(prefetch === 0 || held.length <= prefetch).toBe(true);
          }
          const target = bench.delivered[which % Math.max(1, bench.delivered.length)];
          if (target !== undefined) bench.ack(target.tag, target.to);
        }
        expect(bench.delivered.map(({ id }) => Number(id))).toEqual([...bench.delivered.keys()]);
      },
    ),
  );
});
