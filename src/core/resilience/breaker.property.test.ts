import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Breaker as BreakerConfig } from '../topology/schema/types.ts';
import { admit, createBreaker, settle, viewBreaker } from './breaker.ts';
import { interleave, newFigures, STEPS } from './interleavings.suite.ts';

const INTERLEAVINGS = Number(process.env['INTERLEAVINGS'] ?? 20_000);
test(`RS2 ${INTERLEAVINGS} random interleavings: never more than k probes out and back per half-open episode, decided after min(minimum, k) results, late results change nothing`, () => {
  const figures = newFigures();
  for (let seed = 1; seed <= INTERLEAVINGS; seed += 1) {
    interleave(seed, figures);
    if (figures.extra > 0 || figures.wrongDecisions > 0) throw new Error(`broken by interleaving ${seed}`);
  }
  console.log(
    `RS2: ${INTERLEAVINGS} interleavings of ${STEPS} steps, ${figures.episodes} half-open episodes, ${figures.probes} probes, ${figures.late} late results, ${figures.extra} extra probes`,
  );
  expect(figures).toMatchObject({ extra: 0, wrongDecisions: 0 });
  expect(Math.min(figures.episodes, figures.late)).toBeGreaterThan(INTERLEAVINGS / 4);
});

test('RS1 opens exactly when a recount of the window says so', () => {
  const call = fc.record({
    failed: fc.boolean(),
    tookMs: fc.integer({ min: 0, max: 10 }),
    gapMs: fc.integer({ min: 0, max: 900 }),
  });
  const numbers = fc.record({
    window: fc.constantFrom('count' as const, 'time' as const),
    windowSize: fc.integer({ min: 1, max: 8 }),
    minimumCalls: fc.integer({ min: 1, max: 8 }),
    failureRatePercent: fc.integer({ min: 1, max: 100 }),
    slowRatePercent: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(numbers, fc.array(call, { maxLength: 40 }), (drawn, calls) => {
      const config: BreakerConfig = { ...drawn, slowCallMs: 5, openMs: 1, halfOpenPermits: 1 };
      const breaker = createBreaker(config);
      const ended: { at: number; failed: boolean; slow: boolean }[] = [];
      let now = 0;
      for (const { failed, tookMs, gapMs } of calls) {
        now += gapMs * 1000;
        const admission = admit(breaker, now);
        if (!admission.admitted) return;
        now += tookMs * 1000;
        settle(breaker, admission.permit, failed ? 'failure' : 'success', now);
        ended.push({ at: now, failed, slow: tookMs > 5 });
        const { windowSize } = config;
        const first = Math.floor(now / 1e6) - windowSize + 1;
        const inside =
          config.window === 'count'
            ? ended.slice(-windowSize)
            : ended.filter(({ at }) => Math.floor(at / 1e6) >= first);
        const least = config.window === 'count' ? Math.min(config.minimumCalls, windowSize) : config.minimumCalls;
        const share = (part: 'failed' | 'slow'): number =>
          (100 * inside.filter((one) => one[part]).length) / inside.length;
        const isOpen =
          inside.length >= least &&
          (share('failed') >= config.failureRatePercent || share('slow') >= config.slowRatePercent);
        expect(breaker.state).toBe(isOpen ? 'open' : 'closed');
        expect(viewBreaker(breaker, now).failureRate).toBe(
          inside.length < least ? -1 : Math.floor(share('failed') * 10 + 1e-9),
        );
        if (isOpen) return;
      }
    }),
    { numRuns: 500 },
  );
});
