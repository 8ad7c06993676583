import { sampleUs } from '../../base/distribution.ts';
import type { ClientRequest, ConfigOf } from '../../topology/schema/types.ts';

/** µs from one arrival to the next of an open load model, from a uniform u in [0,1); null when nothing ever arrives. At least 1 µs. */
export function arrivalGapUs(load: ConfigOf<'client'>['load'], u: number): number | null {
  if (load.model !== 'open' || load.ratePerSecond === 0) return null;
  const meanMs = 1000 / load.ratePerSecond;
  const gap =
    load.arrival === 'constant' ? { kind: 'constant' as const, ms: meanMs } : { kind: 'exponential' as const, meanMs };
  return Math.max(1, sampleUs(gap, u));
}

/** The request of the mix that a uniform u in [0,1) falls on, by weight in declared order; null when all weights are 0. */
export function pickRequest(requests: readonly ClientRequest[], u: number): ClientRequest | null {
  const total = requests.reduce((sum, request) => sum + request.weight, 0);
  let rest = u * total;
  for (const request of requests) {
    if (request.weight > 0 && rest < request.weight) return request;
    rest -= request.weight;
  }
  // Rounding may leave a crumb behind the last one.
  return requests.findLast((request) => request.weight > 0) ?? null;
}
