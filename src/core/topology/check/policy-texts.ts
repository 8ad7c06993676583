/** What the checks of call policies say (English); a part of `CHECK_TEXTS`. */
export const POLICY_TEXTS = {
  RETRY_TIMEOUT_TOO_LONG: 'one try may take {try} ms, but all together only {all} ms',
  RETRY_BACKOFF_RANGE: 'the first pause of {first} ms is longer than the longest of {longest} ms',
  RETRY_TIMEOUT_IN_VAIN: 'a try that times out has used up all {all} ms, so it is never retried',
  RETRY_NOT_IDEMPOTENT:
    '{method} is retried only when the connection was never accepted: the callee may have done it already',
  BREAKER_MINIMUM_TOO_LARGE: 'a window of {size} calls never holds {minimum}',
  BREAKER_RATE_ZERO: 'a rate of 0 % is always reached: every call would open it',
  BREAKER_NOT_PRESET: '{preset} has {field} {usual}, not {found}',
  'BULKHEAD_WAIT_IN_VAIN.queue': 'nobody waits: the queue has no places',
  'BULKHEAD_WAIT_IN_VAIN.timeout': 'the call is given up after {all} ms, before a wait of {wait} ms ends',
} as const;

/** What can be done about them. */
export const POLICY_FIXES = {
  RETRY_TIMEOUT_TOO_LONG: 'Make it shorter than the timeout of the whole call',
  RETRY_TIMEOUT_IN_VAIN: 'Set perTryTimeoutMs',
  RETRY_NOT_IDEMPOTENT: 'Set nonIdempotent if doing it twice does no harm',
  BREAKER_NOT_PRESET: 'Take its number, or remove the preset',
  'BULKHEAD_WAIT_IN_VAIN.queue': 'Raise maxQueued',
} as const satisfies Partial<Record<keyof typeof POLICY_TEXTS, string>>;
