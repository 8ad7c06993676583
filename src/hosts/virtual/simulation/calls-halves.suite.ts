import { expect } from 'vitest';
import { searchCalls } from './calls-search.suite.ts';
import { TROUBLES } from './calls-swarm.suite.ts';

/** `SEED=17 npx vitest run src/hosts/virtual/calls-odd` for one, `CALLS_SEEDS=2000` for another number (`npm test` takes 20,000); `npm run soak` for millions. */
const ONE = process.env['SEED'];
const COUNT = Number(process.env['CALLS_SEEDS'] ?? 2000);

/** Half of the seeds, so that two processes share them; failing seeds with what is broken. */
export function searchHalf(first: 1 | 2): string[] {
  const { found, seen, runs, events } = ONE === undefined ? searchCalls(first, COUNT, 2) : searchCalls(Number(ONE), 1);
  process.stdout.write(`${runs} runs, ${events} events, ${found.length} failing seeds\n`);
  if (ONE === undefined && COUNT >= 2000)
    // A search that reaches nothing proves nothing.
    for (const kind of [
      ...TROUBLES,
      'lost',
      'partitioned',
      'retry.decided',
      'breaker.changed',
      'release.changed',
      'probe.changed',
    ])
      expect(seen).toContain(kind);
  return found.map(({ seed, problems }) => `SEED=${seed}: ${problems.slice(0, 3).join(' | ')}`);
}
