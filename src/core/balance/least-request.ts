import { exp, ln } from '../base/math.ts';
import type { Candidate, PickContext, Picker } from './picker.ts';
import { SmoothWeights } from './round-robin.ts';

/** Weight under load: `weight / (active + 1)^bias` (Envoy); bias 0 takes no notice of the load. */
export function weightUnderLoad(weight: number, active: number, bias: number): number {
  if (bias === 0 || active === 0) return weight;
  return bias === 1 ? weight / (active + 1) : weight * exp(-bias * ln(active + 1));
}

/**
 * Least request as Envoy has it: with equal weights the least loaded of `choices` random candidates (power of two choices; the first drawn wins a tie),
 * with unequal ones a smooth weighted round robin whose weights fall with the load by `bias`.
 */
export class LeastRequest implements Picker {
  private readonly choices: number;
  private readonly bias: number;
  private readonly weights = new SmoothWeights();

  constructor(choices: number, bias: number) {
    this.choices = choices;
    this.bias = bias;
  }

  pick(candidates: readonly Candidate[], context: PickContext): string | null {
    const first = candidates[0]?.weight;
    if (candidates.some((candidate) => candidate.weight !== first)) return this.weighted(candidates, context);
    let best: string | null = null;
    let least = Infinity;
    for (let draw = 0; draw < this.choices; draw++) {
      const drawn = candidates[Math.floor(context.random(draw) * candidates.length)];
      if (drawn === undefined) return null;
      const active = context.active(drawn.id);
      if (active >= least) continue;
      best = drawn.id;
      least = active;
    }
    return best;
  }

  private weighted(candidates: readonly Candidate[], context: PickContext): string | null {
    const underLoad = candidates.map(({ id, weight }) => ({
      id,
      weight: weightUnderLoad(weight, context.active(id), this.bias),
    }));
    return this.weights.next(underLoad);
  }
}
