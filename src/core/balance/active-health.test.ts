import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HealthChecks } from '../topology/schema/types.ts';
import { ActiveHealth, isExpected, type CheckOutcome } from './active-health.ts';
import { OutlierDetector } from './outlier.ts';
import { OUTLIER_DEFAULTS } from './presets.ts';

const policy: HealthChecks = {
  path: '/health',
  intervalMs: 1000,
  timeoutMs: 100,
  unhealthyThreshold: 3,
  healthyThreshold: 2,
};

describe('GW12 active health', () => {
  it('expects 200 alone, or what is said', () => {
    expect([200, 201, 199].map((status) => isExpected(policy, status))).toEqual([true, false, false]);
    const some = { ...policy, expectedStatuses: ['200-204', '429'] };
    expect([200, 204, 205, 429, 430].map((status) => isExpected(some, status))).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });

  it('the first result of a new instance decides alone; a good one needs no threshold', () => {
    const health = new ActiveHealth();
    expect([health.isHealthy('a'), health.isDown('a')]).toEqual([false, false]);
    expect(health.judge(policy, 'a', 'expected')).toBe('up');
    expect(health.isHealthy('a')).toBe(true);
    expect(health.judge(policy, 'b', 'unanswered')).toBe('down');
    expect(health.judge(policy, 'b', 'expected')).toBe(null);
    expect(health.judge(policy, 'b', 'expected')).toBe('up');
  });

  it('so many checks in a row without an answer take an instance out, a wrong status at once', () => {
    const health = new ActiveHealth();
    health.judge(policy, 'a', 'expected');
    const of = (...outcomes: CheckOutcome[]): (string | null)[] =>
      outcomes.map((one) => health.judge(policy, 'a', one));
    expect(of('unanswered', 'unanswered', 'expected', 'unanswered', 'unanswered')).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(of('unanswered', 'expected', 'unanswered', 'expected', 'expected')).toEqual([
      'down',
      null,
      null,
      null,
      'up',
    ]);
    expect(of('unexpected', 'expected', 'expected', 'unanswered')).toEqual(['down', null, 'up', null]);
    expect(health.forget('a')).toBe(false);
    expect(health.isHealthy('a')).toBe(false);
  });

  it('agrees with a recount of the results, whatever they are', () => {
    const outcomes = fc.array(fc.constantFrom<CheckOutcome>('expected', 'unexpected', 'unanswered'), { maxLength: 40 });
    const threshold = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(outcomes, threshold, threshold, (list, unhealthyThreshold, healthyThreshold) => {
        const health = new ActiveHealth();
        const numbers = { ...policy, unhealthyThreshold, healthyThreshold };
        let wasHealthy = false;
        let since = 0;
        list.forEach((outcome, n) => {
          health.judge(numbers, 'a', outcome);
          // What came since the last turn of the verdict.
          const recent = list.slice(since, n + 1);
          const wanted = wasHealthy ? unhealthyThreshold : healthyThreshold;
          const last = recent.slice(-wanted);
          const isRow = last.length === wanted && last.every((one) => (one === 'expected') !== wasHealthy);
          const isTurn = wasHealthy ? outcome === 'unexpected' || isRow : outcome === 'expected' && (n === 0 || isRow);
          if (isTurn) [wasHealthy, since] = [!wasHealthy, n + 1];
          expect(health.isHealthy('a')).toBe(wasHealthy);
        });
      }),
    );
  });

  it('a good check un-ejects; how often it was out still counts', () => {
    const outliers = new OutlierDetector(0);
    const numbers = { ...OUTLIER_DEFAULTS, consecutive5xx: 1, maxEjectionPercent: 100 };
    const fail = (now: number): number | null => outliers.report(numbers, { id: 'a', failed: true }, 2, now);
    expect(fail(0)).toBe(30_000_000);
    expect([outliers.absolve('a'), outliers.isEjected('a'), outliers.absolve('a')]).toEqual([true, false, false]);
    expect(fail(1_000_000)).toBe(70_000_000);
  });
});
