import type { CallsRun } from './calls-run.suite.ts';
import { BACKOFF } from './calls-times.suite.ts';

/** More retries than this do not wait as long as they may by chance: one does once in ten thousand times at most. */
const CHANCES = 2;

/** GW9: full jitter spreads the retries between at once and a ceiling, which doubles with each try up to a limit. */
export function jitterSpreads({ events, features }: CallsRun): string[] {
  if (!features.retries) return [];
  const { initialIntervalMs, backoffCoefficient, maxIntervalMs } = BACKOFF;
  const problems: string[] = [];
  let atCeiling = 0;
  for (const event of events) {
    if (event.type !== 'retry.decided' || event.delayUs === null || event.reason.startsWith('grpc_')) continue;
    const ceiling = 1000 * Math.min(initialIntervalMs * backoffCoefficient ** (event.attempt - 1), maxIntervalMs);
    if (event.delayUs > ceiling) problems.push(`${event.source}: a pause of ${event.delayUs} µs of ${ceiling}`);
    if (event.delayUs >= ceiling - 1) atCeiling += 1;
  }
  return atCeiling > CHANCES ? [...problems, `${atCeiling} retries wait as long as they may: no jitter`] : problems;
}
