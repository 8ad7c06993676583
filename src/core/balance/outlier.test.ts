import { describe, expect, it } from 'vitest';
import type { OutlierDetection } from '../topology/schema/types.ts';
import { isPanic, OutlierDetector } from './outlier.ts';
import { Places } from './places.ts';
import {
  LoadBalancing,
  OutlierDetection as OutlierSchema,
  Resolve,
  UpstreamLimits,
} from '../topology/schema/policy-schema.ts';
import { BALANCERS, OUTLIER_DEFAULTS, resolutions, UPSTREAM_DEFAULTS } from './presets.ts';

const policy: OutlierDetection = { ...OUTLIER_DEFAULTS, maxEjectionPercent: 50 };
const s = 1_000_000;
/** So many failures in a row; the time of return when the last one ejects. */
function fail(detector: OutlierDetector, id: string, now: number, count = 5, total = 4): number | null {
  let until: number | null = null;
  for (let n = 0; n < count; n++) until = detector.report(policy, { id, failed: true }, total, now);
  return until;
}

describe('outlier detection (GW12)', () => {
  it('ejects at the fifth failure in a row, not before, and a success begins anew', () => {
    const detector = new OutlierDetector(0);
    expect(fail(detector, 'a', 1, 4)).toBe(null);
    expect(detector.report(policy, { id: 'a', failed: false }, 4, 1)).toBe(null);
    expect(fail(detector, 'a', 1, 4)).toBe(null);
    expect(detector.isEjected('a')).toBe(false);
    expect(fail(detector, 'a', 1, 1)).toBe(40 * s);
    expect(detector.isEjected('a')).toBe(true);
  });

  it('returns at the first sweep at or after base * times, up to the cap; a sweep in use takes one time off', () => {
    const detector = new OutlierDetector(0);
    let now = 0;
    for (let times = 1; times <= 12; times++) {
      const until = fail(detector, 'a', now);
      expect(until).toBe(now + Math.min(30 * times, 300) * s);
      expect(detector.sweep(until! - 1)).toEqual([]);
      expect(detector.sweep(until!)).toEqual(['a']);
      now = until!;
    }
    // Twelve sweeps in use: as if it had never failed; then there is nothing left to sweep.
    for (let n = 1; n <= 12; n++) {
      expect(detector.nextSweep(policy, now)).toBe(now + 10 * s);
      now += 10 * s;
      detector.sweep(now);
    }
    expect(detector.nextSweep(policy, now)).toBe(null);
    expect(fail(detector, 'a', now)).toBe(now + 30 * s);
  });

  it('never ejects more than the share, but always one', () => {
    const detector = new OutlierDetector(0);
    expect(fail(detector, 'a', 0)).not.toBe(null);
    expect(fail(detector, 'b', 0)).not.toBe(null);
    expect(fail(detector, 'c', 0)).toBe(null);
    expect(detector.sweep(60 * s)).toEqual(['a', 'b']);
    const strict = new OutlierDetector(0);
    const none = { ...policy, maxEjectionPercent: 0, consecutive5xx: 1 };
    expect(strict.report(none, { id: 'a', failed: true }, 1, 0)).not.toBe(null);
    expect(strict.report(none, { id: 'b', failed: true }, 9, 0)).toBe(null);
  });

  it('forgets who is gone', () => {
    const detector = new OutlierDetector(0);
    fail(detector, 'a', 0);
    expect(detector.forget((id) => id === 'b')).toEqual([]);
    expect(detector.forget(() => true)).toEqual(['a']);
    expect(detector.isEjected('a')).toBe(false);
    expect(detector.nextSweep(policy, 0)).toBe(null);
  });

  it('panics below the threshold; never at 0 or without instances', () => {
    expect([4, 3, 2, 1, 0].map((available) => isPanic(50, available, 4))).toEqual([false, false, false, true, true]);
    expect(isPanic(0, 0, 4)).toBe(false);
    expect(isPanic(50, 0, 0)).toBe(false);
  });
});

describe('limits towards an upstream (GW13)', () => {
  const limits = { maxRequests: 2, maxPending: 1, maxRetries: 1 };

  it('lets so many go, so many wait, and refuses the rest at once', () => {
    const places = new Places();
    expect([1, 2, 3, 4, 5].map((call) => places.enter(limits, call, false))).toEqual([
      'go',
      'go',
      'wait',
      'overflow',
      'overflow',
    ]);
    expect([places.active, places.queued, places.refused]).toEqual([2, 1, 2]);
    expect(places.leave(4)).toBe(false);
    expect(places.leave(1)).toBe(true);
    expect(places.promote(limits)).toEqual([3]);
    expect([places.active, places.queued]).toEqual([2, 0]);
  });

  it('never holds more than the limits, whatever comes and goes', () => {
    const places = new Places();
    for (let call = 0; call < 300; call++) {
      places.enter(limits, call, call % 5 === 0);
      if (call % 2 === 0) places.leave(call - 7);
      places.promote(limits);
      expect(places.active).toBeLessThanOrEqual(2);
      expect(places.queued).toBeLessThanOrEqual(1);
    }
  });

  it('counts retries on their own, and gives up a waiting call', () => {
    const places = new Places();
    expect(places.enter(limits, 1, true)).toBe('go');
    expect(places.enter(limits, 2, true)).toBe('overflow');
    expect(places.enter(limits, 3, false)).toBe('go');
    expect(places.enter(limits, 4, false)).toBe('wait');
    expect(places.leave(4)).toBe(true);
    expect(places.promote(limits)).toEqual([]);
    expect(places.enter(null, 5, true)).toBe('go');
  });
});

describe('presets', () => {
  it("are Envoy's numbers, name every way once, and have the document's shape", () => {
    expect(OUTLIER_DEFAULTS).toMatchObject({ consecutive5xx: 5, intervalMs: 10_000, panicPercent: 50 });
    expect(UPSTREAM_DEFAULTS).toEqual({ maxRequests: 1024, maxPending: 1024, maxRetries: 3 });
    const ways = resolutions(['192.168.1.5:8001']);
    expect(BALANCERS.map((one) => one.kind)).toEqual(LoadBalancing.options.map((one) => one.shape.kind.value));
    expect(ways.map((one) => one.by)).toEqual(Resolve.options.map((one) => one.shape.by.value));
    for (const one of BALANCERS) expect(LoadBalancing.parse(one)).toEqual(one);
    for (const one of ways) expect(Resolve.parse(one)).toEqual(one);
    expect(OutlierSchema.parse(OUTLIER_DEFAULTS)).toEqual(OUTLIER_DEFAULTS);
    expect(UpstreamLimits.parse(UPSTREAM_DEFAULTS)).toEqual(UPSTREAM_DEFAULTS);
  });
});
