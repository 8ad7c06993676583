import type { VirtualTime } from '../base/order.ts';
import type { Breaker as BreakerConfig } from '../topology/schema/types.ts';
import { countsAt, createCallWindow, recordCall, type CallCounts, type CallWindow } from './breaker-window.ts';

/**
 * A circuit breaker with the semantics of resilience4j's CircuitBreakerStateMachine and CircuitBreakerMetrics (RS1, RS2);
 * owned mutable state, changed only by the functions of this file. One difference: a result of a call that was admitted
 * in a former state is dropped, resilience4j would count it in the state that it finds.
 */
export interface Breaker {
  config: BreakerConfig;
  state: 'closed' | 'open' | 'half-open';
  /** Grows with every change of state; a permit of a former episode has no say. */
  episode: number;
  window: CallWindow;
  /** Calls below which there is no rate. */
  minimum: number;
  /** Half-open: permits that may still be given. */
  permits: number;
  /** Open: when a call may turn it half-open, and what it knew when it opened. */
  until: VirtualTime;
  knew: CallCounts;
}
/** The right to make one call; settled exactly once, by `settle`. */
export interface Permit {
  episode: number;
  admittedAt: VirtualTime;
  settled: boolean;
}
export type Admission = { admitted: true; permit: Permit } | { admitted: false; state: 'open' | 'half-open' };
/** `ignored` is neither success nor failure: its permit is given back. */
export type CallVerdict = 'success' | 'failure' | 'ignored';
/** What a face shows; rates in tenths of a percent, rounded down, -1 below the minimum of calls; `until` only while open. */
export interface BreakerView {
  state: Breaker['state'];
  failureRate: number;
  slowRate: number;
  calls: number;
  until: VirtualTime | null;
}

const US_PER_MS = 1000;

/** A closed breaker that knows nothing. */
export function createBreaker(config: BreakerConfig): Breaker {
  const breaker: Breaker = {
    config,
    state: 'closed',
    episode: 0,
    window: createCallWindow(config.window, config.windowSize),
    minimum: config.minimumCalls,
    permits: 0,
    until: 0,
    knew: { calls: 0, failed: 0, slow: 0 },
  };
  enter(breaker, 'closed', 0);
  return breaker;
}

function enter(breaker: Breaker, state: Breaker['state'], now: VirtualTime): void {
  const { window, windowSize, minimumCalls, halfOpenPermits, openMs } = breaker.config;
  breaker.state = state;
  breaker.episode += 1;
  if (state === 'open') {
    breaker.until = now + Math.round(openMs * US_PER_MS);
    breaker.knew = { ...countsAt(breaker.window, now) };
    return;
  }
  const kind = state === 'closed' ? window : 'count';
  const size = state === 'closed' ? windowSize : halfOpenPermits;
  breaker.window = createCallWindow(kind, size);
  // A window of calls never holds more than its size, so a larger minimum would never be reached.
  breaker.minimum = kind === 'count' ? Math.min(minimumCalls, size) : minimumCalls;
  breaker.permits = state === 'half-open' ? halfOpenPermits : 0;
}

/** Turns an open breaker half-open when its time has come: by a timer if it is `automatic`, else only by the next call. True when it turned. */
export function elapse(breaker: Breaker, now: VirtualTime): boolean {
  if (breaker.state !== 'open' || now < breaker.until) return false;
  enter(breaker, 'half-open', now);
  return true;
}

/** Asks for the right to call at `now`: always while closed, never while open, at most `halfOpenPermits` per half-open episode. */
export function admit(breaker: Breaker, now: VirtualTime): Admission {
  elapse(breaker, now);
  if (breaker.state === 'open') return { admitted: false, state: 'open' };
  if (breaker.state === 'half-open') {
    if (breaker.permits === 0) return { admitted: false, state: 'half-open' };
    breaker.permits -= 1;
  }
  return { admitted: true, permit: { episode: breaker.episode, admittedAt: now, settled: false } };
}

/** Tells how an admitted call ended, which may change the state; slow is strictly longer than `slowCallMs`. A second word on the same permit and a late one count for nothing. */
export function settle(breaker: Breaker, permit: Permit, verdict: CallVerdict, now: VirtualTime): void {
  if (permit.settled) return;
  permit.settled = true;
  if (permit.episode !== breaker.episode) return;
  if (verdict === 'ignored') {
    if (breaker.state === 'half-open') breaker.permits += 1;
    return;
  }
  const slow = now - permit.admittedAt > breaker.config.slowCallMs * US_PER_MS;
  const counts = recordCall(breaker.window, { failed: verdict === 'failure', slow }, now);
  if (counts.calls < breaker.minimum) return;
  if (isAbove(breaker.config, counts)) enter(breaker, 'open', now);
  else if (breaker.state === 'half-open') enter(breaker, 'closed', now);
}

const isAbove = (
  { failureRatePercent, slowRatePercent }: BreakerConfig,
  { calls, failed, slow }: CallCounts,
): boolean => failed * 100 >= failureRatePercent * calls || slow * 100 >= slowRatePercent * calls;

/** State and rates at `now`; while open, those with which it opened. */
export function viewBreaker(breaker: Breaker, now: VirtualTime): BreakerView {
  const { state, minimum, until } = breaker;
  const { calls, failed, slow } = state === 'open' ? breaker.knew : countsAt(breaker.window, now);
  const rate = (part: number): number => (calls === 0 || calls < minimum ? -1 : Math.floor((part * 1000) / calls));
  return { state, failureRate: rate(failed), slowRate: rate(slow), calls, until: state === 'open' ? until : null };
}

/** True when the breaker takes no notice of this failure: its code is listed, or begins as a listed one that ends with `*`. */
export const isIgnored = ({ ignore = [] }: BreakerConfig, code: string): boolean =>
  ignore.some((one) => one === code || (one.endsWith('*') && code.startsWith(one.slice(0, -1))));
