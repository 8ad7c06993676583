import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/schema/types.ts';
import { VirtualRun } from './run-virtual.ts';
import { brokenInvariants } from './simulation/invariants.suite.ts';
import { messagesOfOneOrder, simulate, simulateDeath } from './simulation/simulate.suite.ts';

/** `SEEDS=2000 npx vitest run src/hosts/virtual/simulation.test.ts` for a longer search, `SEED=17` for one. */
const ONE = process.env['SEED'];
const COUNT = Number(process.env['SEEDS'] ?? 30);
const SEEDS = ONE === undefined ? Array.from({ length: COUNT }, (_, i) => i + 1) : [Number(ONE)];
/** Messages of one order after which somebody dies: `POINTS=1` for each, else every so manieth and all answers to commits. */
const STRIDE = Number(process.env['POINTS'] ?? 12);

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const topology = compileTopology(document);
const definition = (seed: number) => ({ documentId: document.id, topology, initialData: null, seed, inputs: [] });

test(
  `every invariant holds for ${SEEDS.length} seeds with their own mixture of kills, crashes, step failures, slow links, scaling, bursts and strikes`,
  { timeout: 30_000 + SEEDS.length * 2000 },
  () => {
    const reached = new Set<string>();
    let orders = 0;
    for (const seed of SEEDS) {
      const { run, kinds } = simulate(definition(seed));
      expect(brokenInvariants(run), `failing seed ${seed}: SEED=${seed} repeats it`).toEqual([]);
      for (const kind of kinds) reached.add(kind);
      orders += run.stored('order-db').filter((stored) => stored.table === 'orders').length;
      if (seed % 10 !== 0) continue;
      // The record of inputs alone gives the same bytes, with windows of another length.
      const inputs = run.fabric.inputs();
      const replay = new VirtualRun({ ...definition(seed), inputs }, { windowSize: 977, keep: false });
      replay.runUntil(run.fabric.horizon);
      expect(replay.sha256(), `failing seed ${seed}: its replay differs`).toBe(run.sha256());
    }
    // A search that reaches nothing proves nothing.
    expect(orders).toBeGreaterThan(5 * SEEDS.length);
    if (ONE === undefined) expect(reached.size).toBe(12);
  },
);

test(
  `an order survives the death of whoever sent one of its messages, after ${STRIDE === 1 ? 'each' : 'many'} of them`,
  { timeout: 600_000 },
  () => {
    const messages = messagesOfOneOrder(definition(1));
    expect(messages.length).toBeGreaterThan(60);
    const points = messages.filter(
      (event, index) => index % STRIDE === 0 || (event.operation === 'COMMIT' && event.inReplyTo !== null),
    );
    for (const sent of points) {
      const run = simulateDeath(definition(1), sent);
      expect(brokenInvariants(run), `${sent.from} dies after ${sent.operation} at ${sent.t}`).toEqual([]);
    }
  },
);
