import { expect, test } from 'vitest';
import { compileTopology } from '../../core/topology/compile.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { validateDocument } from '../../core/topology/check/validate.ts';
import { LocalSystem } from '../node/local-system.ts';
import { VirtualRun } from '../virtual/run-virtual.ts';
import type { HostUnderTest } from './contract-cases.ts';
import { workshop } from './workshop.ts';
import { hostContract } from './host-contract.suite.ts';

/** Longest virtual time that a reply may take, µs. */
const REPLY_US = 10_000_000;
const STEP_US = 100_000;

function virtualHost(): HostUnderTest {
  let run: VirtualRun;
  let t = 2_000_000;
  return {
    start(document) {
      const topology = compileTopology(document);
      run = new VirtualRun({ documentId: document.id, topology, initialData: null, seed: document.seed, inputs: [] });
      run.runUntil(t);
      return Promise.resolve();
    },
    request(node, request) {
      const { seq } = run.inject({ kind: 'request', node, request });
      const until = t + REPLY_US;
      while (!run.edgeReplies.has(seq) && t < until) run.runUntil((t += STEP_US));
      const reply = run.edgeReplies.get(seq);
      return reply ? Promise.resolve(reply) : Promise.reject(new Error('no reply'));
    },
    rows(store) {
      run.runUntil((t += STEP_US));
      return Promise.resolve(run.stored(store));
    },
    stop: () => Promise.resolve(),
  };
}

function nodeHost(): HostUnderTest {
  let system: LocalSystem;
  return {
    start(document) {
      system = new LocalSystem(compileTopology(document), document.seed, actorFactories);
      return system.start();
    },
    request: (node, request) => system.request(node, request),
    async rows(store) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return system.stored(store);
    },
    stop: () => system.stop(),
  };
}

test('the drawing of the contract is sound', () => {
  expect(validateDocument(workshop())).toEqual([]);
});

hostContract('virtual', virtualHost);
hostContract('node over loopback HTTP, stores in memory', nodeHost);
