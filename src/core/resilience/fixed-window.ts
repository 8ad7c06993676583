import type { VirtualTime } from '../base/order.ts';
import type { Taken } from './token-bucket.ts';

/** Requests admitted in one calendar period; owned mutable state. */
export interface FixedWindow {
  /** Number of the period since the epoch of virtual time, which begins a day. */
  period: number;
  admitted: number;
}
export interface FixedWindowConfig {
  limit: number;
  period: 'second' | 'minute' | 'hour';
}

const PERIOD_US = { second: 1_000_000, minute: 60_000_000, hour: 3_600_000_000 };

/** Nothing admitted yet. */
export const createFixedWindow = (): FixedWindow => ({ period: -Infinity, admitted: 0 });

/** When the calendar period around `now` ends (Kong's RateLimit-Reset). */
export const periodEnd = (config: FixedWindowConfig, now: VirtualTime): VirtualTime =>
  (Math.floor(now / PERIOD_US[config.period]) + 1) * PERIOD_US[config.period];

/** Takes one place of the calendar period around `now` if there is one (GW5, Kong's rate limiting): around a boundary up to twice the limit passes in a moment. */
export function takeFixed(config: FixedWindowConfig, window: FixedWindow, now: VirtualTime): Taken {
  const period = Math.floor(now / PERIOD_US[config.period]);
  if (period !== window.period) Object.assign(window, { period, admitted: 0 });
  const allowed = window.admitted < config.limit;
  if (allowed) window.admitted += 1;
  const remaining = config.limit - window.admitted;
  return { allowed, remaining, retryAt: remaining > 0 ? null : periodEnd(config, now) };
}
