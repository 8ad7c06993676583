import type { UpstreamLimits } from '../topology/schema/types.ts';

/** What becomes of a call: it goes, it waits for a place, or it is refused at once. */
export type Entry = 'go' | 'wait' | 'overflow';

/**
 * Places of one upstream (GW13): at most `maxRequests` calls under way, at most `maxPending` waiting in order of arrival, at most `maxRetries` retries among both;
 * what comes beyond is refused at once. Without limits everything goes.
 */
export class Places {
  /** Calls under way and waiting -> is it a retry. */
  private readonly under = new Map<number, boolean>();
  private readonly waiting = new Map<number, boolean>();
  private turnedAway = 0;

  get active(): number {
    return this.under.size;
  }
  get queued(): number {
    return this.waiting.size;
  }
  /** Turned away so far. */
  get refused(): number {
    return this.turnedAway;
  }

  enter(limits: UpstreamLimits | null, call: number, isRetry: boolean): Entry {
    const entry = limits === null ? 'go' : this.entryUnder(limits, isRetry);
    if (entry === 'go') this.under.set(call, isRetry);
    else if (entry === 'wait') this.waiting.set(call, isRetry);
    else this.turnedAway += 1;
    return entry;
  }

  private get retries(): number {
    return [...this.under.values(), ...this.waiting.values()].filter(Boolean).length;
  }

  private entryUnder(limits: UpstreamLimits, isRetry: boolean): Entry {
    if (isRetry && this.retries >= limits.maxRetries) return 'overflow';
    if (this.under.size < limits.maxRequests) return 'go';
    return this.waiting.size < limits.maxPending ? 'wait' : 'overflow';
  }

  /** A call is over or given up; false when it was not here (any more). */
  leave(call: number): boolean {
    return this.under.delete(call) || this.waiting.delete(call);
  }

  /** Waiting calls that may go now, first come first; they are under way from here on. */
  promote(limits: UpstreamLimits | null): number[] {
    const promoted: number[] = [];
    for (const [call, isRetry] of this.waiting) {
      if (limits !== null && this.under.size >= limits.maxRequests) break;
      this.waiting.delete(call);
      this.under.set(call, isRetry);
      promoted.push(call);
    }
    return promoted;
  }
}
