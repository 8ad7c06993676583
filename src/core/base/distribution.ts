import type { Distribution } from '../topology/schema/types.ts';
import { exp, ln, normalQuantile } from './math.ts';

/** One sample in whole microseconds, at least 0, from a uniform u in [0,1) (decision 4). */
export function sampleUs(distribution: Distribution, u: number): number {
  const open = u === 0 ? 2 ** -54 : u;
  return Math.max(0, Math.round(sampleMs(distribution, open) * 1000));
}

function sampleMs(d: Distribution, u: number): number {
  switch (d.kind) {
    case 'constant':
      return d.ms;
    case 'uniform':
      return d.minMs + u * (d.maxMs - d.minMs);
    case 'exponential':
      return -ln(1 - u) * d.meanMs;
    case 'lognormal':
      return d.medianMs * exp(d.sigma * normalQuantile(u));
    case 'pareto':
      return d.scaleMs * exp(-ln(1 - u) / d.shape);
  }
}
