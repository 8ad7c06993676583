import type { Bulkhead as BulkheadConfig } from '../topology/schema/types.ts';

/**
 * Calls at once and a bounded queue of waiters (RS4): permits in order of arrival as resilience4j's SemaphoreBulkhead
 * gives them when it is fair, the queue bounded as ThreadPoolBulkhead's. Owned mutable state; who waits is named by a ticket.
 */
export interface Bulkhead {
  config: BulkheadConfig;
  active: number;
  /** Tickets in order of arrival. */
  waiting: number[];
  /** Turned away so far: no place in the queue, or waited too long. */
  refused: number;
}

/** An empty bulkhead. */
export const createBulkhead = (config: BulkheadConfig): Bulkhead => ({ config, active: 0, waiting: [], refused: 0 });

/** Asks for a place; `ticket` must be new. Nobody overtakes a waiter. */
export function enterBulkhead(bulkhead: Bulkhead, ticket: number): 'entered' | 'queued' | 'refused' {
  const { maxConcurrent, maxQueued } = bulkhead.config;
  if (bulkhead.active < maxConcurrent) {
    bulkhead.active += 1;
    return 'entered';
  }
  if (bulkhead.waiting.length < maxQueued) {
    bulkhead.waiting.push(ticket);
    return 'queued';
  }
  bulkhead.refused += 1;
  return 'refused';
}

/** Gives a place back; the ticket that has it now, or null when nobody waited or the bulkhead became smaller. */
export function leaveBulkhead(bulkhead: Bulkhead): number | null {
  const next = bulkhead.active > bulkhead.config.maxConcurrent ? undefined : bulkhead.waiting.shift();
  if (next === undefined) bulkhead.active -= 1;
  return next ?? null;
}

/** A waiter goes away without a place: `refused` when it waited too long, `left` when its call was given up. False when it does not wait (any more). */
export function leaveQueue(bulkhead: Bulkhead, ticket: number, why: 'refused' | 'left'): boolean {
  const at = bulkhead.waiting.indexOf(ticket);
  if (at < 0) return false;
  bulkhead.waiting.splice(at, 1);
  if (why === 'refused') bulkhead.refused += 1;
  return true;
}

/** New numbers for the same places; who is inside stays. The waiters that enter because there are more places now, in order. */
export function resizeBulkhead(bulkhead: Bulkhead, config: BulkheadConfig): number[] {
  bulkhead.config = config;
  const entering = bulkhead.waiting.splice(0, Math.max(0, config.maxConcurrent - bulkhead.active));
  bulkhead.active += entering.length;
  return entering;
}
