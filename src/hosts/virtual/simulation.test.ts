import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileTopology } from '../../core/topology/compile.ts';
import type { Document } from '../../core/topology/types.ts';
import { VirtualRun } from './run-virtual.ts';
import { brokenInvariants } from './simulation/invariants.suite.ts';
import { healing, swarm, type Disturbance } from './simulation/swarm.suite.ts';

/** Seeds that once found a defect, besides the first ones: a lost answer to a commit (53), spans started twice (58, 81). */
const FINDERS = [53, 58, 81];
/** `SEEDS=2000 npx vitest run src/hosts/virtual/simulation.test.ts` for a longer search, `SEED=17` for one. */
const ONE = process.env['SEED'];
const COUNT = Number(process.env['SEEDS'] ?? 40);
const SEEDS = ONE === undefined ? [...Array.from({ length: COUNT }, (_, i) => i + 1), ...FINDERS] : [Number(ONE)];
/** Virtual µs: disturbed until here, healed, and at rest after the quiet. */
const DISTURBED = 15e6;
const QUIET = 70e6;

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8')) as Document;
const topology = compileTopology(document);
const definition = (seed: number) => ({ documentId: document.id, topology, initialData: null, seed, inputs: [] });

function simulate(seed: number): { run: VirtualRun; kinds: Set<Disturbance | 'start' | 'fault-end'> } {
  const run = new VirtualRun(definition(seed));
  const actions = swarm(topology, seed, DISTURBED);
  for (const { at, body } of actions) {
    run.runUntil(at);
    run.inject(body);
  }
  // What ends a disturbance may come after the others.
  run.runUntil(Math.max(DISTURBED, run.fabric.horizon));
  for (const body of healing(topology, actions)) run.inject(body);
  run.runUntil(run.fabric.horizon + QUIET);
  return { run, kinds: new Set(actions.map((action) => action.kind)) };
}

test(
  `every invariant holds for ${SEEDS.length} seeds with their own mixture of kills, crashes, step failures, slow links, scaling and bursts`,
  { timeout: 30_000 + SEEDS.length * 2000 },
  () => {
    const reached = new Set<string>();
    let orders = 0;
    for (const seed of SEEDS) {
      const { run, kinds } = simulate(seed);
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
    if (ONE === undefined) expect(reached.size).toBe(9);
  },
);
