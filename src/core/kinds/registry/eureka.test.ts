import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../../base/random.ts';
import { Eureka, type EurekaSettings } from './eureka.ts';

const S = 1_000_000;
const DEFAULTS: EurekaSettings = {
  startedAt: 0,
  evictionIntervalUs: 60 * S,
  responseCacheUs: 30 * S,
  renewalIntervalUs: 30 * S,
  renewalThreshold: 0.85,
};
const LEASE = 90 * S;
const eureka = (change: Partial<EurekaSettings> = {}): Eureka => new Eureka({ ...DEFAULTS, ...change });
const app = (ordinal: number) => ({
  service: 'user',
  instance: `user#${ordinal}`,
  address: `10.0.0.${ordinal}:80`,
  ttlUs: LEASE,
});
const first = (): number => 0;
/** Renews all but `dead` every 30 s and sweeps when due, up to `until`; gives when each instance went. */
function live(registry: Eureka, count: number, dead: ReadonlyMap<number, number>, until: number): Map<string, number> {
  const ended = new Map<string, number>();
  for (let now = 0; now <= until; now += S) {
    if (now % (30 * S) === 0 && now > 0)
      for (let n = 0; n < count; n++) if (now < (dead.get(n) ?? Infinity)) registry.renew('user', `user#${n}`, now);
    const due = registry.nextDue();
    if (due !== null && due <= now) for (const { instance } of registry.expire(now, first)) ended.set(instance, now);
  }
  return ended;
}

describe('SR4 Eureka leases', () => {
  it('last 90 s after registration, but 180 s after a renewal: renew() adds the duration to now', () => {
    const registry = eureka({ renewalThreshold: 0 });
    registry.register(app(0), 0);
    expect(registry.entries()[0]?.expiresAt).toBe(90 * S);
    registry.renew('user', 'user#0', 30 * S);
    expect(registry.entries()[0]?.expiresAt).toBe(210 * S);
  });

  it('an expired one stays UP until the next sweep of 60 s', () => {
    const registry = eureka({ renewalThreshold: 0 });
    registry.register(app(0), 10 * S);
    expect(registry.nextDue()).toBe(120 * S);
    expect(registry.expire(119 * S, first)).toEqual([]);
    expect(registry.discover('user', 119 * S).addresses).toHaveLength(1);
    expect(registry.expire(120 * S, first)).toMatchObject([{ status: 'gone', instance: 'user#0' }]);
  });

  it('a crash is gone from the registry within 180 + 60 s, and from a client that fetches every 30 s within 300 s', () => {
    const worst = Math.max(
      ...Array.from({ length: 60 }, (_, second) => {
        const crash = 120 * S + second * S;
        const registry = eureka({ renewalThreshold: 0 });
        registry.register(app(0), 0);
        registry.register(app(1), 0);
        const went = live(registry, 2, new Map([[1, crash]]), 600 * S).get('user#1') ?? Infinity;
        return went - crash;
      }),
    );
    expect(worst).toBeGreaterThan(180 * S);
    expect(worst).toBeLessThanOrEqual(240 * S);
    expect(worst + DEFAULTS.responseCacheUs + 30 * S).toBeLessThanOrEqual(300 * S);
  });

  it('a cancel is immediate at the server; answers are as old as the last tick of the response cache', () => {
    const registry = eureka();
    registry.register(app(0), 0);
    expect(registry.discover('user', 1).addresses).toHaveLength(1);
    registry.register(app(1), 2);
    registry.deregister('user', 'user#0', 3);
    expect(registry.entries().map(({ instance }) => instance)).toEqual(['user#1']);
    expect(registry.discover('user', 30 * S - 1).addresses.map(({ instance }) => instance)).toEqual(['user#0']);
    expect(registry.discover('user', 30 * S).addresses.map(({ instance }) => instance)).toEqual(['user#1']);
  });

  it('tells a client that it does not know to register again', () => {
    const registry = eureka();
    expect(registry.renew('user', 'user#0', 0)).toEqual({ known: false, changes: [] });
    registry.register(app(0), 0);
    expect(registry.renew('other', 'user#0', 1).known).toBe(false);
    expect(registry.renew('user', 'user#0', 1).known).toBe(true);
  });
});

describe('SR5 self-preservation', () => {
  it('evicts nothing while renewals of the last minute are not above 85 % of what is expected', () => {
    const registry = eureka();
    for (let n = 0; n < 10; n++) registry.register(app(n), 0);
    // Eleven are expected (one more than registered, as Spring Cloud does): 18.7 renewals a minute, so 18 do not suffice.
    const half = new Map(Array.from({ length: 3 }, (_, n) => [n, 100 * S]));
    expect(live(registry, 10, half, 900 * S).size).toBe(0);
    expect(registry.mayEvict()).toBe(false);
    expect(registry.discover('user', 900 * S).addresses).toHaveLength(10);
    const off = eureka({ renewalThreshold: 0 });
    for (let n = 0; n < 10; n++) off.register(app(n), 0);
    expect(live(off, 10, half, 900 * S).size).toBe(3);
  });

  it('one sweep evicts at most 15 % of the registry, whichever by chance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 1000 }), (count, seed) => {
        const registry = eureka({ renewalThreshold: 0 });
        for (let n = 0; n < count; n++) registry.register(app(n), 0);
        const draw = (n: number): number => random(seed, 'evict', n);
        let left = count;
        for (let now = 120 * S; left > 0; now += 60 * S) {
          const went = registry.expire(now, draw).length;
          expect(went).toBe(left - Math.floor(left * 0.85));
          left -= went;
        }
      }),
    );
  });

  it('any of those that expired may be the one that a sweep takes', () => {
    const taken = new Map<string, number>();
    for (let seed = 0; seed < 400; seed++) {
      const registry = eureka({ renewalThreshold: 0 });
      for (let n = 0; n < 5; n++) registry.register(app(n), 0);
      const [went, ...more] = registry.expire(120 * S, (n) => random(seed, 'evict', n));
      expect(more).toEqual([]);
      taken.set(went?.instance ?? '', (taken.get(went?.instance ?? '') ?? 0) + 1);
    }
    expect(taken.size).toBe(5);
    for (const count of taken.values()) expect(Math.abs(count - 80)).toBeLessThan(40);
  });
});
