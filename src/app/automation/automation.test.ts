import { expect, test } from 'vitest';
import type { RunBatch, RunDefinition, RunPort, RunState } from '../../core/fabric/run-api.ts';
import { ok } from '../../core/base/result.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { createRunStore } from '../run/run-store.ts';
import { createAutomation } from './automation.ts';

const state: RunState = { status: 'running', now: 5, speed: 1, behindMs: 0, events: 1, inputs: 0, failure: null };
const document = {
  format: 'servarium',
  version: 1,
  id: 'shop',
  name: 'Shop',
  nodes: {},
  links: {},
  groups: {},
  seed: 3,
  speed: 0.1,
} as Document;

function setUp() {
  const asked: unknown[] = [];
  let publish: (batch: RunBatch) => void = () => undefined;
  const note =
    (name: string) =>
    async (...args: unknown[]): Promise<void> => {
      asked.push([name, ...args]);
    };
  const port: RunPort = {
    open: async (definition: RunDefinition, options) => {
      asked.push(['open', definition, options]);
      return ok(state);
    },
    close: note('close'),
    play: note('play'),
    pause: note('pause'),
    step: note('step'),
    setSpeed: note('setSpeed'),
    inject: async (body) => ok({ at: 1, seq: 0, body }),
    edge: async () => ({ status: 201, headers: {}, body: null }),
    hash: async () => ({ sha256: 'ab', events: 1, until: 5 }),
    log: async () => 'log',
    inputs: async () => [],
    stored: async () => [],
    wipe: note('wipe'),
    subscribe: (listener) => {
      publish = listener;
      return () => undefined;
    },
  };
  const run = createRunStore(port, { frame: (callback) => callback(), wallMs: () => 0 });
  const automation = createAutomation({ run, document: () => document, open: async () => ok(document) });
  return { asked, automation, publish: (batch: RunBatch) => publish(batch) };
}

test('a run starts with the four things of the document, or those that are given', async () => {
  const { asked, automation } = setUp();
  await automation.start();
  const topology = { nodes: {}, links: {} };
  expect(asked.at(-1)).toEqual([
    'open',
    { documentId: 'shop', topology, initialData: null, seed: 3, inputs: [] },
    { speed: 0.1, play: true },
  ]);
  const inputs = [{ at: 1, seq: 0, body: { kind: 'wipe' as const } }];
  await automation.start({ seed: 9, speed: 'max', play: false, inputs, initialData: {} });
  expect(asked.at(-1)).toEqual([
    'open',
    { documentId: 'shop', topology, initialData: {}, seed: 9, inputs },
    { speed: Infinity, play: false },
  ]);
});

test('commands go to the run, and the shown projection comes back as plain data', async () => {
  const { asked, automation, publish } = setUp();
  await automation.start();
  await automation.pause();
  await automation.setSpeed('max');
  expect(asked.slice(-2)).toEqual([['pause'], ['setSpeed', Infinity]]);
  for (const wrong of [0, -3, Number.NaN, 'fast' as 'max'])
    await expect(automation.setSpeed(wrong)).rejects.toThrow(RangeError);
  expect(asked.at(-1)).toEqual(['setSpeed', Infinity]);
  publish({
    state,
    events: [
      {
        t: 1,
        class: 1,
        source: '@fabric#0',
        seq: 0,
        type: 'instance.starting',
        instance: 'a#0',
        node: 'a',
        address: '10.0.0.1:1',
      },
    ],
  });
  expect(automation.state()).toEqual(state);
  const shown = automation.snapshot() as { instances: Record<string, { status: string }> };
  expect(shown.instances['a#0']?.status).toBe('starting');
  expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
});

test('an input of no kind, or about nothing of the document, is told and not recorded', async () => {
  const { automation } = setUp();
  await automation.start();
  const codes = async (body: unknown) => {
    const done = await automation.inject(body as Parameters<typeof automation.inject>[0]);
    return done.ok ? [] : done.error.map(({ text, values }) => [text, values?.['name'] ?? values?.['input']]);
  };
  expect(await codes({ kind: 'foo' })).toEqual([['INPUT_UNKNOWN.kind', 'foo']]);
  expect(await codes({ kind: 'instance.kill', instance: 'nobody#0' })).toEqual([['INPUT_UNKNOWN.name', 'nobody']]);
  expect(await codes({ kind: 'fault.set', fault: { node: 'x' } })).toEqual([['INPUT_UNKNOWN.name', 'x']]);
  expect(await codes({ kind: 'request', node: 'gone' })).toEqual([['INPUT_UNKNOWN.name', 'gone']]);
});
