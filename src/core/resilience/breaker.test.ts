import { describe, expect, test } from 'vitest';
import type { Breaker as BreakerConfig } from '../topology/schema/types.ts';
import { BREAKER_PRESETS, HYSTRIX_COMMAND } from './breaker-presets.ts';
import {
  admit,
  createBreaker,
  elapse,
  settle,
  viewBreaker,
  type Breaker,
  type CallVerdict,
  type Permit,
} from './breaker.ts';

const MS = 1000;
const SECOND = 1_000_000;
const config = (change: Partial<BreakerConfig> = {}): BreakerConfig => ({
  window: 'count',
  windowSize: 10,
  minimumCalls: 5,
  failureRatePercent: 50,
  slowRatePercent: 100,
  slowCallMs: 100,
  openMs: 1000,
  halfOpenPermits: 3,
  ...change,
});
function permit(breaker: Breaker, now: number): Permit {
  const admission = admit(breaker, now);
  if (!admission.admitted) throw new Error(`refused while ${admission.state}`);
  return admission.permit;
}
/** Whole calls, one after the other, each `tookUs` long. */
function calls(breaker: Breaker, now: number, verdicts: readonly CallVerdict[], tookUs = 0): void {
  for (const verdict of verdicts) settle(breaker, permit(breaker, now - tookUs), verdict, now);
}
const of = (n: number, verdict: CallVerdict): CallVerdict[] => Array<CallVerdict>(n).fill(verdict);
const opened = (change: Partial<BreakerConfig> = {}): Breaker => {
  const breaker = createBreaker(config(change));
  calls(breaker, 0, of(breaker.minimum, 'failure'));
  expect(breaker.state).toBe('open');
  return breaker;
};

describe('RS1 closed', () => {
  test('the defaults of resilience4j', () => {
    expect(BREAKER_PRESETS.resilience4j).toEqual({
      preset: 'resilience4j',
      window: 'count',
      windowSize: 100,
      minimumCalls: 100,
      failureRatePercent: 50,
      slowRatePercent: 100,
      slowCallMs: 60_000,
      openMs: 60_000,
      halfOpenPermits: 10,
    });
  });

  test('rates are -1 and nothing opens below the minimum of calls', () => {
    const breaker = createBreaker(config());
    calls(breaker, 0, of(4, 'failure'));
    expect(viewBreaker(breaker, 0)).toEqual({ state: 'closed', failureRate: -1, slowRate: -1, calls: 4, until: null });
    calls(breaker, 0, ['failure']);
    expect(viewBreaker(breaker, 0)).toEqual({
      state: 'open',
      failureRate: 1000,
      slowRate: 0,
      calls: 5,
      until: 1000 * MS,
    });
  });

  test('opens at exactly the threshold, not a call below it', () => {
    const below = createBreaker(config({ minimumCalls: 10 }));
    calls(below, 0, [...of(4, 'failure'), ...of(6, 'success')]);
    expect(viewBreaker(below, 0)).toMatchObject({ state: 'closed', failureRate: 400 });
    const at = createBreaker(config({ minimumCalls: 10 }));
    calls(at, 0, [...of(5, 'success'), ...of(5, 'failure')]);
    expect(viewBreaker(at, 0)).toMatchObject({ state: 'open', failureRate: 500 });
  });

  test('slow is strictly longer than the limit, for successes too', () => {
    const at = createBreaker(config());
    calls(at, SECOND, of(5, 'success'), 100 * MS);
    expect(viewBreaker(at, SECOND)).toMatchObject({ state: 'closed', slowRate: 0 });
    const above = createBreaker(config());
    calls(above, SECOND, of(5, 'success'), 100 * MS + 1);
    expect(viewBreaker(above, SECOND)).toMatchObject({ state: 'open', slowRate: 1000, failureRate: 0 });
  });

  test('a window of calls forgets the oldest; a larger minimum than the window counts as the window', () => {
    const breaker = createBreaker(config({ windowSize: 4, minimumCalls: 100, failureRatePercent: 75 }));
    calls(breaker, 0, ['failure', 'failure', 'success', 'success', 'success', 'success']);
    expect(viewBreaker(breaker, 0)).toMatchObject({ state: 'closed', failureRate: 0, calls: 4 });
    calls(breaker, 0, ['failure', 'failure', 'failure']);
    expect(viewBreaker(breaker, 0)).toMatchObject({ state: 'open', failureRate: 750 });
  });

  test('a window of time holds the current second and the size - 1 before it', () => {
    const breaker = createBreaker(config({ window: 'time', windowSize: 3, minimumCalls: 3 }));
    calls(breaker, 0.9 * SECOND, ['failure', 'failure']);
    expect(viewBreaker(breaker, 3 * SECOND - 1).calls).toBe(2);
    expect(viewBreaker(breaker, 3 * SECOND).calls).toBe(0);
    calls(breaker, 3 * SECOND, ['failure', 'failure']);
    expect(breaker.state).toBe('closed');
    calls(breaker, 6 * SECOND, ['success']);
    expect(viewBreaker(breaker, 6 * SECOND)).toMatchObject({ state: 'closed', failureRate: -1, calls: 1 });
  });

  test('ignored calls leave no trace', () => {
    const breaker = createBreaker(config());
    calls(breaker, 0, of(50, 'ignored'));
    expect(viewBreaker(breaker, 0)).toMatchObject({ state: 'closed', calls: 0 });
  });
});

describe('RS2 open and half-open', () => {
  test('open refuses until its time, then the next call turns it half-open, lazily', () => {
    const breaker = opened();
    expect(admit(breaker, 1000 * MS - 1)).toEqual({ admitted: false, state: 'open' });
    expect(viewBreaker(breaker, 5000 * MS).state).toBe('open');
    permit(breaker, 5000 * MS);
    expect(viewBreaker(breaker, 5000 * MS)).toEqual({
      state: 'half-open',
      failureRate: -1,
      slowRate: -1,
      calls: 0,
      until: null,
    });
  });

  test('a timer turns an automatic one half-open at its time, not before', () => {
    const breaker = opened({ automatic: true });
    expect([elapse(breaker, 1000 * MS - 1), breaker.state]).toEqual([false, 'open']);
    expect([elapse(breaker, 1000 * MS), breaker.state]).toEqual([true, 'half-open']);
    expect(elapse(breaker, 2000 * MS)).toBe(false);
  });

  test('the (k+1)th probe is refused, also after results that do not decide', () => {
    const breaker = opened();
    const probes = [1, 2, 3].map(() => permit(breaker, 1000 * MS));
    expect(admit(breaker, 1000 * MS)).toEqual({ admitted: false, state: 'half-open' });
    settle(breaker, probes[0]!, 'success', 1001 * MS);
    settle(breaker, probes[1]!, 'success', 1001 * MS);
    expect(admit(breaker, 1001 * MS)).toEqual({ admitted: false, state: 'half-open' });
    settle(breaker, probes[2]!, 'success', 1001 * MS);
    expect(breaker.state).toBe('closed');
  });

  test('a small minimum decides before all probes are back; the rest come late and count for nothing', () => {
    const breaker = opened({ minimumCalls: 2, halfOpenPermits: 3, failureRatePercent: 60 });
    const probes = [1, 2, 3].map(() => permit(breaker, 1000 * MS));
    settle(breaker, probes[0]!, 'success', 1001 * MS);
    expect(breaker.state).toBe('half-open');
    settle(breaker, probes[1]!, 'failure', 1001 * MS);
    expect(breaker.state).toBe('closed');
    settle(breaker, probes[2]!, 'failure', 1002 * MS);
    expect(viewBreaker(breaker, 1002 * MS)).toMatchObject({ state: 'closed', calls: 0 });
  });

  test('failed probes open it anew for the whole time', () => {
    const breaker = opened();
    const probes = [1, 2, 3].map(() => permit(breaker, 1500 * MS));
    for (const probe of probes) settle(breaker, probe, 'failure', 1600 * MS);
    expect(viewBreaker(breaker, 1600 * MS)).toMatchObject({ state: 'open', until: 2600 * MS });
  });

  test('an ignored error gives the permit back', () => {
    const breaker = opened({ halfOpenPermits: 1 });
    settle(breaker, permit(breaker, 1000 * MS), 'ignored', 1001 * MS);
    settle(breaker, permit(breaker, 1001 * MS), 'success', 1002 * MS);
    expect(breaker.state).toBe('closed');
  });

  test('results of calls from before never count, and a permit is settled once', () => {
    const breaker = createBreaker(config());
    const old = [1, 2, 3, 4].map(() => permit(breaker, 0));
    calls(breaker, 0, of(5, 'failure'));
    permit(breaker, 1000 * MS);
    for (const late of old) settle(breaker, late, 'ignored', 1001 * MS);
    for (const late of old) settle(breaker, late, 'success', 1001 * MS);
    expect(viewBreaker(breaker, 1001 * MS)).toMatchObject({ state: 'half-open', calls: 0 });
    expect(breaker.permits).toBe(2);
  });
});

describe('RS3 other presets', () => {
  test('Polly: a tenth of 100 calls within 30 s opens for 5 s, one probe decides', () => {
    const breaker = createBreaker(BREAKER_PRESETS.polly);
    calls(breaker, 29 * SECOND, [...of(10, 'failure'), ...of(89, 'success')]);
    expect(breaker.state).toBe('closed');
    calls(breaker, 29 * SECOND, ['success']);
    expect(viewBreaker(breaker, 29 * SECOND)).toMatchObject({ state: 'open', until: 34 * SECOND });
    const probe = permit(breaker, 34 * SECOND);
    expect(admit(breaker, 34 * SECOND).admitted).toBe(false);
    settle(breaker, probe, 'success', 34 * SECOND);
    expect(breaker.state).toBe('closed');
  });

  test('Hystrix: half of 20 requests within 10 s opens, after 5 s of sleep one probe', () => {
    expect(HYSTRIX_COMMAND).toEqual({ timeoutMs: 1000, bulkhead: { maxConcurrent: 10, maxQueued: 0 } });
    const breaker = createBreaker(BREAKER_PRESETS.hystrix);
    calls(breaker, 0, of(10, 'success'));
    calls(breaker, 9 * SECOND, of(9, 'failure'));
    expect(breaker.state).toBe('closed');
    calls(breaker, 9 * SECOND, ['failure']);
    expect(viewBreaker(breaker, 9 * SECOND)).toMatchObject({ state: 'open', until: 14 * SECOND });
    settle(breaker, permit(breaker, 14 * SECOND), 'failure', 14 * SECOND + 1);
    expect(viewBreaker(breaker, 14 * SECOND + 1)).toMatchObject({ state: 'open', until: 19 * SECOND + 1 });
  });
});
