import type { VirtualTime } from '../base/order.ts';

/** Level of one token bucket in parts of a token, so that time in µs and tokens are both whole numbers; owned mutable state. */
export interface TokenBucket {
  parts: number;
  at: VirtualTime;
}
export interface TokenBucketConfig {
  maxTokens: number;
  tokensPerFill: number;
  fillIntervalMs: number;
}
/** What a limit says about one request; it was taken from the budget when `allowed`. */
export interface Taken {
  allowed: boolean;
  /** Whole tokens, or places, left after this decision. */
  remaining: number;
  /** When the next request passes; null when one would pass now. */
  retryAt: VirtualTime | null;
}

/** A token has as many parts as its fill interval has µs; each µs brings `tokensPerFill` parts. */
const partsPerToken = (config: TokenBucketConfig): number => Math.max(1, Math.round(config.fillIntervalMs * 1000));

/** A full bucket. */
export const createTokenBucket = (config: TokenBucketConfig, now: VirtualTime): TokenBucket => ({
  parts: config.maxTokens * partsPerToken(config),
  at: now,
});

/**
 * Takes one token if there is one (GW5): filled continuously as Envoy's local rate limit does, so any stretch of time t admits
 * at most maxTokens + tokensPerFill * t / fillInterval, and a request at `retryAt` passes if nobody comes before.
 */
export function takeToken(config: TokenBucketConfig, bucket: TokenBucket, now: VirtualTime): Taken {
  const token = partsPerToken(config);
  const full = config.maxTokens * token;
  const missing = full - bucket.parts;
  // Compared in µs first: the product of a long idle time would leave the exact integers.
  const untilFull = Math.ceil(missing / config.tokensPerFill);
  const elapsed = Math.max(0, now - bucket.at);
  bucket.parts = elapsed >= untilFull ? full : bucket.parts + elapsed * config.tokensPerFill;
  bucket.at = Math.max(bucket.at, now);
  const allowed = bucket.parts >= token;
  if (allowed) bucket.parts -= token;
  const short = token - bucket.parts;
  const retryAt = short <= 0 ? null : bucket.at + Math.ceil(short / config.tokensPerFill);
  return { allowed, remaining: Math.floor(bucket.parts / token), retryAt };
}

/** When the bucket is full again if nobody comes. */
export const fullAt = (config: TokenBucketConfig, bucket: TokenBucket): VirtualTime =>
  bucket.at + Math.ceil((config.maxTokens * partsPerToken(config) - bucket.parts) / config.tokensPerFill);
