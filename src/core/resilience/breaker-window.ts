/** What a breaker knows of finished calls; `slow` counts successes and failures alike. */
export interface CallCounts {
  calls: number;
  failed: number;
  slow: number;
}
export interface CallOutcome {
  failed: boolean;
  slow: boolean;
}
/** Sliding window over finished calls; owned mutable state, changed only by `recordCall`. */
export type CallWindow = CountWindow | TimeWindow;

/** The last `size` calls (resilience4j COUNT_BASED). */
interface CountWindow {
  kind: 'count';
  size: number;
  total: CallCounts;
  /** Ring of the last calls; `next` is the place of the oldest once it is full. */
  ring: CallOutcome[];
  next: number;
}
/** The current second and the `size - 1` before it (resilience4j TIME_BASED: one partial sum per second of the clock; Hystrix: 10 buckets of 1 s). */
interface TimeWindow {
  kind: 'time';
  size: number;
  total: CallCounts;
  /** Seconds in which calls ended, oldest first; at most `size`. */
  buckets: { second: number; counts: CallCounts }[];
}

const US_PER_SECOND = 1_000_000;
const none = (): CallCounts => ({ calls: 0, failed: 0, slow: 0 });

/** An empty window of `size` calls or seconds. */
export const createCallWindow = (kind: CallWindow['kind'], size: number): CallWindow =>
  kind === 'count' ? { kind, size, total: none(), ring: [], next: 0 } : { kind, size, total: none(), buckets: [] };

function add(counts: CallCounts, outcome: CallOutcome, sign: 1 | -1): void {
  counts.calls += sign;
  if (outcome.failed) counts.failed += sign;
  if (outcome.slow) counts.slow += sign;
}

/** Takes one finished call in and lets the oldest fall out; returns the sums of what is inside at `now` (µs). */
export function recordCall(window: CallWindow, outcome: CallOutcome, now: number): CallCounts {
  if (window.kind === 'count') {
    const oldest = window.ring[window.next];
    if (window.ring.length === window.size && oldest !== undefined) add(window.total, oldest, -1);
    window.ring[window.next] = outcome;
    window.next = (window.next + 1) % window.size;
    add(window.total, outcome, 1);
    return window.total;
  }
  const second = Math.floor(now / US_PER_SECOND);
  forget(window, second);
  let bucket = window.buckets.at(-1);
  if (bucket?.second !== second) {
    bucket = { second, counts: none() };
    window.buckets.push(bucket);
  }
  add(bucket.counts, outcome, 1);
  add(window.total, outcome, 1);
  return window.total;
}

/** Sums of what is inside at `now` (µs). */
export function countsAt(window: CallWindow, now: number): CallCounts {
  if (window.kind === 'time') forget(window, Math.floor(now / US_PER_SECOND));
  return window.total;
}

function forget(window: TimeWindow, second: number): void {
  for (let first = window.buckets[0]; first !== undefined && first.second <= second - window.size;) {
    window.total.calls -= first.counts.calls;
    window.total.failed -= first.counts.failed;
    window.total.slow -= first.counts.slow;
    window.buckets.shift();
    first = window.buckets[0];
  }
}
