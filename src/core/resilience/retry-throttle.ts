import type { Retries } from '../topology/schema/types.ts';

type ThrottleConfig = NonNullable<Retries['throttle']>;
const THOUSANDTHS = 1000;

/** Tokens of gRPC's retry throttle for one server (gRFC A6, RS5), in thousandths, because the ratio has three decimals; owned mutable state. */
export interface RetryThrottle {
  tokens: number;
  max: number;
  ratio: number;
}

/** A full bucket. */
export function createRetryThrottle({ maxTokens, tokenRatio }: ThrottleConfig): RetryThrottle {
  const max = maxTokens * THOUSANDTHS;
  return { tokens: max, max, ratio: Math.floor(tokenRatio * THOUSANDTHS) };
}

/** One token less for a call that failed with a retriable code or was pushed back, never below 0. */
export function throttleFailure(throttle: RetryThrottle): void {
  throttle.tokens = Math.max(0, throttle.tokens - THOUSANDTHS);
}

/** `tokenRatio` more for a success, never above the maximum. */
export function throttleSuccess(throttle: RetryThrottle): void {
  throttle.tokens = Math.min(throttle.max, throttle.tokens + throttle.ratio);
}

/** No retry at or below half of the tokens. */
export const isThrottled = (throttle: RetryThrottle): boolean => throttle.tokens * 2 <= throttle.max;
