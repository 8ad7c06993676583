import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, registryRecord } from '../testing/fixtures.ts';
import { registryActor } from './actor.ts';
import { BlockingQueries } from './blocking-queries.ts';

const S = 1_000_000;

describe('SR3 blocking queries', () => {
  it('without an index, or with an old one, a question is answered at once; with the present one it waits', () => {
    const queries = new BlockingQueries<string>();
    const question = { service: 'order', waitMs: 1000 };
    expect(queries.holds({ ...question, index: 0 }, 'a', 7, 0, 0)).toBe(false);
    expect(queries.holds({ ...question, index: 6 }, 'a', 7, 0, 0)).toBe(false);
    expect(queries.holds({ ...question, index: 7 }, 'a', 7, 0, 0)).toBe(true);
    expect(queries.holds({ ...question, index: 8 }, 'b', 7, 0, 0)).toBe(true);
    expect(queries.changed(() => 8)).toEqual(['a']);
    expect(queries.changed(() => 8)).toEqual([]);
    expect(queries.changed(() => 9)).toEqual(['b']);
    expect(queries.size).toBe(0);
  });

  it('a wait is 5 min if nothing is said, 10 min at most, and up to a sixteenth longer by chance', () => {
    const until = (waitMs: number | undefined, chance: number): number | null => {
      const queries = new BlockingQueries<string>();
      queries.holds({ service: 'order', index: 1, ...(waitMs === undefined ? {} : { waitMs }) }, 'a', 1, 0, chance);
      return queries.nextDue();
    };
    expect([until(undefined, 0), until(3_600_000, 0), until(16_000, 0)]).toEqual([300 * S, 600 * S, 16 * S]);
    expect([until(16_000, 0.5), until(16_000, 0.999_999_9)]).toEqual([16.5 * S, 17 * S]);
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 900_000 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (ms, u) => {
          const waitUs = Math.min(600 * S, ms * 1000);
          expect(until(ms, u)).toBeGreaterThanOrEqual(waitUs);
          expect(until(ms, u)).toBeLessThanOrEqual(Math.ceil(waitUs * (17 / 16)));
        },
      ),
    );
  });

  it('every question is answered once: by the first later index, or at the end of its wait, whichever is first', () => {
    const step = fc.record({ gap: fc.integer({ min: 1, max: 2 * S }), index: fc.boolean(), ask: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queries = new BlockingQueries<{ index: number; until: number; id: number }>();
        const open = new Set<number>();
        let [now, index] = [0, 1];
        const end = (asked: { id: number }): void => expect(open.delete(asked.id)).toBe(true);
        steps.forEach(({ gap, index: grows, ask }, id) => {
          now += gap;
          for (const asked of queries.expire(now)) {
            expect(asked.until).toBeLessThanOrEqual(now);
            end(asked);
          }
          expect(queries.nextDue() ?? Infinity).toBeGreaterThan(now);
          if (grows) index += 1;
          for (const asked of queries.changed(() => index)) end(asked);
          if (grows) expect(open.size).toBe(0);
          if (!ask) return;
          open.add(id);
          queries.holds({ service: 'order', index, waitMs: 1000 }, { index, until: now + S, id }, index, now, 0);
        });
        expect(queries.size).toBe(open.size);
      }),
    );
  });
});

describe('SR3 a Consul that is asked', () => {
  const setup = (): {
    port: FakePort;
    ask: (index: number, from?: string, waitMs?: number) => void;
    told: () => unknown[];
  } => {
    const port = createFakePort(initOf('consul', registryRecord('consul', 1000)));
    port.attach(registryActor);
    port.deliver({ type: 'start' });
    port.advance(1000);
    const ask = (index: number, from = 'gw#0', waitMs = 2000): void =>
      void port.message(
        { kind: 'registry.discover', service: 'order', index, waitMs },
        { from, link: 'disc', operation: 'discover' },
      );
    const told = (): unknown[] =>
      port
        .sentOf('registry.result')
        .map(({ to, t, payload }) => [
          to,
          Math.floor(t / S),
          payload.index,
          payload.addresses.map(({ instance }) => instance).join(),
        ]);
    return { port, ask, told };
  };
  const register = (port: FakePort, instance: string, service = 'order'): void =>
    void port.message(
      { kind: 'registry.register', service, address: '10.0.0.1:80', ttlMs: 60_000 },
      { from: instance, link: 'l', operation: 'register' },
    );

  it('answers with the index, at least 1, and keeps the next question until something joins', () => {
    const { port, ask, told } = setup();
    ask(0);
    ask(1);
    expect(told()).toEqual([['gw#0', 0, 1, '']]);
    port.advance(S);
    register(port, 'order#0');
    expect(told()[1]).toEqual(['gw#0', 1, 2, 'order#0']);
    ask(2);
    register(port, 'user#0', 'user');
    port.message({ kind: 'registry.heartbeat', service: 'order' }, { from: 'order#0', link: 'l', operation: 'beat' });
    expect(told()).toHaveLength(2);
    register(port, 'order#1');
    expect(told()[2]).toEqual(['gw#0', 1, 4, 'order#0,order#1']);
  });

  it('answers unchanged when the wait is over, not to a caller whose connection is gone, and not twice', () => {
    const { port, ask, told } = setup();
    register(port, 'order#0');
    ask(2, 'gw#0');
    ask(2, 'gone#0');
    port.deliver({ type: 'peer.down', instance: 'gone#0', reason: 'killed' });
    port.advance(1.9 * S);
    expect(told()).toEqual([]);
    port.advance(0.3 * S);
    expect(told()).toEqual([['gw#0', 2, 2, 'order#0']]);
    register(port, 'order#1');
    expect(told()).toHaveLength(1);
  });

  it('another server in the same place answers those who wait, with an index that went back', () => {
    const { port, ask, told } = setup();
    register(port, 'order#0');
    register(port, 'order#1');
    ask(3);
    const record = registryRecord('consul', 1000);
    if (record.kind === 'registry') record.config = { ...record.config, ttlMs: 77_000 };
    port.reconfigure(record, []);
    expect(told()).toEqual([['gw#0', 0, 1, '']]);
  });
});
