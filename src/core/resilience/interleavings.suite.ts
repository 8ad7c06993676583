import type { Breaker as BreakerConfig } from '../topology/schema/types.ts';
import { admit, createBreaker, elapse, settle, viewBreaker, type CallVerdict, type Permit } from './breaker.ts';

/** Steps of one interleaving. */
export const STEPS = 60;

/** A small generator of its own (mulberry32): a million interleavings leave no time for hashing. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface Figures {
  episodes: number;
  probes: number;
  extra: number;
  wrongDecisions: number;
  late: number;
}

export const newFigures = (): Figures => ({ episodes: 0, probes: 0, extra: 0, wrongDecisions: 0, late: 0 });

/** One interleaving, told from outside: who holds a permit of which half-open episode, and what came back from it. */
export function interleave(seed: number, figures: Figures): void {
  const below = generator(seed);
  const permits = 1 + below(4);
  const config: BreakerConfig = {
    window: below(2) === 0 ? 'count' : 'time',
    windowSize: 1 + below(6),
    minimumCalls: 1 + below(6),
    failureRatePercent: 1 + below(100),
    slowRatePercent: 100,
    slowCallMs: 5,
    openMs: 1 + below(20),
    halfOpenPermits: permits,
    automatic: below(2) === 0,
  };
  const breaker = createBreaker(config);
  const decideAfter = Math.min(config.minimumCalls, permits);
  let now = 0;
  let episode = 0;
  let out = 0;
  let back = 0;
  const held: { permit: Permit; episode: number }[] = [];
  let state = breaker.state;
  /** Called after every step: counts episodes as they begin and end. */
  const watch = (): void => {
    if (breaker.state === state) return;
    state = breaker.state;
    episode += 1;
    out = 0;
    back = 0;
    if (state === 'half-open') figures.episodes += 1;
  };
  for (let step = 0; step < STEPS; step += 1) {
    const what = below(8);
    if (what < 3) {
      const admission = admit(breaker, now);
      watch();
      if (admission.admitted) {
        held.push({ permit: admission.permit, episode });
        if (state === 'half-open') {
          out += 1;
          figures.probes += 1;
          if (out + back > permits) figures.extra += 1;
        }
      } else if (state === 'half-open' && out + back < permits) figures.wrongDecisions += 1;
    } else if (what < 6 && held.length > 0) {
      const [one] = held.splice(below(held.length), 1);
      const verdict = (['success', 'failure', 'ignored'] as const)[below(3)] as CallVerdict;
      const before = state;
      const isProbe = before === 'half-open' && one!.episode === episode;
      const isLate = one!.episode !== episode;
      const view = isLate ? JSON.stringify([viewBreaker(breaker, now), breaker.permits]) : '';
      settle(breaker, one!.permit, verdict, now);
      if (isProbe) {
        out -= 1;
        if (verdict !== 'ignored') back += 1;
        if ((breaker.state !== 'half-open') !== back >= decideAfter) figures.wrongDecisions += 1;
      }
      if (isLate) {
        figures.late += 1;
        if (JSON.stringify([viewBreaker(breaker, now), breaker.permits]) !== view) figures.wrongDecisions += 1;
      }
      watch();
    } else if (what === 6) now += below(12_000);
    else if (config.automatic === true) {
      elapse(breaker, now);
      watch();
    }
  }
}
