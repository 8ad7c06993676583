import { readFileSync } from 'node:fs';
import { createNativeHash } from '../../src/cli/native-hash.ts';
import { Heap } from '../../src/core/base/heap.ts';
import { compileTopology } from '../../src/core/topology/compile.ts';
import { runVirtual } from '../../src/hosts/virtual/run-virtual.ts';

const document = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8'));
const topology = compileTopology(document);

/** CPU ms of this process, its collector and compiler included: on a shared machine the wall clock would time the neighbours, too. */
function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The order saga for so many virtual seconds: CPU ms, events, sha256. */
export function simulate(seconds, seed = 1) {
  const begun = cpuMs();
  const definition = { documentId: document.id, topology, initialData: null, seed, inputs: [] };
  const run = runVirtual(definition, seconds * 1e6, { keep: false, hash: createNativeHash });
  const sha256 = run.sha256();
  return { ms: cpuMs() - begun, events: run.count, sha256 };
}

/**
 * The peer: a tandem of three queues, closures in a binary heap, numbers only; no message, no trace, no record, no text.
 * As many closures are waiting as the saga has timers and messages on the way, so that the heap has the same depth.
 */
export function closures(events, waiting) {
  let drawn = 1;
  const random = () => (drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const heap = new Heap((a, b) => a.t - b.t || a.seq - b.seq);
  let seq = 0;
  let now = 0;
  let left = events;
  const at = (delay, run) => heap.push({ t: now + delay, seq: seq++, run });
  const stations = [0, 0, 0];
  const visit = (station) => {
    const start = Math.max(now, stations[station]);
    stations[station] = start + random() * 3;
    at(stations[station] - now, () => (station < 2 ? visit(station + 1) : at(random() * 5, () => visit(0))));
  };
  for (let i = 0; i < waiting; i++) at(random() * 5, () => visit(0));
  const begun = cpuMs();
  for (let next = heap.pop(); next && left > 0; next = heap.pop()) {
    now = next.t;
    next.run();
    left -= 1;
  }
  return { ms: cpuMs() - begun, events };
}
