import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Etcd, LESSOR_INTERVAL_US } from './etcd.ts';
import { ZooKeeper } from './zookeeper.ts';

const S = 1_000_000;
const one = (ttlUs: number) => ({ service: 'user', instance: 'user#0', address: '10.0.0.0:80', ttlUs });

describe('SR6 etcd leases', () => {
  it('a TTL of 1 s becomes 2 s; the key goes with its lease, by the first look of the lessor after it', () => {
    const registry = new Etcd(0);
    expect(registry.register(one(S), 0)).toMatchObject([{ expiresAt: 2 * S }]);
    expect(registry.nextDue()).toBe(2 * S);
    registry.register(one(2 * S), 284_000);
    expect(registry.nextDue()).toBe(2_500_000);
    expect(registry.expire(2_499_999)).toEqual([]);
    expect(registry.discover('user').addresses).toHaveLength(1);
    expect(registry.expire(2_500_000)).toMatchObject([{ status: 'gone' }]);
    expect([registry.discover('user').addresses, registry.nextDue()]).toEqual([[], null]);
  });

  it('keepalives change no revision, every put and revoke changes one', () => {
    const registry = new Etcd(0);
    expect(registry.discover('user').index).toBe(1);
    registry.register(one(10 * S), 0);
    expect(registry.renew('user', 'user#0', 5 * S)).toMatchObject({ known: true, changes: [{ expiresAt: 15 * S }] });
    expect(registry.discover('user').index).toBe(2);
    expect(registry.deregister('user', 'user#0')).toMatchObject([{ status: 'gone' }]);
    expect(registry.discover('user').index).toBe(3);
    expect(registry.renew('user', 'user#0', 6 * S).known).toBe(false);
  });

  it('lives while keepalives come within the TTL, and ends within half a second after it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 6 * S }), { maxLength: 20 }), (gaps) => {
        const registry = new Etcd(0);
        let now = 0;
        let end = 4 * S;
        registry.register(one(4 * S), 0);
        for (const gap of gaps) {
          now += gap;
          for (let due = registry.nextDue(); due !== null && due <= now; due = registry.nextDue()) {
            expect(due).toBeGreaterThanOrEqual(end);
            expect(due).toBeLessThan(end + LESSOR_INTERVAL_US);
            registry.expire(due);
          }
          if (!registry.renew('user', 'user#0', now).known) registry.register(one(4 * S), now);
          end = now + 4 * S;
        }
      }),
    );
  });
});

describe('SR7 ZooKeeper sessions', () => {
  it('negotiate between 2 and 20 ticks', () => {
    const ends = [S, 10 * S, 100 * S].map((ttlUs) => new ZooKeeper(2 * S).register(one(ttlUs), 0)[0]?.expiresAt);
    expect(ends).toEqual([6 * S, 12 * S, 42 * S]);
  });

  it('an ephemeral node lives exactly as long as its session: a silence shorter than the timeout is survived', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * S }), fc.integer({ min: 1, max: 30 * S }), (at, silence) => {
        const registry = new ZooKeeper(2 * S);
        const timeout = 10 * S;
        registry.register(one(timeout), at);
        const due = registry.nextDue() ?? 0;
        expect(due).toBeGreaterThan(at + timeout);
        expect(due).toBeLessThanOrEqual(at + timeout + 2 * S);
        const now = at + silence;
        for (let t = registry.nextDue(); t !== null && t <= now; t = registry.nextDue()) registry.expire(t);
        const { known } = registry.renew('user', 'user#0', now);
        expect(known).toBe(now < due);
        expect(registry.discover('user').addresses).toHaveLength(known ? 1 : 0);
      }),
    );
  });

  it('closing the session removes the node at once; an expired session does not come back', () => {
    const registry = new ZooKeeper(2 * S);
    registry.register(one(4 * S), 0);
    expect(registry.deregister('user', 'user#0')).toMatchObject([{ status: 'gone' }]);
    expect(registry.renew('user', 'user#0', 1).known).toBe(false);
    expect(registry.entries()).toEqual([]);
  });
});
