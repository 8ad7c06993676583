import type { Retries } from '../topology/schema/types.ts';

export type Backoff = Retries['backoff'];
const US_PER_MS = 1000;

/** min(max, initial * coefficient^(n-1)) in µs, by repeated multiplication so that every engine gets the same bits. */
function ceilingUs({ initialIntervalMs, backoffCoefficient, maxIntervalMs }: Backoff, retry: number): number {
  let ms = Math.min(initialIntervalMs, maxIntervalMs);
  for (let n = 1; n < retry && ms < maxIntervalMs; n += 1) ms = Math.min(ms * backoffCoefficient, maxIntervalMs);
  return ms * US_PER_MS;
}

/**
 * Wait before the n-th retry (from 1) in whole µs, at least 1. `u` is uniform in [0,1). Jitter as in AWS' "Exponential backoff and jitter":
 * none = the ceiling, full = uniform in [0, ceiling), equal = half of it and a uniform half.
 */
export function backoffUs(backoff: Backoff, retry: number, u: number): number {
  const ceiling = ceilingUs(backoff, retry);
  const share = backoff.jitter === 'none' ? 1 : backoff.jitter === 'full' ? u : 0.5 + u / 2;
  return Math.max(1, Math.floor(ceiling * share));
}

/** gRPC's own wait (gRFC A6 as revised): the ceiling times a uniform factor in [0.8, 1.2); the drawn jitter does not matter. Whole µs, at least 1. */
export const grpcBackoffUs = (backoff: Backoff, retry: number, u: number): number =>
  Math.max(1, Math.floor(ceilingUs(backoff, retry) * (0.8 + 0.4 * u)));
