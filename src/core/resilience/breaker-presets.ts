import type { Breaker, Bulkhead } from '../topology/schema/types.ts';

/** Whose numbers a breaker may start from (RS1, RS3). */
export type BreakerPreset = NonNullable<Breaker['preset']>;

/** Longer than any call: rivals of resilience4j that know no slow calls never count one. ms */
const NEVER_SLOW_MS = 86_400_000;

/** Defaults of resilience4j's CircuitBreakerConfig, Polly 8's CircuitBreakerStrategyOptions and Hystrix' HystrixCommandProperties, in resilience4j's terms. */
export const BREAKER_PRESETS: Record<BreakerPreset, Breaker> = {
  resilience4j: {
    preset: 'resilience4j',
    window: 'count',
    windowSize: 100,
    minimumCalls: 100,
    failureRatePercent: 50,
    slowRatePercent: 100,
    slowCallMs: 60_000,
    openMs: 60_000,
    halfOpenPermits: 10,
  },
  polly: {
    preset: 'polly',
    window: 'time',
    windowSize: 30,
    minimumCalls: 100,
    failureRatePercent: 10,
    slowRatePercent: 100,
    slowCallMs: NEVER_SLOW_MS,
    openMs: 5000,
    halfOpenPermits: 1,
  },
  hystrix: {
    preset: 'hystrix',
    window: 'time',
    windowSize: 10,
    minimumCalls: 20,
    failureRatePercent: 50,
    slowRatePercent: 100,
    slowCallMs: NEVER_SLOW_MS,
    openMs: 5000,
    halfOpenPermits: 1,
  },
};

/** What Hystrix sets around its breaker: a timeout of 1 s and a semaphore of 10 without a queue. */
export const HYSTRIX_COMMAND: { timeoutMs: number; bulkhead: Bulkhead } = {
  timeoutMs: 1000,
  bulkhead: { maxConcurrent: 10, maxQueued: 0 },
};
