import { expect, test } from 'vitest';
import { compileTopology } from '../../core/topology/compile.ts';
import { actorFactories } from '../../core/kinds/index.ts';
import { validateDocument } from '../../core/topology/check/validate.ts';
import { LocalSystem } from '../node/local-system.ts';
import { VirtualRun } from '../virtual/run-virtual.ts';
import type { HostUnderTest } from './contract-tools.ts';
import { workshop } from './workshop.ts';
import { hostContract } from './host-contract.suite.ts';
import { callByHand, rpcAnswer, type RpcAnswer, scaling } from './rpc-answer.ts';

/** Longest virtual time that a reply may take, µs. */
const REPLY_US = 10_000_000;
const STEP_US = 100_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function virtualHost(): HostUnderTest {
  let run: VirtualRun;
  let t = 2_000_000;
  let calls = 0;
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
    call(client, path, message) {
      run.inject(callByHand(client, path, message));
      calls += 1;
      const until = t + REPLY_US;
      let answer: RpcAnswer | null = null;
      while (answer === null && t < until) {
        run.runUntil((t += STEP_US));
        answer = rpcAnswer(run.events, `${client}#0`, calls);
      }
      return answer ? Promise.resolve(answer) : Promise.reject(new Error('no answer'));
    },
    scale(service, replicas) {
      run.inject({ kind: 'topology.apply', diff: scaling(service, replicas) });
      return Promise.resolve();
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
  let calls = 0;
  return {
    start(document) {
      system = new LocalSystem(compileTopology(document), document.seed, actorFactories);
      return system.start();
    },
    request: (node, request) => system.request(node, request),
    async call(client, path, message) {
      system.byHand(callByHand(client, path, message));
      calls += 1;
      let answer: RpcAnswer | null = null;
      for (const late = Date.now() + 10_000; answer === null && Date.now() < late; await pause(5))
        answer = rpcAnswer(system.events, `${client}#0`, calls);
      if (answer === null) throw new Error('no answer');
      return answer;
    },
    scale: (service, replicas) => system.scale(service, replicas),
    async rows(store) {
      await pause(50);
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
