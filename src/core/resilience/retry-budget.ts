/** Retries that are always allowed at once, however few calls are active (Envoy's `min_retry_concurrency`). */
export const MIN_RETRY_CONCURRENCY = 3;

/**
 * How many of a caller's calls are on their first try and how many on a retry (GW9); owned mutable state. A call counts as
 * retrying from the decision to the end of that try, its back-off included, as in Envoy's retry budget.
 */
export interface RetryBudget {
  first: number;
  retrying: number;
}

/** Nothing under way. */
export const createRetryBudget = (): RetryBudget => ({ first: 0, retrying: 0 });

/** Concurrent retries allowed: max(3, share of the calls on their first try, rounded down). Counted against first tries alone, so that no layer sends more than 1 + share of what it got (GW10). */
export const retriesAllowed = (budget: RetryBudget, percent: number): number =>
  Math.max(MIN_RETRY_CONCURRENCY, Math.floor((budget.first * percent) / 100));

/** A call begins its n-th try (from 1); a retry is counted from its decision on. */
export function tryBegun(budget: RetryBudget, attempt: number): void {
  if (attempt === 1) budget.first += 1;
  else budget.retrying += 1;
}

/** The n-th try is over or given up; once for each `tryBegun`, before the next is decided. */
export function tryEnded(budget: RetryBudget, attempt: number): void {
  if (attempt === 1) budget.first -= 1;
  else budget.retrying -= 1;
}
