import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Consul, REAP_AFTER_US, REAP_INTERVAL_US, statusOfCheck } from './consul.ts';

const TTL = 10_000_000;
const consul = (startedAt: number, check: 'ttl' | 'http' = 'ttl'): Consul =>
  new Consul({ startedAt, check, deregisterAfterUs: REAP_AFTER_US });
const order = (ordinal: number) => ({
  service: 'order',
  instance: `order#${ordinal}`,
  address: `10.0.0.${ordinal}:80`,
  ttlUs: TTL,
});

describe('SR1 registration', () => {
  it('registers and deregisters idempotently by id', () => {
    const registry = consul(0);
    const passing = { service: 'order', instance: 'order#0', address: '10.0.0.0:80', status: 'passing' };
    expect(registry.register(order(0), 5)).toEqual([{ ...passing, expiresAt: 5 + TTL }]);
    expect(registry.register({ ...order(0), address: 'x' }, 7)).toEqual([
      { ...passing, address: 'x', expiresAt: 7 + TTL },
    ]);
    expect(registry.discover('order').addresses).toEqual([{ instance: 'order#0', address: 'x' }]);
    expect(registry.deregister('order', 'order#0')).toMatchObject([{ status: 'gone', expiresAt: null }]);
    expect(registry.deregister('order', 'order#0')).toEqual([]);
    expect([registry.discover('order').addresses, registry.nextDue()]).toEqual([[], null]);
  });

  it('gives passing instances only, sorted by id, and none for an unknown name', () => {
    const registry = consul(0);
    for (const ordinal of [2, 0, 1]) registry.register(order(ordinal), ordinal);
    registry.register({ ...order(0), service: 'user', instance: 'user#0' }, 0);
    registry.expire(1 + TTL);
    expect(registry.discover('order').addresses.map(({ instance }) => instance)).toEqual(['order#2']);
    expect(registry.discover('orders').addresses).toEqual([]);
  });

  it('moves an id that registers under another name', () => {
    const registry = consul(0);
    registry.register(order(0), 0);
    expect(
      registry.register({ ...order(0), service: 'orders-v2' }, 1).map(({ service, status }) => [service, status]),
    ).toEqual([
      ['order', 'gone'],
      ['orders-v2', 'passing'],
    ]);
    expect(registry.discover('order').addresses).toEqual([]);
  });
});

describe('SR2 TTL', () => {
  it('is critical at the TTL and not before; a heartbeat brings it back', () => {
    const registry = consul(0);
    registry.register(order(0), 0);
    expect(registry.expire(TTL - 1)).toEqual([]);
    expect(registry.discover('order').addresses).toHaveLength(1);
    expect(registry.nextDue()).toBe(TTL);
    expect(registry.expire(TTL)).toMatchObject([{ status: 'critical', expiresAt: null }]);
    expect(registry.discover('order').addresses).toEqual([]);
    expect(registry.renew('order', 'order#0', TTL + 5).changes).toMatchObject([
      { status: 'passing', expiresAt: 2 * TTL + 5 },
    ]);
    expect(registry.discover('order').addresses).toHaveLength(1);
  });

  it('knows nothing of an id that never registered, or under another name', () => {
    const registry = consul(0);
    expect(registry.renew('order', 'order#0', 0).changes).toEqual([]);
    registry.register(order(0), 0);
    expect(registry.renew('user', 'order#0', 5).changes).toEqual([]);
    expect(registry.nextDue()).toBe(TTL);
  });

  it('removes a critical instance by the first look of the reaper after a minute: in [60 s, 90 s)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2_000_000, max: 0 }),
        fc.integer({ min: 0, max: 200_000_000 }),
        (startedAt, at) => {
          const registry = consul(startedAt);
          registry.register(order(0), at);
          const critical = at + TTL;
          expect(registry.expire(critical)).toHaveLength(1);
          const due = registry.nextDue() ?? 0;
          expect(due).toBeGreaterThanOrEqual(critical + REAP_AFTER_US);
          expect(due).toBeLessThan(critical + REAP_AFTER_US + REAP_INTERVAL_US);
          expect((due - startedAt) % REAP_INTERVAL_US).toBe(0);
          expect(registry.expire(due - 1)).toEqual([]);
          expect(registry.expire(due)).toMatchObject([{ status: 'gone' }]);
          expect(registry.nextDue()).toBe(null);
        },
      ),
    );
  });

  it('keeps an instance exactly as long as its heartbeats come within the TTL, whatever their rhythm', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 * TTL }), { maxLength: 20 }), (gaps) => {
        const registry = consul(0);
        registry.register(order(0), 0);
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          for (let due = registry.nextDue(); due !== null && due <= now; due = registry.nextDue()) registry.expire(due);
          expect(registry.discover('order').addresses).toHaveLength(gap < TTL ? 1 : 0);
          registry.renew('order', 'order#0', now);
        }
      }),
    );
  });
});

describe('SR1 HTTP check', () => {
  it('is critical until the first good answer; 429 is a warning and takes no traffic from callers who ask for passing', () => {
    expect([200, 204, 299, 300, 429, 404, 503].map(statusOfCheck)).toEqual([
      'passing',
      'passing',
      'passing',
      'critical',
      'warning',
      'critical',
      'critical',
    ]);
    const registry = consul(0, 'http');
    expect(registry.register(order(0), 0)).toMatchObject([{ status: 'critical' }]);
    expect(registry.checked('order#0', 'passing', 5)).toMatchObject([{ status: 'passing', expiresAt: null }]);
    expect(registry.checked('order#0', 'passing', 6)).toEqual([]);
    expect(registry.nextDue()).toBe(null);
    expect(registry.discover('order').addresses).toHaveLength(1);
    expect(registry.checked('order#0', 'warning', 7)).toMatchObject([{ status: 'warning' }]);
    expect(registry.discover('order').addresses).toEqual([]);
    expect(registry.register(order(0), 8)).toMatchObject([{ status: 'warning' }]);
    registry.checked('order#0', 'critical', 9);
    expect(registry.expire(2 * REAP_INTERVAL_US + REAP_AFTER_US)).toMatchObject([{ status: 'gone' }]);
  });
});

describe('SR3 index', () => {
  it('grows with every change of an answer and with nothing else', () => {
    const registry = consul(0);
    const seen = (): number => registry.discover('order').index;
    const empty = seen();
    registry.register(order(0), 0);
    const registered = seen();
    registry.renew('order', 'order#0', 5);
    expect([registered > empty, seen() === registered]).toEqual([true, true]);
    registry.expire(5 + TTL);
    const critical = seen();
    registry.deregister('order', 'order#0');
    expect([critical > registered, seen() > critical]).toEqual([true, true]);
  });
});
