import type { VirtualTime } from '../base/order.ts';
import type { Taken } from './token-bucket.ts';

/** Times of the admitted requests that are still inside the window, oldest first from `head`; owned mutable state. */
export interface SlidingWindow {
  times: VirtualTime[];
  head: number;
}
export interface SlidingWindowConfig {
  limit: number;
  windowMs: number;
}

/** Nothing admitted yet. */
export const createSlidingWindow = (): SlidingWindow => ({ times: [], head: 0 });

const widthUs = (config: SlidingWindowConfig): number => Math.max(1, Math.round(config.windowMs * 1000));

/** When the last admitted request has left the window if nobody comes. */
export const emptyAt = (config: SlidingWindowConfig, window: SlidingWindow, now: VirtualTime): VirtualTime =>
  (window.times.at(-1) ?? now) + widthUs(config);

/** Takes one place if fewer than `limit` were admitted in the window that ends now, (now - window, now] (GW5): a log of times, exact, never more than the limit in any window. */
export function takeSliding(config: SlidingWindowConfig, window: SlidingWindow, now: VirtualTime): Taken {
  const width = widthUs(config);
  while (window.head < window.times.length && (window.times[window.head] as number) <= now - width) window.head += 1;
  // Moved down only when half of it is old: each time is copied at most once on average.
  if (window.head > 32 && window.head * 2 > window.times.length) {
    window.times = window.times.slice(window.head);
    window.head = 0;
  }
  const inside = window.times.length - window.head;
  const allowed = inside < config.limit;
  if (allowed) window.times.push(now);
  const remaining = config.limit - inside - (allowed ? 1 : 0);
  const oldest = window.times[window.head] ?? now;
  return { allowed, remaining, retryAt: remaining > 0 ? null : oldest + width };
}
