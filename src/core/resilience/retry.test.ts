import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Retries } from '../topology/schema/types.ts';
import { backoffUs, grpcBackoffUs, type Backoff } from './backoff.ts';
import { createRetryBudget, retriesAllowed, tryBegun, tryEnded } from './retry-budget.ts';
import { createRetryThrottle, isThrottled, throttleFailure, throttleSuccess } from './retry-throttle.ts';
import { decideRetry, httpRetryReason, isIdempotent, tryTimeoutMs, wasAccepted, type FailedTry } from './retry.ts';

const backoff: Backoff = { initialIntervalMs: 25, backoffCoefficient: 2, maxIntervalMs: 250, jitter: 'none' };
const policy = (change: Partial<Retries> = {}): Retries => ({
  maxAttempts: 3,
  on: ['connection', 'timeout', '5xx'],
  backoff,
  ...change,
});
const failed = (change: Partial<FailedTry> = {}): FailedTry => ({
  protocol: 'http',
  attempt: 1,
  reason: '5xx',
  idempotent: true,
  accepted: true,
  now: 0,
  deadline: 10_000_000,
  u: 0.5,
  budget: createRetryBudget(),
  throttle: null,
  ...change,
});
const drawn: fc.Arbitrary<Backoff> = fc.record({
  initialIntervalMs: fc.integer({ min: 0, max: 5000 }),
  backoffCoefficient: fc.double({ min: 1, max: 10, noNaN: true }),
  maxIntervalMs: fc.integer({ min: 0, max: 60_000 }),
  jitter: fc.constantFrom('none', 'full', 'equal'),
});
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('GW9 back-off', () => {
  test('grows by the coefficient up to the maximum', () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => backoffUs(backoff, n, 0.9) / 1000)).toEqual([25, 50, 100, 200, 250, 250]);
  });

  test('full jitter lies in [0, ceiling), equal jitter in [half, ceiling), none is the ceiling; whole µs, at least 1', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 9 }), unit, (one, n, u) => {
        const ceiling = Math.min(one.maxIntervalMs, one.initialIntervalMs * one.backoffCoefficient ** (n - 1)) * 1000;
        const [none, full, equal] = (['none', 'full', 'equal'] as const).map((jitter) =>
          backoffUs({ ...one, jitter }, n, u),
        ) as [number, number, number];
        for (const us of [none, full, equal]) expect(Number.isSafeInteger(us) && us >= 1).toBe(true);
        expect(Math.abs(none - Math.max(1, ceiling))).toBeLessThanOrEqual(1);
        expect(full).toBeLessThanOrEqual(Math.max(1, ceiling * u));
        expect(full).toBeGreaterThanOrEqual(ceiling * u - 1.001);
        expect(equal).toBeLessThanOrEqual(Math.max(1, ceiling + 1e-6));
        expect(equal).toBeGreaterThanOrEqual(ceiling / 2 - 1.001);
      }),
    );
  });

  test('full jitter is uniform: ten bins of ten thousand draws', () => {
    const bins = Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const us = backoffUs({ ...backoff, jitter: 'full' }, 4, (i + 0.5) / 10_000);
      bins[Math.floor(us / 20_000)]! += 1;
    }
    expect(bins.every((count) => Math.abs(count - 1000) <= 1)).toBe(true);
  });
});

describe('GW9 whether to try again', () => {
  test('only for the reasons of the policy, only as often as it says', () => {
    expect(decideRetry(policy(), failed())).toEqual({ retry: true, delayUs: 25_000 });
    expect(decideRetry(policy(), failed({ attempt: 2 }))).toEqual({ retry: true, delayUs: 50_000 });
    expect(decideRetry(policy(), failed({ attempt: 3 }))).toEqual({ retry: false, refused: 'attempts: 3 of 3 made' });
    expect(decideRetry(policy({ maxAttempts: 1 }), failed()).retry).toBe(false);
    expect(decideRetry(policy(), failed({ reason: '429' }))).toEqual({ retry: false, refused: null });
    expect(decideRetry(policy(), failed({ reason: null }))).toEqual({ retry: false, refused: null });
  });

  test('a method that is not idempotent only when told so, or when nobody accepted the connection', () => {
    const post = { idempotent: isIdempotent('POST'), accepted: true };
    expect(decideRetry(policy(), failed(post))).toEqual({
      retry: false,
      refused: 'not idempotent: the callee may have done it already',
    });
    expect(decideRetry(policy({ nonIdempotent: true }), failed(post)).retry).toBe(true);
    expect(decideRetry(policy(), failed({ ...post, accepted: false, reason: 'connection' })).retry).toBe(true);
    expect(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'POST', 'PATCH'].map(isIdempotent)).toEqual([
      ...Array<boolean>(6).fill(true),
      false,
      false,
    ]);
  });

  test('concurrent retries stay within max(3, share of the first tries)', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: 0, max: 100 }), (first, percent) => {
        const budget = { ...createRetryBudget(), first };
        const one = policy({ budgetPercent: percent });
        let under = 0;
        while (decideRetry(one, failed({ budget })).retry) {
          tryBegun(budget, 2);
          under += 1;
        }
        expect(under).toBe(Math.max(3, Math.floor((first * percent) / 100)));
        expect(under).toBe(retriesAllowed(budget, percent));
        tryEnded(budget, 2);
        expect(decideRetry(one, failed({ budget })).retry).toBe(true);
      }),
    );
    const full = { first: 20, retrying: 4 };
    expect(decideRetry(policy({ budgetPercent: 20 }), failed({ budget: full }))).toEqual({
      retry: false,
      refused: 'budget: 4 of 4 retries under way (20 % of 20 calls)',
    });
    expect(decideRetry(policy(), failed({ budget: full })).retry).toBe(true);
  });

  test('reasons come from statuses and failures; only refused connections and empty lists were never accepted', () => {
    const reason = (code: string): string | null => httpRetryReason({ failure: { code, message: '' } });
    expect(['connection_refused', 'connection_reset', 'timeout', 'no_instances', 'breaker_open'].map(reason)).toEqual([
      'connection',
      'connection',
      'timeout',
      'no-instances',
      null,
    ]);
    expect([200, 404, 429, 500, 503].map((status) => httpRetryReason({ status }))).toEqual([
      null,
      null,
      '429',
      '5xx',
      '5xx',
    ]);
    const accepted = (code: string): boolean => wasAccepted({ code, message: '' });
    expect(['connection_refused', 'no_instances', 'connection_reset', 'timeout'].map(accepted)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(wasAccepted(null)).toBe(true);
  });
});

test('GW8 the deadline covers all tries: no try begins at or after it, and each has at most what is left', () => {
  const late = failed({ now: 2_700_000, deadline: 2_725_000 });
  expect(decideRetry(policy(), late)).toEqual({ retry: false, refused: 'deadline: 25 ms left, 25 ms to wait' });
  expect(decideRetry(policy(), { ...late, deadline: 2_725_001 }).retry).toBe(true);
  expect(tryTimeoutMs(undefined, 2_700_000, 3_000_000)).toBe(300);
  expect(tryTimeoutMs(policy({ perTryTimeoutMs: 100 }), 2_700_000, 3_000_000)).toBe(100);
  expect(tryTimeoutMs(policy({ perTryTimeoutMs: 1000 }), 2_700_000, 3_000_000)).toBe(300);
});

describe('RS5 gRPC', () => {
  const grpc = (change: Partial<FailedTry> = {}): FailedTry =>
    failed({ protocol: 'grpc', idempotent: false, ...change });

  test('more than five attempts count as five; methods are not asked whether they are idempotent', () => {
    const ten = policy({ maxAttempts: 10 });
    expect(decideRetry(ten, grpc({ attempt: 4 })).retry).toBe(true);
    expect(decideRetry(ten, grpc({ attempt: 5 }))).toEqual({ retry: false, refused: 'attempts: 5 of 5 made' });
    expect(decideRetry(ten, failed({ attempt: 9 })).retry).toBe(true);
  });

  test('the delay is the ceiling times 0.8 to 1.2', () => {
    fc.assert(
      fc.property(drawn, fc.integer({ min: 1, max: 4 }), unit, (one, n, u) => {
        const ceiling = backoffUs({ ...one, jitter: 'none' }, n, 0);
        const us = grpcBackoffUs(one, n, u);
        expect(us).toBeGreaterThanOrEqual(Math.max(1, Math.floor(ceiling * 0.8) - 1));
        expect(us).toBeLessThanOrEqual(ceiling * 1.2 + 1);
      }),
    );
    expect([0, 0.5].map((u) => grpcBackoffUs(backoff, 1, u))).toEqual([20_000, 25_000]);
  });

  test('no retry at or below half of the tokens; a success brings the ratio back, in thousandths', () => {
    const throttle = createRetryThrottle({ maxTokens: 10, tokenRatio: 0.1009 });
    for (let n = 0; n < 4; n += 1) throttleFailure(throttle);
    expect(isThrottled(throttle)).toBe(false);
    throttleFailure(throttle);
    expect([throttle.tokens, isThrottled(throttle)]).toEqual([5000, true]);
    expect(decideRetry(policy(), grpc({ throttle }))).toEqual({
      retry: false,
      refused: 'throttle: 5 tokens, more than 5 needed',
    });
    throttleSuccess(throttle);
    expect([throttle.tokens, isThrottled(throttle)]).toEqual([5100, false]);
  });

  test('tokens stay between 0 and the maximum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.boolean(), { maxLength: 100 }),
        (maxTokens, outcomes) => {
          const throttle = createRetryThrottle({ maxTokens, tokenRatio: 0.25 });
          for (const ok of outcomes) {
            if (ok) throttleSuccess(throttle);
            else throttleFailure(throttle);
            expect(throttle.tokens).toBeGreaterThanOrEqual(0);
            expect(throttle.tokens).toBeLessThanOrEqual(maxTokens * 1000);
          }
        },
      ),
    );
  });

  test('pushback is obeyed: its delay instead of the back-off, which then begins anew; negative stops', () => {
    expect(decideRetry(policy(), grpc({ pushbackMs: 7 }))).toEqual({ retry: true, delayUs: 7000 });
    expect(decideRetry(policy(), grpc({ pushbackMs: -1 }))).toEqual({
      retry: false,
      refused: 'pushback: the server asked for no retry',
    });
    const five = policy({ maxAttempts: 5 });
    expect(decideRetry(five, grpc({ attempt: 3 }))).toEqual({ retry: true, delayUs: 100_000 });
    expect(decideRetry(five, grpc({ attempt: 3, pushedBackAt: 2 }))).toEqual({ retry: true, delayUs: 25_000 });
    expect(decideRetry(five, grpc({ attempt: 5, pushbackMs: 7 })).retry).toBe(false);
  });
});
