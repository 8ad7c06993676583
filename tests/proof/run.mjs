// npm run proof: the figures that are too slow for every `npm test`. REPEATS, SEEDS, INTERLEAVINGS and ARRIVALS change how many.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MUTANTS } from './planted.mjs';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { REPEATS = '1000', SEEDS = '1000', INTERLEAVINGS = '1000000', ARRIVALS = '1000000' } = process.env;
const PROOFS = [
  {
    name: `one sha256 in ${REPEATS} repeats, and for three window sizes`,
    file: 'src/hosts/virtual/order-saga.test.ts',
    only: 'determinism',
    env: { REPEATS },
  },
  { name: 'any mesh, any window size', file: 'src/hosts/virtual/windows.test.ts', env: {} },
  {
    name: `${SEEDS} seeds of simulated faults and a death after each message of an order, every invariant`,
    file: 'src/hosts/virtual/simulation.test.ts',
    env: { SEEDS, POINTS: '1' },
  },
  {
    name: `queueing theory with ${ARRIVALS} arrivals`,
    file: 'src/hosts/virtual/queueing.test.ts',
    env: { ARRIVALS },
  },
  {
    name: `${INTERLEAVINGS} random interleavings of calls around a breaker, no extra probe`,
    file: 'src/core/resilience/breaker.property.test.ts',
    only: 'RS2',
    env: { INTERLEAVINGS },
  },
  { name: `${MUTANTS.length} planted mistakes, each found`, script: ['tests/proof/mutants.mjs'], env: {} },
  { name: 'mistakes that seeds alone have to find', script: ['tests/proof/mutants.mjs', '--seeds'], env: {} },
];

const results = [];
for (const { name, file, script, only, env } of PROOFS) {
  console.log(`\n=== ${name}`);
  const begun = Date.now();
  const args = script ?? ['node_modules/vitest/vitest.mjs', 'run', file, ...(only ? ['-t', only] : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  results.push({ name, isOk: status === 0, seconds: (Date.now() - begun) / 1000 });
}
console.log('');
for (const { name, isOk, seconds } of results)
  console.log(`${isOk ? 'ok    ' : 'FAILED'} ${name} (${seconds.toFixed(0)} s)`);
process.exit(results.every(({ isOk }) => isOk) ? 0 : 1);
