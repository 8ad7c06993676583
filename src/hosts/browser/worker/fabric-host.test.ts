import { afterEach, expect, test } from 'vitest';
import type { LogEvent } from '../../../core/fabric/event.ts';
import type { RunDefinition, RunState } from '../../../core/fabric/run-api.ts';
import { VirtualRun } from '../../virtual/run-virtual.ts';
import { storeDatabase } from '../storage/names.ts';
import { openNodeStore } from '../storage/node-store.ts';
import { openRunRecords } from '../storage/run-records.ts';
import { createFabricHost } from './fabric-host.ts';
import { readBatch, type FabricWorkerApi } from './fabric-protocol.ts';
import { fakeDefinition, fakeFactories, fakeSpawn, type FakeWorker } from './fake-system.suite.ts';

interface Tab {
  host: FabricWorkerApi;
  workers: FakeWorker[];
  events: LogEvent[];
  state(): RunState;
  open(definition: RunDefinition, options?: { speed?: number; play?: boolean; watchdog?: boolean }): Promise<void>;
  crashes(): string[];
}
const tabs: FabricWorkerApi[] = [];
afterEach(async () => {
  for (const host of tabs.splice(0)) await host.close();
});

let runs = 0;
function tab(hiddenPauseMs?: number): Tab {
  const workers: FakeWorker[] = [];
  const events: LogEvent[] = [];
  let last: RunState | null = null;
  const host: FabricWorkerApi = createFabricHost(
    fakeSpawn(workers),
    (text) => {
      const batch = readBatch(text);
      last = batch.state;
      events.push(...batch.events);
      void host.acknowledge(batch.events.length);
    },
    hiddenPauseMs === undefined ? {} : { hiddenPauseMs },
  );
  tabs.push(host);
  return {
    host,
    workers,
    events,
    state: () => last as unknown as RunState,
    async open(definition, { speed = Infinity, play = true, watchdog = true } = {}) {
      const startedAt = new Date(Date.UTC(2026, 10, 22, 10, 0, runs++)).toISOString();
      const opened = await host.open({ definition, speed, play, startedAt, runId: `run-${runs}`, watchdog });
      if (!opened.ok) throw new Error(opened.error);
      if (!opened.value.ok) throw new Error(opened.value.error[0]?.code);
    },
    crashes: () => events.flatMap((e) => (e.type === 'instance.crashed' ? [`${e.instance}: ${e.reason}`] : [])),
  };
}
const value = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(String(result.error));
  return result.value;
};
const reach = (t: Tab, at: number) =>
  expect.poll(() => t.state()?.now ?? -1, { timeout: 30_000, interval: 5 }).toBeGreaterThan(at);
/** The same run in virtual time, up to the same moment. */
async function virtualOf(t: Tab, definition: RunDefinition) {
  const { sha256, until, events } = value(await t.host.hash());
  const inputs = value(await t.host.inputs());
  const run = new VirtualRun({ ...definition, inputs }, { factories: fakeFactories });
  run.runUntil(until);
  return { tab: { sha256, events }, virtual: { sha256: run.sha256(), events: run.count } };
}

test('the run on ports gives the log bytes of the virtual host, and reads them back', async () => {
  const t = tab();
  const definition = fakeDefinition('same-bytes');
  await t.open(definition);
  await reach(t, 2_000_000);
  await t.host.pause();
  const { tab: real, virtual } = await virtualOf(t, definition);
  expect(real.events).toBeGreaterThan(500);
  expect(real).toEqual(virtual);
  const text = value(await t.host.log());
  expect(text.split('\n').length - 2).toBe(real.events);
});

test('paced: time follows the wall clock, a pause stops it, a step plays one instant', async () => {
  const t = tab();
  // From before the start: what the page knows of the time is older than the time, by as much as the machine likes.
  const wall = performance.now();
  await t.open(fakeDefinition('paced'), { speed: 0.5 });
  await reach(t, 0);
  await new Promise((go) => setTimeout(go, 400));
  // Never ahead of the wall clock; how far behind depends on the machine and is not asserted.
  await reach(t, t.state().now);
  expect(t.state().now / 1000).toBeLessThanOrEqual((performance.now() - wall) * 0.5 + 1);
  await t.host.pause();
  const paused = value(await t.host.hash());
  await new Promise((go) => setTimeout(go, 60));
  expect(value(await t.host.hash())).toEqual(paused);
  await t.host.step();
  const stepped = value(await t.host.hash());
  expect(stepped.events).toBeGreaterThan(paused.events);
  await expect.poll(() => t.events.length).toBe(stepped.events);
  const added = t.events.slice(paused.events).map((e) => e.t);
  expect(new Set(added).size).toBe(1);
});

test('when a pause or a step is answered the page knows that the run stands, and has its events', async () => {
  const t = tab();
  await t.open(fakeDefinition('told'), { speed: 0.5 });
  await reach(t, 0);
  for (let round = 0; round < 5; round++) {
    await t.host.play();
    await reach(t, t.state().now);
    await t.host.pause();
    const { events, until } = value(await t.host.hash());
    expect([t.state().status, t.state().now, t.events.length]).toEqual(['paused', until, events]);
    await t.host.step();
    const stepped = value(await t.host.hash());
    expect([t.state().status, t.state().now, t.events.length]).toEqual(['paused', stepped.until, stepped.events]);
  }
});

test('a request from outside plays a paused run until its reply, and is one recorded input', async () => {
  const t = tab();
  await t.open(fakeDefinition('edge'), { play: false });
  await expect.poll(() => t.state()?.status, { timeout: 5000 }).toBe('paused');
  const reply = value(await t.host.edge('orders', { method: 'POST', path: '/orders', headers: {}, body: '{}' }));
  expect(reply.status).toBe(201);
  await expect.poll(() => t.state().status).toBe('paused');
  expect(value(await t.host.inputs()).map(({ body }) => body.kind)).toEqual(['request']);
  const reached = value(await t.host.hash());
  await new Promise((go) => setTimeout(go, 50));
  expect(value(await t.host.hash())).toEqual(reached);
});

test('without a run a request from outside gets 503 RUN_STOPPED', async () => {
  const reply = value(await tab().host.edge('orders', { method: 'GET', path: '/', headers: {}, body: null }));
  expect(reply.status).toBe(503);
  expect(JSON.parse(reply.body ?? '')).toMatchObject({ code: 'RUN_STOPPED' });
});

test('a worker that fails while idle or at work becomes a crash with its reason, and comes back with its rows', async () => {
  const t = tab();
  const definition = fakeDefinition('crashes');
  await t.open(definition, { speed: 1 });
  await reach(t, 100_000);
  t.workers.find((w) => w.instance === 'orders-db#0')?.fail('Error: planted');
  await expect.poll(() => t.crashes(), { timeout: 5000 }).toEqual(['orders-db#0: Error: planted']);
  await expect
    .poll(() => t.events.filter((e) => e.type === 'instance.ready' && e.instance === 'orders-db#0').length, {
      timeout: 5000,
    })
    .toBe(2);
  await reach(t, t.state().now + 100_000);
  await t.host.pause();
  const { tab: real, virtual } = await virtualOf(t, definition);
  expect(real).toEqual(virtual);
  expect(t.events.some((e) => e.type === 'message.refused' && e.to === 'orders-db#0')).toBe(true);
});

test('a worker that never answers is ended by the watchdog; the window counts as sent to a dead instance', async () => {
  const t = tab();
  const definition = fakeDefinition('hangs');
  await t.open(definition, { speed: 1 });
  await reach(t, 50_000);
  t.workers.find((w) => w.instance === 'orders#0')?.hang();
  await expect.poll(() => t.state().slow, { timeout: 4000 }).toEqual(['orders#0']);
  await expect.poll(() => t.crashes(), { timeout: 10_000 }).toEqual(['orders#0: did not answer for 5 s']);
  await expect.poll(() => t.state().slow).toEqual([]);
  await reach(t, t.state().now + 60_000);
  await t.host.pause();
  const { tab: real, virtual } = await virtualOf(t, definition);
  expect(real).toEqual(virtual);
}, 30_000);

test('killed by the run: IndexedDB has every acknowledged row, and the next incarnation begins with them', async () => {
  const t = tab();
  const definition = fakeDefinition('killed');
  await t.open(definition, { speed: 5 });
  await reach(t, 300_000);
  await t.host.inject({ kind: 'instance.kill', instance: 'orders-db#0' });
  await t.host.inject({ kind: 'instance.start', instance: 'orders-db#0' });
  await reach(t, t.state().now + 300_000);
  await t.host.pause();
  const { tab: real, virtual } = await virtualOf(t, definition);
  expect(real).toEqual(virtual);
  const run = new VirtualRun({ ...definition, inputs: value(await t.host.inputs()) }, { factories: fakeFactories });
  run.runUntil(value(await t.host.hash()).until);
  expect(value(await t.host.stored('orders-db'))).toEqual(run.stored('orders-db'));
});

test('after a power cut the next run begins with the rows of one moment, and the old run is listed as ended there', async () => {
  const definition = fakeDefinition('reload');
  const first = tab();
  await first.open(definition, { speed: 1 });
  await reach(first, 400_000);
  // Nobody closes it: as when the page is reloaded, its workers just stop. Here they are stopped by a pause, and what
  // a worker had written beyond the cut is written by hand.
  await first.host.pause();
  const { until } = value(await first.host.hash());
  const records = await openRunRecords('reload');
  await expect.poll(async () => (await records.list())[0]?.cut ?? -1, { timeout: 5000 }).toBe(until - 1);
  for (const worker of first.workers) worker.isTerminated = true;
  const store = await openNodeStore(storeDatabase('reload', 'orders-db'));
  const beyond = { t: until + 5, table: 'orders', key: 'k0', before: null, after: { n: -1 } };
  const before0 = (await store.rows()).find((row) => row.key === 'k0');
  await store.append([{ ...beyond, before: before0?.row as { n: number } }], until - 1);
  store.close();
  const second = tab();
  await second.open(definition, { play: false });
  const [now, before] = await records.list();
  expect(before?.ended?.how).toBe('reload');
  const at = before?.ended?.at ?? 0;
  const run = new VirtualRun(definition, { factories: fakeFactories });
  run.runUntil(at + 1);
  expect(await records.snapshot(now?.initialDataHash ?? '')).toEqual({ 'orders-db': run.stored('orders-db') });
  records.close();
});

test('more than 150 instances are refused with a coded problem', async () => {
  const definition = fakeDefinition('many');
  const big = definition.topology.nodes.orders as { config: { replicas: number } };
  big.config.replicas = 151;
  await expect(tab().open(definition)).rejects.toThrow('LIMIT_INSTANCES');
});

test('the wall clock moved by an hour during a run, forward and back: same bytes', async () => {
  const t = tab();
  const definition = fakeDefinition('wall-clock');
  await t.open(definition, { speed: 10 });
  await reach(t, 0);
  const [date, monotonic] = [Date.now, performance.now.bind(performance)];
  try {
    for (const hour of [3_600_000, -3_600_000]) {
      Date.now = () => date() + hour;
      performance.now = () => monotonic() + hour;
      // Counted, not timed: the clock that a time-out would read is the one that is being moved.
      const until = t.state().now + 200_000;
      for (let looks = 0; looks < 2000 && t.state().now < until; looks++) await new Promise((go) => setTimeout(go, 10));
      expect(t.state().now).toBeGreaterThanOrEqual(until);
    }
  } finally {
    Date.now = date;
    performance.now = monotonic;
  }
  await t.host.pause();
  const { tab: real, virtual } = await virtualOf(t, definition);
  expect(real.events).toBeGreaterThan(100);
  expect(real).toEqual(virtual);
});
