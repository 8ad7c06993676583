import type { VirtualTime } from '../base/order.ts';
import type { RateLimit as RateLimitConfig } from '../topology/schema/types.ts';
import { createFixedWindow, periodEnd, takeFixed, type FixedWindow } from './fixed-window.ts';
import { createKeyedStates, MAX_LIMIT_KEYS, stateOf, type KeyedStates } from './keyed-states.ts';
import { createSlidingWindow, emptyAt, takeSliding, type SlidingWindow } from './sliding-window.ts';
import { createTokenBucket, fullAt, takeToken, type Taken, type TokenBucket } from './token-bucket.ts';

/** One rate limit with a budget per key (GW5, GW6); owned mutable state. Keys never touch each other's budget. */
export type RateLimit =
  | { kind: 'token-bucket'; config: ConfigOf<'token-bucket'>; budgets: KeyedStates<TokenBucket> }
  | { kind: 'fixed-window'; config: ConfigOf<'fixed-window'>; budgets: KeyedStates<FixedWindow> }
  | { kind: 'sliding-window'; config: ConfigOf<'sliding-window'>; budgets: KeyedStates<SlidingWindow> };
type ConfigOf<K extends RateLimitConfig['kind']> = Extract<RateLimitConfig, { kind: K }>;
export interface LimitDecision extends Taken {
  /** Most requests of a burst: maxTokens, or the limit of the window. */
  limit: number;
  /** When the whole budget is there again if nobody comes (RateLimit-Reset counts the seconds to it). */
  resetAt: VirtualTime;
  /** Key that was forgotten to make room: tell it as `limit.hit`. */
  forgotten: string | null;
}

/** A limit that has seen nobody. */
export function createRateLimit(config: RateLimitConfig, mostKeys = MAX_LIMIT_KEYS): RateLimit {
  switch (config.kind) {
    case 'token-bucket':
      return { kind: config.kind, config, budgets: createKeyedStates(mostKeys) };
    case 'fixed-window':
      return { kind: config.kind, config, budgets: createKeyedStates(mostKeys) };
    case 'sliding-window':
      return { kind: config.kind, config, budgets: createKeyedStates(mostKeys) };
  }
}

/** Decides about one request of `key` at `now` and takes it from the budget when it passes. */
export function takeFromLimit(limit: RateLimit, key: string, now: VirtualTime): LimitDecision {
  switch (limit.kind) {
    case 'token-bucket': {
      const { config, budgets } = limit;
      const { state, forgotten } = stateOf(budgets, key, () => createTokenBucket(config, now));
      const taken = takeToken(config, state, now);
      return { ...taken, limit: config.maxTokens, resetAt: fullAt(config, state), forgotten };
    }
    case 'fixed-window': {
      const { config, budgets } = limit;
      const { state, forgotten } = stateOf(budgets, key, createFixedWindow);
      return { ...takeFixed(config, state, now), limit: config.limit, resetAt: periodEnd(config, now), forgotten };
    }
    case 'sliding-window': {
      const { config, budgets } = limit;
      const { state, forgotten } = stateOf(budgets, key, createSlidingWindow);
      const taken = takeSliding(config, state, now);
      return { ...taken, limit: config.limit, resetAt: emptyAt(config, state, now), forgotten };
    }
  }
}

/** Whole seconds to wait, rounded up, at least 1: `Retry-After` of a refusal. A client that obeys it passes if it comes alone (GW5). */
export const retryAfterSeconds = (retryAt: VirtualTime, now: VirtualTime): number =>
  Math.max(1, Math.ceil((retryAt - now) / 1_000_000));
