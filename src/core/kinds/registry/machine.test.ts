import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRegistry,
  deregister,
  discover,
  expire,
  heartbeat,
  nextDue,
  REAP_AFTER_US,
  REAP_INTERVAL_US,
  register,
} from './machine.ts';

const TTL = 10_000_000;
const order = (ordinal: number) => ({
  service: 'order',
  instance: `order#${ordinal}`,
  address: `10.0.0.${ordinal}:80`,
  ttlUs: TTL,
});

describe('SR1 registration', () => {
  it('registers and deregisters idempotently by id', () => {
    const registry = createRegistry(0);
    const passing = { service: 'order', instance: 'order#0', address: '10.0.0.0:80', status: 'passing' };
    expect(register(registry, order(0), 5)).toEqual([{ ...passing, expiresAt: 5 + TTL }]);
    expect(register(registry, { ...order(0), address: 'x' }, 7)).toEqual([
      { ...passing, address: 'x', expiresAt: 7 + TTL },
    ]);
    expect(discover(registry, 'order')).toEqual([{ instance: 'order#0', address: 'x' }]);
    expect(deregister(registry, 'order', 'order#0')).toMatchObject([{ status: 'gone', expiresAt: null }]);
    expect(deregister(registry, 'order', 'order#0')).toEqual([]);
    expect([discover(registry, 'order'), nextDue(registry)]).toEqual([[], null]);
  });

  it('gives passing instances only, sorted by id, and none for an unknown name', () => {
    const registry = createRegistry(0);
    for (const ordinal of [2, 0, 1]) register(registry, order(ordinal), ordinal);
    register(registry, { ...order(0), service: 'user', instance: 'user#0' }, 0);
    expire(registry, 1 + TTL);
    expect(discover(registry, 'order').map(({ instance }) => instance)).toEqual(['order#2']);
    expect(discover(registry, 'orders')).toEqual([]);
  });

  it('moves an id that registers under another name', () => {
    const registry = createRegistry(0);
    register(registry, order(0), 0);
    expect(
      register(registry, { ...order(0), service: 'orders-v2' }, 1).map(({ service, status }) => [service, status]),
    ).toEqual([
      ['order', 'gone'],
      ['orders-v2', 'passing'],
    ]);
    expect(discover(registry, 'order')).toEqual([]);
  });
});

describe('SR2 TTL', () => {
  it('is critical at the TTL and not before; a heartbeat brings it back', () => {
    const registry = createRegistry(0);
    register(registry, order(0), 0);
    expect(expire(registry, TTL - 1)).toEqual([]);
    expect(discover(registry, 'order')).toHaveLength(1);
    expect(nextDue(registry)).toBe(TTL);
    expect(expire(registry, TTL)).toMatchObject([{ status: 'critical', expiresAt: null }]);
    expect(discover(registry, 'order')).toEqual([]);
    expect(heartbeat(registry, 'order', 'order#0', TTL + 5)).toMatchObject([
      { status: 'passing', expiresAt: 2 * TTL + 5 },
    ]);
    expect(discover(registry, 'order')).toHaveLength(1);
  });

  it('knows nothing of an id that never registered, or under another name', () => {
    const registry = createRegistry(0);
    expect(heartbeat(registry, 'order', 'order#0', 0)).toEqual([]);
    register(registry, order(0), 0);
    expect(heartbeat(registry, 'user', 'order#0', 5)).toEqual([]);
    expect(nextDue(registry)).toBe(TTL);
  });

  it('removes a critical instance by the first look of the reaper after a minute: in [60 s, 90 s)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2_000_000, max: 0 }),
        fc.integer({ min: 0, max: 200_000_000 }),
        (startedAt, at) => {
          const registry = createRegistry(startedAt);
          register(registry, order(0), at);
          const critical = at + TTL;
          expect(expire(registry, critical)).toHaveLength(1);
          const due = nextDue(registry) ?? 0;
          expect(due).toBeGreaterThanOrEqual(critical + REAP_AFTER_US);
          expect(due).toBeLessThan(critical + REAP_AFTER_US + REAP_INTERVAL_US);
          expect((due - startedAt) % REAP_INTERVAL_US).toBe(0);
          expect(expire(registry, due - 1)).toEqual([]);
          expect(expire(registry, due)).toMatchObject([{ status: 'gone' }]);
          expect(nextDue(registry)).toBe(null);
        },
      ),
    );
  });

  it('keeps an instance exactly as long as its heartbeats come within the TTL, whatever their rhythm', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 * TTL }), { maxLength: 20 }), (gaps) => {
        const registry = createRegistry(0);
        register(registry, order(0), 0);
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          for (let due = nextDue(registry); due !== null && due <= now; due = nextDue(registry)) expire(registry, due);
          expect(discover(registry, 'order')).toHaveLength(gap < TTL ? 1 : 0);
          heartbeat(registry, 'order', 'order#0', now);
        }
      }),
    );
  });
});
