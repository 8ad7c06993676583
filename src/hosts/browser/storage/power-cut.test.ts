import { expect, test } from 'vitest';
import { storeDatabase } from './names.ts';
import { openNodeStore, type StoreWrite } from './node-store.ts';
import { cutPower, hashOfData } from './power-cut.ts';
import { openRunRecords, RUNS_KEPT, type RunRecord } from './run-records.ts';

const NEVER = Number.MIN_SAFE_INTEGER;
const run = (id: string, change: Partial<RunRecord> = {}): RunRecord => ({
  id,
  startedAt: `2026-11-22T10:00:${id.padStart(2, '0')}.000Z`,
  seed: 1,
  topology: { nodes: {}, links: {} },
  initialDataHash: null,
  stores: ['orders-db', 'stock-db'],
  cut: null,
  reached: 0,
  ended: null,
  ...change,
});
const row = (key: string, n: number) => ({ table: 't', key, row: { n } });
const write = (t: number, key: string, n: number): StoreWrite => ({ t, table: 't', key, before: null, after: { n } });
async function storeWith(doc: string, node: string, id: string, writes: StoreWrite[]) {
  const store = await openNodeStore(storeDatabase(doc, node));
  await store.reset(id, [row('base', 0)]);
  await store.append(writes, NEVER);
  store.close();
}

test('a document that never ran has no remains', async () => {
  const records = await openRunRecords('cut-none');
  expect(await cutPower(records, 'cut-none')).toEqual({ data: null, cutRun: null });
  records.close();
});

test('after a reload all stores are cut at the same time, and the run is listed as ended there', async () => {
  const records = await openRunRecords('cut-same');
  await records.begin(run('1', { cut: 20, reached: 90 }), null);
  await storeWith('cut-same', 'orders-db', '1', [write(10, 'a', 1), write(30, 'b', 2)]);
  await storeWith('cut-same', 'stock-db', '1', [write(20, 'c', 3), write(21, 'd', 4)]);
  const remains = await cutPower(records, 'cut-same');
  expect(remains.data).toEqual({
    'orders-db': [row('a', 1), row('base', 0)],
    'stock-db': [row('base', 0), row('c', 3)],
  });
  expect(remains.cutRun?.ended).toEqual({ how: 'reload', at: 20 });
  expect((await records.list())[0]?.ended).toEqual({ how: 'reload', at: 20 });
  const again = await cutPower(records, 'cut-same');
  expect(again).toEqual({ data: remains.data, cutRun: null });
  records.close();
});

test('a store that had not begun with the last run yet counts with what that run began with', async () => {
  const records = await openRunRecords('cut-early');
  const began = { 'orders-db': [row('old', 7)], 'stock-db': [row('older', 8)] };
  await storeWith('cut-early', 'orders-db', '2', [write(10, 'a', 1)]);
  await storeWith('cut-early', 'stock-db', '1', [write(10, 'x', 1)]);
  await records.begin(run('2', { cut: 15, initialDataHash: hashOfData(began) }), began);
  const { data } = await cutPower(records, 'cut-early');
  expect(data).toEqual({ 'orders-db': [row('a', 1), row('base', 0)], 'stock-db': [row('older', 8)] });
  records.close();
});

test('a run that had written nothing everywhere leaves its own initial data', async () => {
  const records = await openRunRecords('cut-boot');
  const began = { 'orders-db': [row('old', 7)] };
  await storeWith('cut-boot', 'orders-db', '3', [write(10, 'a', 1)]);
  await records.begin(run('3', { initialDataHash: hashOfData(began) }), began);
  expect((await cutPower(records, 'cut-boot')).data).toEqual(began);
  records.close();
});

test('runs keep their inputs in order; the oldest runs and snapshots are forgotten', async () => {
  const records = await openRunRecords('runs');
  const first = { 'orders-db': [row('one', 1)] };
  for (let i = 1; i <= RUNS_KEPT + 2; i++) {
    const data = i === 1 ? first : null;
    await records.begin(run(String(i), { initialDataHash: data === null ? null : hashOfData(data) }), data);
  }
  const listed = await records.list();
  expect(listed.map(({ id }) => id)).toEqual(Array.from({ length: RUNS_KEPT }, (_, i) => String(RUNS_KEPT + 2 - i)));
  expect(await records.snapshot(hashOfData(first))).toBeNull();
  await records.addInputs('22', [{ at: 5, seq: 1, body: { kind: 'wipe' } }]);
  await records.addInputs('22', [{ at: 1, seq: 0, body: { kind: 'wipe' } }]);
  expect(await records.inputs('22')).toEqual([
    { at: 1, seq: 0, body: { kind: 'wipe' } },
    { at: 5, seq: 1, body: { kind: 'wipe' } },
  ]);
  records.close();
});
