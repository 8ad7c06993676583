import { backoffUs } from '../../../core/resilience/backoff.ts';
import { admit, createBreaker, settle } from '../../../core/resilience/breaker.ts';
import { createBulkhead, enterBulkhead, leaveBulkhead } from '../../../core/resilience/bulkhead.ts';
import { generator, interleave, newFigures } from '../../../core/resilience/interleavings.suite.ts';
import { createRateLimit, takeFromLimit } from '../../../core/resilience/rate-limit.ts';
import { createRetryBudget } from '../../../core/resilience/retry-budget.ts';
import { createRetryThrottle, throttleFailure } from '../../../core/resilience/retry-throttle.ts';
import { decideRetry, tryTimeoutMs, type FailedTry } from '../../../core/resilience/retry.ts';
import type { Breaker, RateLimit, Retries } from '../../../core/topology/schema/types.ts';
import { amplification, threeRetries } from './layers.suite.ts';

const SECOND = 1_000_000;

/** RS2: probes of half-open breakers. */
function brokenProbes(): string[] {
  const figures = newFigures();
  for (let seed = 1; seed <= 3000; seed += 1) interleave(seed, figures);
  const { extra, wrongDecisions } = figures;
  return extra + wrongDecisions === 0 ? [] : [`RS2: ${extra} extra probes, ${wrongDecisions} wrong decisions`];
}

/** RS1: a closed breaker opens exactly when a recount of its window says so; a third of the calls take exactly the limit of a slow one. */
function brokenWindows(): string[] {
  for (let seed = 1; seed <= 500; seed += 1) {
    const below = generator(seed);
    const config: Breaker = {
      window: below(2) === 0 ? 'count' : 'time',
      windowSize: 1 + below(5),
      minimumCalls: 1 + below(5),
      failureRatePercent: [25, 50, 75, 100][below(4)] ?? 100,
      slowRatePercent: [50, 100][below(2)] ?? 100,
      slowCallMs: 5,
      openMs: 1,
      halfOpenPermits: 1,
    };
    const breaker = createBreaker(config);
    const ended: { second: number; failed: boolean; slow: boolean }[] = [];
    for (let now = 0; breaker.state === 'closed' && ended.length < 40;) {
      now += below(900_000);
      const admission = admit(breaker, now);
      const tookMs = 4 + below(3);
      now += tookMs * 1000;
      const failed = below(3) === 0;
      if (admission.admitted) settle(breaker, admission.permit, failed ? 'failure' : 'success', now);
      ended.push({ second: Math.floor(now / SECOND), failed, slow: tookMs > 5 });
      const { windowSize, minimumCalls } = config;
      const isCount = config.window === 'count';
      const first = Math.floor(now / SECOND) - windowSize + 1;
      const inside = isCount ? ended.slice(-windowSize) : ended.filter(({ second }) => second >= first);
      const share = (part: 'failed' | 'slow'): number =>
        (100 * inside.filter((one) => one[part]).length) / inside.length;
      const isOpen =
        inside.length >= (isCount ? Math.min(minimumCalls, windowSize) : minimumCalls) &&
        (share('failed') >= config.failureRatePercent || share('slow') >= config.slowRatePercent);
      const state: string = breaker.state;
      if ((state === 'open') !== isOpen) return [`RS1: ${state} after ${ended.length} calls, seed ${seed}`];
    }
  }
  return [];
}

/** GW5: never more than the bound in any window; who comes at `retryAt` passes, a µs before not. */
function brokenLimits(): string[] {
  const configs: (RateLimit & { bound: (us: number) => number })[] = [
    {
      kind: 'token-bucket',
      maxTokens: 4,
      tokensPerFill: 3,
      fillIntervalMs: 700,
      key: 'ip',
      bound: (us) => 4 + (us * 3) / 7e5,
    },
    { kind: 'sliding-window', limit: 4, windowMs: 1000, key: 'ip', bound: (us) => (us < SECOND ? 4 : Infinity) },
    { kind: 'fixed-window', limit: 4, period: 'second', key: 'ip', bound: (us) => (us < SECOND ? 8 : Infinity) },
  ];
  for (const { bound, ...config } of configs)
    for (let seed = 1; seed <= 300; seed += 1) {
      const below = generator(seed);
      const limit = createRateLimit(config);
      const passed: number[] = [];
      let retryAt: number | null = null;
      for (let now = 0, n = 0; n < 60; n += 1) {
        // Often exactly when the next may pass, or a µs before.
        now = retryAt !== null && below(2) === 0 ? Math.max(now, retryAt - below(2)) : now + below(300_000);
        const due: boolean = retryAt === null || now >= retryAt;
        const taken = takeFromLimit(limit, 'one', now);
        if (taken.allowed !== due)
          return [`GW5: ${config.kind} ${due ? 'refused' : 'let through'} at ${now}, seed ${seed}`];
        retryAt = taken.retryAt;
        if (taken.allowed) passed.push(now);
        const over = passed.findIndex((from, at) => passed.length - at > bound(now - from) + 1e-9);
        if (over >= 0) return [`GW5: ${config.kind} let ${passed.length - over} through, seed ${seed}`];
      }
    }
  return [];
}

/** RS4: places that are given back are free again, and never more than there are. */
function brokenPlaces(): string[] {
  const bulkhead = createBulkhead({ maxConcurrent: 2, maxQueued: 1 });
  for (let round = 0; round < 5; round += 1) {
    const entered = [1, 2, 3, 4].map((n) => enterBulkhead(bulkhead, round * 10 + n)).join();
    if (entered !== 'entered,entered,queued,refused') return [`RS4: round ${round}: ${entered}`];
    const next = [leaveBulkhead(bulkhead), leaveBulkhead(bulkhead), leaveBulkhead(bulkhead)].join();
    if (next !== `${round * 10 + 3},,`) return [`RS4: round ${round}: the places went to ${next}`];
  }
  return [];
}

/** GW8, GW9, RS5: what is decided about one failed try. */
function brokenDecisions(): string[] {
  const throttle = createRetryThrottle({ maxTokens: 4, tokenRatio: 1 });
  for (let n = 0; n < 2; n += 1) throttleFailure(throttle);
  const policy: Retries = { ...threeRetries, on: ['5xx'], perTryTimeoutMs: 500 };
  const failed: FailedTry = {
    protocol: 'http',
    attempt: 1,
    reason: '5xx',
    idempotent: true,
    accepted: true,
    now: 0,
    deadline: 100,
    u: 0,
    budget: createRetryBudget(),
    throttle: null,
  };
  const refused: [string, Partial<FailedTry>, Partial<Retries>][] = [
    ['GW9 idempotency', { idempotent: false }, {}],
    ['GW9 budget', { budget: { first: 20, retrying: 4 } }, { budgetPercent: 20 }],
    ['GW8 deadline', { now: 99 }, {}],
    ['RS5 throttle', { throttle }, {}],
    ['RS5 pushback', { pushbackMs: -1 }, {}],
    ['RS5 five attempts', { protocol: 'grpc', attempt: 5 }, { maxAttempts: 10 }],
    ['GW9 attempts', { attempt: 4 }, {}],
  ];
  const broken = refused
    .filter(([, change, numbers]) => decideRetry({ ...policy, ...numbers }, { ...failed, ...change }).retry)
    .map(([name]) => `${name}: a retry was allowed`);
  if (!decideRetry(policy, failed).retry) broken.push('GW9: no retry was allowed');
  if (tryTimeoutMs(policy, 0, 300_000) !== 300) broken.push('GW8: a try may outlast the whole call');
  const full = { initialIntervalMs: 100, backoffCoefficient: 2, maxIntervalMs: 300, jitter: 'full' } as const;
  const delays = [0, 0.25, 0.5].map((u) => backoffUs(full, 2, u)).join();
  if (delays !== '1,50000,100000') broken.push(`GW9: full jitter gave ${delays}`);
  return broken;
}

/** GW10: two layers with a budget of a fifth, in a whole run; retries are there, but few. */
function brokenAmplification(): string[] {
  const { asked, bottom } = amplification(2, { ...threeRetries, budgetPercent: 20 }, 300, 2);
  const factor = bottom / asked;
  return factor > 1.15 && factor <= 1.2 ** 2 * 1.05 ? [] : [`GW10: two layers make ${factor.toFixed(2)} calls of one`];
}

/** Whatever a mistake in the machines of resilience would break, in words; for the proof by planted mistakes. */
export const brokenResilience = (): string[] =>
  [brokenProbes, brokenWindows, brokenLimits, brokenPlaces, brokenDecisions, brokenAmplification].flatMap((check) =>
    check(),
  );
