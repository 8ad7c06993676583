import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { Input } from '../../src/core/fabric/input.ts';
import type { StoredRow } from '../../src/core/storage/types.ts';
import type { Document } from '../../src/core/topology/schema/types.ts';
import type { RunRecord } from '../../src/hosts/browser/storage/run-records.ts';
import { virtualRun } from '../virtual-run.ts';
import { openChromium } from './chromium.ts';
import type { Engine, Tab } from './engine.ts';
import { openFirefox } from './firefox.ts';
import { siteOn } from './site.ts';
import { openWebKit } from './webkit.ts';

/** What scripts/engines.mjs found on this machine. */
const found = JSON.parse(process.env['E2E_ENGINES'] ?? '{}') as Record<
  string,
  { path: string; xvfb?: string | null } | undefined
>;
const PICTURES = 'test-results/engines';
const site = siteOn(Number(process.env['E2E_PORT_SITE']));
let engine: Engine;
let tab: Tab;

const openEngine = (name: string): Promise<Engine> => {
  const { path, xvfb = null } = found[name] ?? { path: '' };
  if (name === 'firefox') return openFirefox(path);
  if (name === 'webkit') return openWebKit({ path, xvfb, port: Number(process.env['E2E_PORT_DRIVER']) });
  return openChromium(path);
};
const example = (name: string): Document =>
  JSON.parse(readFileSync(`public/examples/${name}.json`, 'utf8')) as Document;

test.beforeAll(async () => {
  await site.start();
  engine = await openEngine(test.info().project.name);
});
test.afterAll(async () => {
  await engine?.close();
  await site.stop();
});
test.beforeEach(async () => {
  tab = await engine.open();
});
test.afterEach(async () => {
  const { project, title } = test.info();
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(`${PICTURES}/${project.name}-${title.replaceAll(/\W+/g, '-').slice(0, 40)}.png`, await tab.picture());
  const heard = tab.heard();
  await tab.close();
  expect(heard, 'the console stays silent').toEqual([]);
});

/** Asks the page until it says yes. */
const until = (what: string, work: () => boolean): Promise<void> =>
  expect.poll(() => tab.evaluate(work), { message: what, intervals: [50, 100, 250], timeout: 60_000 }).toBe(true);
const settled = () =>
  until(
    'the application has opened a document and started its run',
    () => 'servarium' in window && !['idle', 'booting'].includes(window.servarium.state().status),
  );
const controlled = () =>
  until('all files are stored and the page is controlled', () => {
    return navigator.serviceWorker.controller?.state === 'activated';
  });
async function openSite(): Promise<void> {
  await tab.goto(site.url);
  await settled();
}
async function startRun(document: Document, seed: number, speed: number | 'max'): Promise<void> {
  expect(await tab.evaluate(async (text) => (await window.servarium.load(text)).ok, JSON.stringify(document))).toBe(
    true,
  );
  // The application starts a run of what it has opened: ours takes its place.
  await settled();
  const started = await tab.evaluate((options) => window.servarium.start({ initialData: {}, ...options }), {
    seed,
    speed,
  });
  expect(started).toMatchObject({ ok: true });
}
const reach = (t: number): Promise<void> =>
  expect
    .poll(() => tab.evaluate(() => window.servarium.state().now), { intervals: [100], timeout: 90_000 })
    .toBeGreaterThanOrEqual(t);
/** Sends orders one after the other; each is one recorded input. */
const order = (count: number): Promise<number[]> =>
  tab.evaluate(async (wanted) => {
    const body = JSON.stringify({ userId: 'u-1', items: [{ productId: 'p-123', quantity: 1 }] });
    const request = { method: 'POST', path: '/api/orders', headers: { 'content-type': 'application/json' }, body };
    const statuses = [];
    for (let i = 0; i < wanted; i++) statuses.push((await window.servarium.send('gateway', request)).status);
    return statuses;
  }, count);

/** The paused run's hash, and that of the same four things in virtual time. */
async function bothHashes(document: Document, seed: number) {
  await tab.evaluate(() => window.servarium.pause());
  const here = await tab.evaluate(async () => ({
    ...(await window.servarium.hash()),
    inputs: await window.servarium.inputs(),
  }));
  const run = await virtualRun(document, { seed, inputs: here.inputs, until: here.until });
  return {
    here: { sha256: here.sha256, events: here.events },
    virtual: { sha256: run.sha256(), events: run.count },
  };
}

test('the order system with orders of our own: the sha256 of the virtual host', async () => {
  const document = example('order-saga');
  await openSite();
  await startRun(document, 1, 'max');
  expect(await order(5)).toEqual([201, 201, 201, 201, 201]);
  await reach(10_000_000);
  const { here, virtual } = await bothHashes(document, 1);
  expect(here).toEqual(virtual);
  expect(here.events).toBeGreaterThan(500);
});

test('the storefront with tokens, gRPC and limits: the sha256 of the virtual host', async () => {
  const document = example('storefront-calls');
  await openSite();
  await startRun(document, 1, 'max');
  await reach(10_000_000);
  const { here, virtual } = await bothHashes(document, 1);
  expect(here).toEqual(virtual);
  expect(here.events).toBeGreaterThan(500);
});

test('paused, stepped, slow and fast, with a kill and a fault: the same sha256', async () => {
  const document = example('order-saga');
  await openSite();
  await startRun(document, 2, 1);
  await reach(300_000);
  const killed = await tab.evaluate(async () => {
    const { servarium } = window;
    await servarium.pause();
    for (let i = 0; i < 5; i++) await servarium.step();
    const done = await servarium.inject({ kind: 'instance.kill', instance: 'inventory#0' });
    await servarium.setSpeed('max');
    await servarium.play();
    return done.ok;
  });
  expect(killed).toBe(true);
  await order(3);
  await reach(6_000_000);
  const { here, virtual } = await bothHashes(document, 2);
  expect(here).toEqual(virtual);
});

/** A store of the document's log database. */
const readLog = <T>(documentId: string, store: string): Promise<T[]> =>
  tab.evaluate(
    (from) =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open(`servarium/${from.documentId}/log`);
        opening.addEventListener('error', () => reject(opening.error ?? new Error('cannot open')));
        opening.addEventListener('success', () => {
          const reading = opening.result.transaction(from.store).objectStore(from.store).getAll();
          reading.addEventListener('success', () => {
            opening.result.close();
            resolve(reading.result as unknown[]);
          });
        });
      }),
    { documentId, store },
  ) as Promise<T[]>;
const newest = (runs: RunRecord[]): RunRecord[] => runs.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));

test('a reload is a power cut at one time: the next run begins with the rows of that time', async () => {
  const document = example('order-saga');
  await openSite();
  await startRun(document, 1, 2);
  const id = await tab.evaluate(() => window.servarium.document().id);
  await order(4);
  const now = await tab.evaluate(() => window.servarium.state().now);
  await reach(now + 300_000);
  const [running] = newest(await readLog<RunRecord>(id, 'runs'));
  await tab.reload();
  await settled();
  const runs = newest(await readLog<RunRecord>(id, 'runs'));
  const cut = runs.find((run) => run.id === running?.id);
  expect(cut?.ended).toMatchObject({ how: 'reload' });
  const at = cut?.ended?.at ?? 0;
  expect(at).toBeGreaterThan(0);
  const inputs = (await readLog<Input & { run: string }>(id, 'inputs')).filter((input) => input.run === cut?.id);
  const recorded = inputs.map(({ at: t, seq, body }) => ({ at: t, seq, body }));
  const virtual = await virtualRun({ ...document, id }, { seed: 1, inputs: recorded, until: at + 1 });
  const after = runs.find((run) => run.ended === null && run.id !== cut?.id);
  const snapshots = await readLog<{ hash: string; data: Record<string, StoredRow[]> }>(id, 'snapshots');
  const snapshot = snapshots.find(({ hash }) => hash === after?.initialDataHash);
  for (const node of cut?.stores ?? []) expect(snapshot?.data[node], node).toEqual(virtual.stored(node));
  expect(snapshot?.data['order-db']?.length).toBeGreaterThan(1);
});

test('what a page says on its console is heard here', async () => {
  if (engine.deaf !== null) console.log(`SKIP ${test.info().project.name} console: ${engine.deaf}`);
  test.skip(engine.deaf !== null, engine.deaf ?? '');
  await openSite();
  await tab.evaluate(() => console.error('planted'));
  await expect.poll(() => tab.heard().join('\n')).toContain('planted');
});

const placed = () =>
  tab.evaluate(async () => {
    const body = JSON.stringify({ userId: 'u-1', items: [{ productId: 'p-123', quantity: 1 }] });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    return (await fetch('edge/gateway/api/orders', init)).status;
  });

test('the page own fetch reaches the gateway through the service worker, also when the server is gone', async () => {
  await openSite();
  await controlled();
  await startRun(example('order-saga'), 1, 'max');
  expect(await placed()).toBe(201);
  const alias = await tab.evaluate(async () => (await fetch('https://gateway.servarium.test/api/products')).status);
  expect(alias).toBe(200);
  expect(await tab.evaluate(async () => (await window.servarium.inputs()).map(({ body }) => body.kind))).toEqual([
    'request',
    'request',
  ]);
  await site.stop();
  try {
    // Opened again rather than reloaded: Firefox's driver was seen to reload past the service worker.
    await tab.goto(site.url);
    await settled();
    await controlled();
    await startRun(example('order-saga'), 1, 'max');
    expect(await placed()).toBe(201);
  } finally {
    await site.start();
  }
});

test('by mouse: the order button sends an order, a service is dragged in, dots are drawn', async () => {
  await openSite();
  await tab.click('[data-testid=send-demo]');
  const dots = () =>
    tab.evaluate(() => Number(document.querySelector<HTMLElement>('[data-testid=packets]')?.dataset['dots'] ?? 0));
  await expect.poll(dots, { intervals: [40], timeout: 30_000 }).toBeGreaterThan(0);
  const sent = () => tab.evaluate(async () => (await window.servarium.inputs()).length);
  expect(await sent()).toBe(1);
  const nodes = () => tab.evaluate(() => Object.keys(window.servarium.document().nodes).length);
  const before = await nodes();
  const places = await tab.evaluate(() => {
    const middle = (selector: string, x: number, y: number) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      return { x: (box?.x ?? 0) + x, y: (box?.y ?? 0) + y };
    };
    return { from: middle('[data-preset=blank]', 20, 15), to: middle('[data-testid=canvas]', 110, 400) };
  });
  await tab.drag(places.from, places.to);
  await expect.poll(nodes).toBe(before + 1);
});
