import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openNodeStore, type StoreWrite } from './node-store.ts';
import { databasesOf, nodeOfDatabase, storeDatabase } from './names.ts';
import { createWriteBehind } from './write-behind.ts';

let count = 0;
const freshName = () => storeDatabase(`doc${count++}`, 'orders-db');
const write = (t: number, key: string, before: number | null, after: number | null): StoreWrite => ({
  t,
  table: 'orders',
  key,
  before: before === null ? null : { n: before },
  after: after === null ? null : { n: after },
});
const NEVER = Number.MIN_SAFE_INTEGER;

test('names say document and node, and can be listed', async () => {
  const name = storeDatabase('listed', 'orders-db');
  (await openNodeStore(name)).close();
  expect(name).toBe('servarium/listed/orders-db');
  expect(await databasesOf('listed')).toEqual([name]);
  expect(nodeOfDatabase('listed', name)).toBe('orders-db');
  expect(nodeOfDatabase('listed', 'servarium/listed/log')).toBeNull();
  expect(nodeOfDatabase('listed', storeDatabase('listed', 'log'))).toBe('log');
});

test('a run begins with exactly the given rows and remembers which run it was', async () => {
  const store = await openNodeStore(freshName());
  expect(await store.run()).toBeNull();
  await store.append([write(1, 'old', null, 1)], NEVER);
  await store.reset('run-1', [{ table: 'orders', key: '"a"', row: { n: 1 } }]);
  expect(await store.rows()).toEqual([{ table: 'orders', key: '"a"', row: { n: 1 } }]);
  expect(await store.run()).toBe('run-1');
  store.close();
});

test('recovery goes back before `from` and adds what was acknowledged and not yet written', async () => {
  const name = freshName();
  const first = await openNodeStore(name);
  await first.reset('run-1', []);
  await first.append([write(10, 'a', null, 1), write(20, 'a', 1, 2), write(20, 'b', null, 5)], NEVER);
  first.close();
  const second = await openNodeStore(name);
  expect(await second.recover(20, [write(15, 'c', null, 9)])).toEqual([
    { table: 'orders', key: 'a', row: { n: 1 } },
    { table: 'orders', key: 'c', row: { n: 9 } },
  ]);
  expect(await second.recover(12, [])).toEqual([{ table: 'orders', key: 'a', row: { n: 1 } }]);
  second.close();
});

test('the cut forgets images: what lies before it cannot be undone any more', async () => {
  const store = await openNodeStore(freshName());
  await store.reset('run-1', []);
  await store.append([write(10, 'a', null, 1), write(20, 'b', null, 2)], NEVER);
  await store.append([write(30, 'c', null, 3)], 15);
  expect((await store.recover(0, [])).map((row) => row.key)).toEqual(['a']);
  store.close();
});

test('property: any history, written in any groups and cut at any time, gives the rows of that time', async () => {
  const step = fc.record({
    dt: fc.integer({ min: 0, max: 3 }),
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.option(fc.integer()),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(60),
      async (steps, group, at) => {
        const now = new Map<string, number>();
        const then = new Map<string, number>();
        const writes: StoreWrite[] = [];
        let t = 0;
        for (const { dt, key, value } of steps) {
          t += dt;
          writes.push(write(t, key, now.get(key) ?? null, value));
          for (const rows of t < at ? [now, then] : [now]) {
            if (value === null) rows.delete(key);
            else rows.set(key, value);
          }
        }
        const name = freshName();
        const store = await openNodeStore(name);
        await store.reset('run', []);
        for (let i = 0; i < writes.length; i += group)
          await store.append(writes.slice(i, i + group), Math.min(at - 1, t - 9));
        store.close();
        const again = await openNodeStore(name);
        const rows = await again.recover(at, []);
        again.close();
        expect(rows.map((row) => [row.key, (row.row as { n: number }).n])).toEqual(
          [...then].sort(([a], [b]) => (a < b ? -1 : 1)),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('write-behind keeps the order, keeps groups small while others wait, and says what is durable', async () => {
  const groups: number[] = [];
  const durable: number[] = [];
  const keys: string[] = [];
  const behind = createWriteBehind(
    {
      append: async (writes) => {
        groups.push(writes.length);
        keys.push(...writes.map((item) => item.key));
      },
    },
    { persisted: (through) => durable.push(through), failed: () => expect.unreachable() },
  );
  const writes = Array.from({ length: 25 }, (_, i) => write(i < 12 ? 5 : 6, `k${i}`, null, i));
  behind.push(writes, true, NEVER);
  expect(behind.pending).toBe(25);
  await behind.flush();
  expect(groups).toEqual([10, 10, 5]);
  expect(durable).toEqual([4, 5, 6]);
  expect(keys).toEqual(writes.map((item) => item.key));
  behind.push(writes, false, NEVER);
  await behind.flush();
  expect(groups).toEqual([10, 10, 5, 25]);
});

test('a refused transaction is reported and tried again; nothing is lost or doubled', async () => {
  let refusals = 1;
  const written: string[] = [];
  const failures: string[] = [];
  const behind = createWriteBehind(
    {
      append: async (writes) => {
        if (refusals-- > 0) throw new DOMException('full', 'QuotaExceededError');
        written.push(...writes.map((item) => item.key));
      },
    },
    { persisted: () => undefined, failed: (reason) => failures.push(reason) },
  );
  behind.push([write(1, 'a', null, 1)], false, NEVER);
  await expect.poll(() => failures).toEqual(['QuotaExceededError: full']);
  expect(behind.pending).toBe(1);
  await expect.poll(() => written, { timeout: 5000 }).toEqual(['a']);
});
