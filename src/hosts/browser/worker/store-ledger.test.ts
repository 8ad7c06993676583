import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StoreWrite } from '../storage/node-store.ts';
import { rowsOf } from './instance-host.ts';
import { createStoreLedger } from './store-ledger.ts';

const write = (t: number, key: string, n: number | null): StoreWrite => ({
  t,
  table: 'orders',
  key,
  before: null,
  after: n === null ? null : { n },
});

test('the cut lies before the oldest change that is not durable, in any store', () => {
  const ledger = createStoreLedger();
  expect(ledger.cut(100)).toBe(99);
  ledger.add('a', [write(10, 'x', 1), write(20, 'y', 2)]);
  ledger.add('b', [write(15, 'z', 3)]);
  expect(ledger.cut(100)).toBe(9);
  ledger.persisted('a', 10);
  expect(ledger.cut(100)).toBe(14);
  ledger.persisted('b', 15);
  expect(ledger.cut(100)).toBe(19);
  ledger.persisted('a', 20);
  expect([ledger.cut(100), ledger.pending]).toEqual([99, 0]);
});

test('a store is contended while another one has rows to write', () => {
  const ledger = createStoreLedger();
  ledger.add('a', [write(1, 'x', 1)]);
  expect([ledger.isContended('a'), ledger.isContended('b')]).toEqual([false, true]);
});

test('a store that begins anew forgets what was waiting; its first rows wait themselves', () => {
  const ledger = createStoreLedger();
  ledger.add('a', [write(1, 'x', 1)]);
  ledger.begin('a', 5, [{ table: 'orders', key: 'y', row: { n: 2 } }]);
  expect(ledger.tail('a')).toEqual([write(5, 'y', 2)]);
});

test('property: without any disk the tail is bounded, and gives the same rows as all changes', () => {
  const change = fc.record({ key: fc.nat(30), n: fc.option(fc.nat(9)) });
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 400 }),
      (changes, times) => {
        const ledger = createStoreLedger();
        const all: StoreWrite[] = [];
        for (let i = 0; i < times; i++) {
          const writes = changes.map(({ key, n }, j) => write(i * 100 + j, `k${key}`, n));
          ledger.add('a', writes);
          all.push(...writes);
        }
        expect(ledger.pending).toBeLessThanOrEqual(10_060);
        expect(rowsOf(ledger.tail('a'))).toEqual(rowsOf(all));
      },
    ),
    { numRuns: 40 },
  );
});
