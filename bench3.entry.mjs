import { readFileSync } from 'node:fs';
import { compileTopology } from './src/core/topology/compile.ts';
import { brokenInvariants } from './src/hosts/virtual/simulation/invariants.suite.ts';
import { simulate } from './src/hosts/virtual/simulation/simulate.suite.ts';
const document = JSON.parse(readFileSync('/tmp/servarium/life/public/examples/order-saga.json', 'utf8'));
const topology = compileTopology(document);
const [F, N] = [Number(process.argv[2]), Number(process.argv[3])]; let bad = 0; const counts = {};
for (let seed = F; seed < F + N; seed++) {
  let broken; try { broken = brokenInvariants(simulate({ documentId: document.id, topology, initialData: null, seed, inputs: [] }).run); } catch (e) { broken = [String(e.stack)]; }
  if (broken.length) { bad++; const k = broken[0].slice(0, 24); counts[k] = (counts[k] ?? 0) + 1; if (bad < 8) console.log(seed, broken.length, broken.slice(0, 3)); }
}
console.log({ N, bad, counts });
