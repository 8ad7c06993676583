import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimit as RateLimitConfig } from '../topology/schema/types.ts';
import { createRateLimit, retryAfterSeconds, takeFromLimit, type LimitDecision } from './rate-limit.ts';

const SECOND = 1_000_000;
/** Arrivals in µs: bursts at one instant, short gaps, long pauses. */
const arrivals = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400_000 }), fc.integer({ min: 1, max: 9 * SECOND })), {
    minLength: 1,
    maxLength: 120,
  })
  .map((gaps) => {
    let t = -2 * SECOND;
    return gaps.map((gap) => (t += gap));
  });
const limits = fc.record({
  limit: fc.integer({ min: 1, max: 12 }),
  perFill: fc.integer({ min: 1, max: 5 }),
  fillMs: fc.constantFrom(1, 33.3, 250, 1000),
  windowMs: fc.constantFrom(1, 100.5, 1000, 5000),
});
const key = { key: 'ip' } as const;

function decide(config: RateLimitConfig, times: readonly number[]): { t: number; decision: LimitDecision }[] {
  const limit = createRateLimit(config);
  return times.map((t) => ({ t, decision: takeFromLimit(limit, 'ip 10.0.0.1', t) }));
}
const admitted = (config: RateLimitConfig, times: readonly number[]): number[] =>
  decide(config, times).flatMap(({ t, decision }) => (decision.allowed ? [t] : []));

describe('GW5 rate limits', () => {
  test('all three on the same arrivals: the bound of each holds in every window', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, { limit, perFill, fillMs, windowMs }) => {
        const bucket = {
          kind: 'token-bucket',
          maxTokens: limit,
          tokensPerFill: perFill,
          fillIntervalMs: fillMs,
          ...key,
        } as const;
        const passed = admitted(bucket, times);
        passed.forEach((from, i) => {
          for (let j = i; j < passed.length; j += 1) {
            const most = limit + ((passed[j]! - from) * perFill) / Math.round(fillMs * 1000);
            expect(j - i + 1).toBeLessThanOrEqual(most);
          }
        });
        const inPeriod = new Map<number, number>();
        for (const t of admitted({ kind: 'fixed-window', limit, period: 'second', ...key }, times)) {
          const period = Math.floor(t / SECOND);
          inPeriod.set(period, (inPeriod.get(period) ?? 0) + 1);
        }
        expect(Math.max(...inPeriod.values())).toBeLessThanOrEqual(limit);
        const slid = admitted({ kind: 'sliding-window', limit, windowMs, ...key }, times);
        slid.forEach((from, i) => {
          const inside = slid.slice(i).filter((t) => t < from + Math.round(windowMs * 1000));
          expect(inside.length).toBeLessThanOrEqual(limit);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('all three: who obeys Retry-After and comes alone is not refused again; who comes at retryAt passes, a µs before not', () => {
    fc.assert(
      fc.property(arrivals, limits, (times, { limit, perFill, fillMs, windowMs }) => {
        const configs: RateLimitConfig[] = [
          { kind: 'token-bucket', maxTokens: limit, tokensPerFill: perFill, fillIntervalMs: fillMs, ...key },
          { kind: 'fixed-window', limit, period: 'second', ...key },
          { kind: 'sliding-window', limit, windowMs, ...key },
        ];
        for (const config of configs) {
          const last = decide(config, times).at(-1)!;
          const again = (at: number): boolean => decide(config, [...times, at]).at(-1)!.decision.allowed;
          const { retryAt, allowed, remaining } = last.decision;
          expect(retryAt === null).toBe(remaining > 0);
          if (retryAt === null) continue;
          expect(retryAt).toBeGreaterThan(last.t);
          expect(again(retryAt)).toBe(true);
          expect(again(retryAt - 1)).toBe(false);
          if (!allowed) expect(again(last.t + retryAfterSeconds(retryAt, last.t) * SECOND)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('token bucket: after idling exactly the burst passes', () => {
    fc.assert(
      fc.property(arrivals, limits, fc.integer({ min: 0, max: 1e12 }), (times, { limit, perFill, fillMs }, idle) => {
        const bucket = {
          kind: 'token-bucket',
          maxTokens: limit,
          tokensPerFill: perFill,
          fillIntervalMs: fillMs,
          ...key,
        } as const;
        const whole = Math.ceil((limit * Math.round(fillMs * 1000)) / perFill);
        const later = times.at(-1)! + whole + idle;
        const burst = decide(bucket, [...times, ...Array<number>(limit + 3).fill(later)]).slice(times.length);
        expect(burst.filter(({ decision }) => decision.allowed)).toHaveLength(limit);
        expect(burst[0]?.decision.remaining).toBe(limit - 1);
      }),
    );
  });

  test('fixed window: a burst at the boundary lets twice the limit pass, a sliding window does not', () => {
    const times = [...Array<number>(10).fill(SECOND - 1), ...Array<number>(10).fill(SECOND)];
    expect(admitted({ kind: 'fixed-window', limit: 10, period: 'second', ...key }, times)).toHaveLength(20);
    expect(admitted({ kind: 'sliding-window', limit: 10, windowMs: 1000, ...key }, times)).toHaveLength(10);
  });

  test('a minute and an hour begin where the calendar has them, in negative time too', () => {
    const first = (period: 'minute' | 'hour', t: number): number =>
      decide({ kind: 'fixed-window', limit: 1, period, ...key }, [t])[0]!.decision.resetAt;
    expect([first('minute', 61 * SECOND), first('hour', 61 * SECOND), first('minute', -1)]).toEqual([
      120 * SECOND,
      3600 * SECOND,
      0,
    ]);
  });

  test('Retry-After is whole seconds, rounded up, at least 1', () => {
    expect([1, SECOND, SECOND + 1, 2 * SECOND].map((wait) => retryAfterSeconds(wait, 0))).toEqual([1, 1, 2, 2]);
  });
});

describe('GW6 budgets', () => {
  test('keys never touch each other: interleaved keys decide as each alone', () => {
    const name = fc.constantFrom('ip 10.0.0.1', 'consumer ann', 'consumer bob', 'client-kind mobile');
    fc.assert(
      fc.property(arrivals, fc.array(name, { minLength: 120, maxLength: 120 }), limits, (times, names, { limit }) => {
        const config: RateLimitConfig = { kind: 'sliding-window', limit, windowMs: 1000, ...key };
        const together = createRateLimit(config);
        const mixed = times.map((t, i) => takeFromLimit(together, names[i]!, t));
        for (const one of new Set(names)) {
          const mine = (_: unknown, i: number): boolean => names[i] === one;
          const alone = decide(config, times.filter(mine)).map(({ decision }) => decision);
          expect(mixed.filter(mine)).toEqual(alone);
        }
      }),
    );
  });

  test('a full map forgets the key unused for longest and says which', () => {
    const limit = createRateLimit({ kind: 'fixed-window', limit: 1, period: 'hour', ...key }, 2);
    const take = (who: string): [boolean, string | null] => {
      const { allowed, forgotten } = takeFromLimit(limit, who, 0);
      return [allowed, forgotten];
    };
    expect([take('a'), take('b'), take('a'), take('c')]).toEqual([
      [true, null],
      [true, null],
      [false, null],
      [true, 'b'],
    ]);
    expect([take('a'), take('b')]).toEqual([
      [false, null],
      [true, 'c'],
    ]);
  });
});
