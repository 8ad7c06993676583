import { BREAKER_PRESETS } from '../../resilience/breaker-presets.ts';
import { isIdempotent } from '../../resilience/retry.ts';
import type { Check } from './check.ts';
import type { Breaker, Bulkhead, CallPolicy, Retries } from '../schema/types.ts';

/** What a policy is checked against: the time of the whole call, and the method when it is an HTTP call. */
export interface PolicyUse {
  timeoutMs: number;
  method?: string;
}

/** Checks the numbers of a call's policy against each other and against the call. Its fallback is an expression of the handler. */
export function checkPolicy(check: Check, policy: CallPolicy, use: PolicyUse, at: string): void {
  const { retries, breaker, bulkhead } = policy;
  if (retries !== undefined) checkRetries(check, retries, use, `${at}/retries`);
  if (breaker !== undefined) checkBreaker(check, breaker, `${at}/breaker`);
  if (bulkhead !== undefined) checkBulkhead(check, bulkhead, use, `${at}/bulkhead`);
}

/** Checks retries, of a call or of a route (GW8, GW9). */
export function checkRetries(check: Check, retries: Retries, { timeoutMs, method }: PolicyUse, at: string): void {
  const { perTryTimeoutMs, backoff, on, maxAttempts, nonIdempotent } = retries;
  if (perTryTimeoutMs !== undefined && perTryTimeoutMs >= timeoutMs)
    check.error('RETRY_TIMEOUT_TOO_LONG', `${at}/perTryTimeoutMs`, { try: perTryTimeoutMs, all: timeoutMs });
  if (backoff.initialIntervalMs > backoff.maxIntervalMs)
    check.error('RETRY_BACKOFF_RANGE', `${at}/backoff/initialIntervalMs`, {
      first: backoff.initialIntervalMs,
      longest: backoff.maxIntervalMs,
    });
  if (maxAttempts === 1) return;
  if (on.includes('timeout') && perTryTimeoutMs === undefined)
    check.warn('RETRY_TIMEOUT_IN_VAIN', `${at}/on`, { all: timeoutMs });
  if (method !== undefined && !isIdempotent(method) && nonIdempotent !== true)
    check.warn('RETRY_NOT_IDEMPOTENT', at, { method });
}

function checkBreaker(check: Check, breaker: Breaker, at: string): void {
  const { window, windowSize, minimumCalls, preset } = breaker;
  if (window === 'count' && minimumCalls > windowSize)
    check.error('BREAKER_MINIMUM_TOO_LARGE', `${at}/minimumCalls`, { size: windowSize, minimum: minimumCalls });
  for (const rate of ['failureRatePercent', 'slowRatePercent'] as const)
    if (breaker[rate] === 0) check.error('BREAKER_RATE_ZERO', `${at}/${rate}`, {});
  if (preset === undefined) return;
  const numbers = BREAKER_PRESETS[preset];
  for (const field of Object.keys(numbers) as (keyof Breaker)[])
    if (breaker[field] !== numbers[field])
      check.warn('BREAKER_NOT_PRESET', `${at}/${field}`, {
        preset,
        field,
        usual: String(numbers[field]),
        found: String(breaker[field]),
      });
}

function checkBulkhead(check: Check, { maxQueued, maxWaitMs }: Bulkhead, { timeoutMs }: PolicyUse, at: string): void {
  if (maxWaitMs === undefined) return;
  if (maxQueued === 0) check.warn('BULKHEAD_WAIT_IN_VAIN.queue', `${at}/maxWaitMs`, {});
  else if (maxWaitMs >= timeoutMs)
    check.warn('BULKHEAD_WAIT_IN_VAIN.timeout', `${at}/maxWaitMs`, { all: timeoutMs, wait: maxWaitMs });
}
