import { expect, type Page, type Worker } from '@playwright/test';
import { readFileSync } from 'node:fs';
import type { Automation } from '../src/app/automation/automation.ts';
import type { StartOptions } from '../src/app/run/start-run.ts';
import type { LogEvent } from '../src/core/fabric/event.ts';
import type { RunDefinition } from '../src/core/fabric/run-api.ts';
import { compileTopology } from '../src/core/topology/compile.ts';
import type { Document } from '../src/core/topology/schema/types.ts';
import { performEffect } from '../src/hosts/tokens/perform-effect.ts';
import { VirtualRun } from '../src/hosts/virtual/run-virtual.ts';

declare global {
  interface Window {
    servarium: Automation;
  }
}

export const orderSaga = (): Document =>
  JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;

/** Settles when the application has opened a document and started its run. */
export const settled = (page: Page) =>
  page.waitForFunction(() => 'servarium' in window && !['idle', 'booting'].includes(window.servarium.state().status));

/** Opens the built site and waits until scripts can drive it. */
export async function openSite(page: Page, path = './'): Promise<void> {
  await page.goto(path);
  await settled(page);
}

/** Opens a document and starts a run of it from the document's own rows, in place of what is open; the run may still boot. */
export async function startRun(page: Page, document: Document, options: StartOptions): Promise<void> {
  const loaded = await page.evaluate(
    async ([text, start]) => (await window.servarium.load(text, JSON.parse(start) as StartOptions)).ok,
    [JSON.stringify(document), JSON.stringify({ initialData: {}, ...options })] as const,
  );
  expect(loaded).toBe(true);
}

/** Opens the built site as a first visit whose example is this document: one run boots instead of two. */
export async function openFirst(page: Page, document: Document, path = './'): Promise<void> {
  await page.route('**/examples/order-saga.json', (route) => route.fulfill({ json: document }), { times: 1 });
  await openSite(page, path);
}

/** Opens the built site and runs a document there from its own rows. */
export async function openRun(page: Page, document: Document, options: StartOptions, path = './'): Promise<void> {
  const { seed = document.seed, speed, ...more } = options;
  if (Object.keys(more).length === 0) {
    await openFirst(page, { ...document, seed }, path);
    if (speed !== undefined) await page.evaluate((to) => window.servarium.setSpeed(to), speed);
    return;
  }
  await page.goto(path);
  await page.waitForFunction(() => 'servarium' in window);
  await startRun(page, document, options);
}

/** Settles when the log is final before `t` (virtual µs). */
export async function reach(page: Page, t: number): Promise<void> {
  await page.waitForFunction((t) => window.servarium.state().now >= t, t, { timeout: 90_000 });
}
export const now = (page: Page): Promise<number> => page.evaluate(() => window.servarium.state().now);

/** The paused run's hash beside that of the same four things in virtual time. */
export async function bothHashes(
  page: Page,
  document: Document,
  seed: number,
  initialData: RunDefinition['initialData'] = null,
) {
  await page.evaluate(() => window.servarium.pause());
  const tab = await page.evaluate(async () => ({
    ...(await window.servarium.hash()),
    inputs: await window.servarium.inputs(),
  }));
  const definition: RunDefinition = {
    documentId: document.id,
    topology: compileTopology(document),
    initialData,
    seed,
    inputs: tab.inputs,
  };
  const run = new VirtualRun(definition, { perform: performEffect });
  await run.runUntilAsync(tab.until);
  return {
    tab: { sha256: tab.sha256, events: tab.events },
    virtual: { sha256: run.sha256(), events: run.count },
    inputs: tab.inputs,
    until: tab.until,
    run,
  };
}

/** What a test has read of a page's log: only what came since is brought over when it asks again. */
const known = new WeakMap<Page, { chars: number; tail: string; events: LogEvent[] }>();
/** Characters by which the log of another run is told. */
const TAIL = 500;

/** The run's events so far, read from the log. */
export async function events(page: Page): Promise<LogEvent[]> {
  const before = known.get(page) ?? { chars: 0, tail: '', events: [] };
  const { more, isSame } = await page.evaluate(
    async ({ chars, tail }) => {
      const text = await window.servarium.log();
      const isSame = chars > 0 && text.slice(0, chars).endsWith(tail);
      return { isSame, more: isSame ? text.slice(chars) : text };
    },
    { chars: before.chars, tail: before.tail },
  );
  const lines = more.split('\n').filter((line) => line !== '');
  // The first line of a log is its header.
  const added = (isSame ? lines : lines.slice(1)).map((line) => JSON.parse(line) as LogEvent);
  const all = isSame ? [...before.events, ...added] : added;
  const chars = more.length + (isSame ? before.chars : 0);
  known.set(page, { chars, tail: (isSame ? before.tail + more : more).slice(-TAIL), events: all });
  return all;
}
export async function crashes(page: Page): Promise<string[]> {
  return (await events(page)).flatMap((e) => (e.type === 'instance.crashed' ? [`${e.instance}: ${e.reason}`] : []));
}

/** What a worker calls itself; null when it does not say: one that was just ended may still be listed, and would never answer. */
async function nameOf(worker: Worker): Promise<string | null> {
  const late = new Promise<null>((resolve) => void setTimeout(resolve, 3_000, null));
  return Promise.race([worker.evaluate(() => self.name).catch(() => null), late]);
}
/** Workers of the tab by the name that they gave themselves: `fabric`, and the instance of each instance worker. */
export async function workersByName(page: Page): Promise<Map<string, Worker>> {
  const named = await Promise.all(page.workers().map(async (worker) => [await nameOf(worker), worker] as const));
  return new Map(named.flatMap(([name, worker]) => (name === null ? [] : [[name, worker] as const])));
}
/** The worker of an instance, as soon as it has said its name: the others are not waited for. */
export async function workerOf(page: Page, instance: string): Promise<Worker> {
  const asked = page.workers().map(async (worker) => {
    if ((await nameOf(worker)) !== instance) throw new Error('another one');
    return worker;
  });
  return Promise.any(asked).catch(() => {
    throw new Error(`no worker is called ${instance}`);
  });
}
