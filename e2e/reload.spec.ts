import { expect, test, type Page } from '@playwright/test';
import type { RunDefinition } from '../src/core/fabric/run-api.ts';
import { compileTopology } from '../src/core/topology/compile.ts';
import { VirtualRun } from '../src/hosts/virtual/run-virtual.ts';
import type { RunRecord } from '../src/hosts/browser/storage/run-records.ts';
import type { StoredRow } from '../src/core/storage/types.ts';
import type { Input } from '../src/core/fabric/input.ts';
import { bothHashes, now, openRun, orderSaga, reach, settled } from './servarium-page.ts';

/** A store of the document's log database, read as DevTools would. */
const readLog = <T>(page: Page, documentId: string, store: string): Promise<T[]> =>
  page.evaluate(
    ({ documentId, store }) =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open(`servarium/${documentId}/log`);
        opening.addEventListener('error', () => reject(opening.error ?? new Error('cannot open')));
        opening.addEventListener('success', () => {
          const reading = opening.result.transaction(store).objectStore(store).getAll();
          reading.addEventListener('success', () => {
            opening.result.close();
            resolve(reading.result as unknown[]);
          });
        });
      }),
    { documentId, store },
  ) as Promise<T[]>;

const post = (page: Page, count: number) =>
  page.evaluate(async (count) => {
    const body = JSON.stringify({ userId: 'u-1', items: [{ productId: 'p-123', quantity: 1 }] });
    const request = { method: 'POST', path: '/api/orders', headers: { 'content-type': 'application/json' }, body };
    for (let i = 0; i < count; i++) await window.servarium.send('gateway', request);
  }, count);
const newest = (runs: RunRecord[]): RunRecord[] => runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));

test('reload is a power cut: all stores are cut at one time, and the next run begins with exactly those rows', async ({
  page,
}) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 1, speed: 2 });
  const id = await page.evaluate(() => window.servarium.document().id);
  await post(page, 4);
  await reach(page, (await now(page)) + 300_000);
  // Not paused, not closed: rows are being written while the page goes away.
  const [running] = newest(await readLog<RunRecord>(page, id, 'runs'));
  await page.reload();
  await settled(page);
  const runs = newest(await readLog<RunRecord>(page, id, 'runs'));
  const cut = runs.find((run) => run.id === running?.id);
  expect(cut?.ended).toMatchObject({ how: 'reload' });
  const at = cut?.ended?.at ?? 0;
  expect(at).toBeGreaterThan(0);

  const inputs = (await readLog<Input & { run: string }>(page, id, 'inputs')).filter((input) => input.run === cut?.id);
  expect(inputs.filter(({ body }) => body.kind === 'request').length).toBe(4);
  const definition: RunDefinition = {
    documentId: id,
    topology: compileTopology(document),
    initialData: null,
    seed: 1,
    inputs: inputs.map(({ at, seq, body }) => ({ at, seq, body })),
  };
  const virtual = new VirtualRun(definition);
  virtual.runUntil(at + 1);
  const after = newest(runs).find((run) => run.ended === null && run.id !== cut?.id);
  const snapshots = await readLog<{ hash: string; data: Record<string, StoredRow[]> }>(page, id, 'snapshots');
  const snapshot = snapshots.find(({ hash }) => hash === after?.initialDataHash);
  for (const node of cut?.stores ?? []) expect(snapshot?.data[node], node).toEqual(virtual.stored(node));
  expect(snapshot?.data['order-db']?.length).toBeGreaterThan(1);
});

test('a closed run leaves its rows to the next one, and both give the hash of the virtual host', async ({ page }) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 1, speed: 'max' });
  await post(page, 2);
  await reach(page, 3_000_000);
  await page.evaluate(() => window.servarium.stop());
  await page.evaluate(() => window.servarium.start({ seed: 2, speed: 'max' }));
  await reach(page, 2_000_000);
  const id = await page.evaluate(() => window.servarium.document().id);
  const [current] = newest(await readLog<RunRecord>(page, id, 'runs'));
  const snapshots = await readLog<{ hash: string; data: RunDefinition['initialData'] }>(page, id, 'snapshots');
  const initialData = snapshots.find(({ hash }) => hash === current?.initialDataHash)?.data ?? null;
  expect(initialData).not.toBeNull();
  const { tab, virtual } = await bothHashes(page, document, 2, initialData);
  expect(tab).toEqual(virtual);
});

test('a wipe brings the rows of the document back', async ({ page }) => {
  const document = orderSaga();
  await openRun(page, document, { seed: 1, speed: 'max' });
  const fresh = await page.evaluate(() => window.servarium.stored('product-db'));
  await post(page, 2);
  await page.evaluate(() => window.servarium.inject({ kind: 'wipe' }));
  await reach(page, (await now(page)) + 1_000_000);
  await page.evaluate(() => window.servarium.pause());
  expect(await page.evaluate(() => window.servarium.stored('product-db'))).toEqual(fresh);
  const { tab, virtual } = await bothHashes(page, document, 1);
  expect(tab).toEqual(virtual);
});
