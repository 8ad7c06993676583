import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBulkhead, enterBulkhead, leaveBulkhead, leaveQueue } from './bulkhead.ts';

const steps = fc.array(
  fc.oneof(
    fc.constant({ do: 'enter' as const, pick: 0 }),
    fc.record({ do: fc.constantFrom('leave' as const, 'expire' as const, 'give-up' as const), pick: fc.nat(50) }),
  ),
  { maxLength: 200 },
);

test('RS4 never more inside than permits, never more waiters than the queue, first come first served, others refused at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 0, max: 4 }),
      steps,
      (maxConcurrent, maxQueued, plan) => {
        const bulkhead = createBulkhead({ maxConcurrent, maxQueued });
        const inside = new Set<number>();
        const waiting: number[] = [];
        let ticket = 0;
        let refused = 0;
        for (const step of plan) {
          if (step.do === 'enter') {
            ticket += 1;
            const how = enterBulkhead(bulkhead, ticket);
            expect(how).toBe(
              inside.size < maxConcurrent ? 'entered' : waiting.length < maxQueued ? 'queued' : 'refused',
            );
            if (how === 'entered') inside.add(ticket);
            else if (how === 'queued') waiting.push(ticket);
            else refused += 1;
          } else if (step.do === 'leave' && inside.size > 0) {
            const who = [...inside][step.pick % inside.size]!;
            inside.delete(who);
            const next = leaveBulkhead(bulkhead);
            expect(next).toBe(waiting.shift() ?? null);
            if (next !== null) inside.add(next);
          } else if (step.do !== 'leave' && waiting.length > 0) {
            const at = step.pick % waiting.length;
            const [who] = waiting.splice(at, 1);
            const why = step.do === 'expire' ? 'refused' : 'left';
            expect(leaveQueue(bulkhead, who!, why)).toBe(true);
            expect(leaveQueue(bulkhead, who!, why)).toBe(false);
            if (why === 'refused') refused += 1;
          }
          expect(bulkhead).toMatchObject({ active: inside.size, waiting, refused });
        }
      },
    ),
    { numRuns: 500 },
  );
});
