import type { VirtualTime } from '../base/order.ts';
import type { Failure } from '../behaviour/effect.ts';
import type { Retries } from '../topology/schema/types.ts';
import { backoffUs, grpcBackoffUs } from './backoff.ts';
import { retriesAllowed, type RetryBudget } from './retry-budget.ts';
import { isThrottled, type RetryThrottle } from './retry-throttle.ts';

/** gRPC treats more attempts than these as these (gRFC A6). */
export const GRPC_MAX_ATTEMPTS = 5;
const US_PER_MS = 1000;

export type RetryReason = Retries['on'][number];
/** What is known when a try failed. */
export interface FailedTry {
  protocol: 'http' | 'grpc';
  /** Number of the try that failed, from 1. */
  attempt: number;
  /** Why it failed, or null when no retry is ever made for that. */
  reason: RetryReason | null;
  /** A second one does no harm (RFC 9110 idempotent methods); gRPC does not ask. */
  idempotent: boolean;
  /** False when the connection was never accepted: then nothing can have happened (GW9). */
  accepted: boolean;
  now: VirtualTime;
  /** When the time of the whole call ends, all tries together (GW8). */
  deadline: VirtualTime;
  /** Uniform in [0,1), by `port.random`. */
  u: number;
  /** Without the try that failed. */
  budget: RetryBudget;
  throttle: RetryThrottle | null;
  /** gRPC `grpc-retry-pushback-ms`: absent = the server said nothing, negative = do not retry (an unreadable value too). */
  pushbackMs?: number;
  /** The try after which the server last pushed back with a delay; the back-off begins anew after it. 0 = never. */
  pushedBackAt?: number;
}
/** `refused` says why not, with values; null when the policy does not speak of such a failure. */
export type RetryDecision = { retry: true; delayUs: number } | { retry: false; refused: string | null };

const no = (refused: string | null): RetryDecision => ({ retry: false, refused });

/** Whether another try follows, and after how long: reason, attempts, idempotency (GW9), pushback and throttle (RS5), budget (GW9), deadline (GW8), in that order. Changes nothing: who retries counts itself with `tryBegun`. */
export function decideRetry(policy: Retries, failed: FailedTry): RetryDecision {
  const { protocol, attempt, reason, now, deadline, budget, throttle, pushbackMs } = failed;
  if (reason === null || !policy.on.includes(reason)) return no(null);
  const tries = protocol === 'grpc' ? Math.min(policy.maxAttempts, GRPC_MAX_ATTEMPTS) : policy.maxAttempts;
  if (attempt >= tries) return no(`attempts: ${attempt} of ${tries} made`);
  if (protocol === 'http' && !failed.idempotent && policy.nonIdempotent !== true && failed.accepted)
    return no('not idempotent: the callee may have done it already');
  if (pushbackMs !== undefined && pushbackMs < 0) return no('pushback: the server asked for no retry');
  if (throttle !== null && isThrottled(throttle))
    return no(`throttle: ${throttle.tokens / 1000} tokens, more than ${throttle.max / 2000} needed`);
  if (policy.budgetPercent !== undefined) {
    const most = retriesAllowed(budget, policy.budgetPercent);
    const { retrying, first } = budget;
    if (retrying >= most)
      return no(`budget: ${retrying} of ${most} retries under way (${policy.budgetPercent} % of ${first} calls)`);
  }
  const delayUs = delayOf(policy, failed);
  if (now + delayUs >= deadline)
    return no(`deadline: ${(deadline - now) / US_PER_MS} ms left, ${delayUs / US_PER_MS} ms to wait`);
  return { retry: true, delayUs };
}

function delayOf({ backoff }: Retries, { protocol, attempt, u, pushbackMs, pushedBackAt = 0 }: FailedTry): number {
  if (pushbackMs !== undefined) return Math.max(1, Math.round(pushbackMs * US_PER_MS));
  const retry = attempt - pushedBackAt;
  return protocol === 'grpc' ? grpcBackoffUs(backoff, retry, u) : backoffUs(backoff, retry, u);
}

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'];

/** RFC 9110, 9.2.2: a second request has the same effect as one. */
export const isIdempotent = (method: string): boolean => IDEMPOTENT.includes(method);

const REASONS: Record<string, RetryReason> = {
  connection_refused: 'connection',
  connection_reset: 'connection',
  timeout: 'timeout',
  no_instances: 'no-instances',
  no_healthy_host: 'no-instances',
};
/** Failures before anyone accepted a connection. */
const NEVER_ACCEPTED = ['connection_refused', 'no_instances', 'no_healthy_host', 'upstream_overflow'];

/** Reason for a retry of an HTTP call that ended with this status, or did not end with one; null when there is none. */
export function httpRetryReason(ended: { status: number } | { failure: Failure }): RetryReason | null {
  if ('failure' in ended) return REASONS[ended.failure.code] ?? null;
  if (ended.status === 429) return '429';
  return ended.status >= 500 ? '5xx' : null;
}

/** False when nobody can have begun the work: the connection was refused, or there was nobody to connect to. */
export const wasAccepted = (failure: Failure | null): boolean =>
  failure === null || !NEVER_ACCEPTED.includes(failure.code);

/** Time for the next try: what is left of the whole, at most the per-try timeout (GW8). ms */
export function tryTimeoutMs(policy: Retries | undefined, now: VirtualTime, deadline: VirtualTime): number {
  const left = (deadline - now) / US_PER_MS;
  return Math.min(left, policy?.perTryTimeoutMs ?? left);
}
