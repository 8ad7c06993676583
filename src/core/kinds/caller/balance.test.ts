import { describe, expect, it } from 'vitest';
import { OUTLIER_DEFAULTS } from '../../balance/presets.ts';
import type { Peer } from '../../fabric/protocol.ts';
import type { Resolve } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { addressOf, initOf, peerOf, registryRecord, serviceRecord } from '../testing/fixtures.ts';
import { createCaller, type CallOptions, type CallResult, type HttpCaller } from './http-caller.ts';
import type { BalancePolicy } from './upstreams.ts';

const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const okReply = { kind: 'http.reply', status: 200, headers: {}, body: '{}' } as const;
const s = 1_000_000;
const order = (instances: number, resolve?: Resolve): Peer => ({
  ...peerOf('order', 'http', 'out', serviceRecord('order-service'), instances),
  ...(resolve === undefined ? {} : { resolve }),
});

interface Bench {
  port: FakePort;
  caller: HttpCaller;
  results: CallResult[];
  call(more?: Partial<CallOptions>): number;
  /** Answers the last request that was sent. */
  answer(status?: number): void;
  /** Where the requests went, by ordinal or address. */
  went(): string[];
}
function bench(policy: BalancePolicy, peers: Peer[]): Bench {
  const port = createFakePort(initOf('web', serviceRecord('web'), peers));
  const caller = createCaller(port, () => ({ ...policy }));
  port.onTimer((token) => void caller.timer(token));
  port.attach(() => ({ receive: (body) => void caller.handles(body), timer: () => undefined, inspect: () => null }));
  const results: CallResult[] = [];
  const request = { method: 'GET', path: '/', headers: {}, body: null };
  return {
    port,
    caller,
    results,
    call: (more = {}) =>
      caller.call({ to: 'order', request, timeoutMs: 1000, trace, onDone: (r) => void results.push(r), ...more }),
    answer: (status = 200) => port.reply(port.sentOf('http.request').at(-1)!, { ...okReply, status }),
    went: () => port.sentOf('http.request').map((sent) => sent.to.slice('order#'.length)),
  };
}
const codes = (results: CallResult[]): string[] => results.map((one) => (one.ok ? 'ok' : one.failure.code));
const withKey = (key: string): Partial<CallOptions> => ({
  request: { method: 'GET', path: '/', headers: { 'X-User': key }, body: null },
});

describe('choosing an instance (GW11)', () => {
  it('weighs by ordinal', () => {
    const b = bench({ loadBalancing: { kind: 'weighted-round-robin', weights: { '#1': 3 } } }, [order(2)]);
    for (let n = 0; n < 4; n++) b.call();
    expect(b.went()).toEqual(['1', '0', '1', '1']);
  });

  it('counts what is under way and gives it back with the answer, the failure and the cancellation', () => {
    const b = bench({ loadBalancing: { kind: 'least-request', choices: 10, bias: 1 } }, [order(2)]);
    const first = b.call();
    const busy = b.went()[0];
    for (let n = 0; n < 5; n++) {
      b.call({ trace: { ...trace, spanId: `b7ad6b716920333${n}` } });
      b.answer();
    }
    expect(b.went().slice(1)).toEqual(Array(5).fill(busy === '0' ? '1' : '0'));
    b.caller.cancel(first);
    b.caller.cancel(b.call({ trace: { ...trace, spanId: 'b7ad6b7169203339' } }));
    // Nothing is under way: over enough calls both are drawn again.
    for (let n = 0; n < 20; n++) {
      b.call({ trace: { ...trace, spanId: `b7ad6b71692033${n + 40}` } });
      b.answer(n % 2 === 0 ? 200 : 500);
    }
    expect(new Set(b.went().slice(-20)).size).toBe(2);
  });

  it.each(['ring-hash', 'maglev'] as const)('%s: one key, one instance', (kind) => {
    const b = bench({ loadBalancing: { kind, header: 'x-user' } }, [order(5)]);
    for (let n = 0; n < 40; n++) b.call(withKey(`user-${n % 8}`));
    const went = b.went();
    for (let n = 8; n < 40; n++) expect(went[n]).toBe(went[n - 8]);
    expect(new Set(went).size).toBeGreaterThan(2);
  });

  it('prefers an instance that was not tried, and takes a tried one when there is no other', () => {
    const b = bench({ loadBalancing: { kind: 'ring-hash', header: 'x-user' } }, [order(2)]);
    b.call(withKey('ann'));
    const first = `order#${b.went()[0]}`;
    b.call({ ...withKey('ann'), tried: [first] });
    expect(b.went()[1]).not.toBe(b.went()[0]);
    b.call({ ...withKey('ann'), tried: ['order#0', 'order#1'] });
    expect(`order#${b.went()[2]}`).toBe(first);
  });

  it('fails one tick later with no_healthy_host when nobody has weight', () => {
    const b = bench({ loadBalancing: { kind: 'weighted-round-robin', weights: { '#0': 0 } } }, [order(1)]);
    b.call();
    expect(b.results).toEqual([]);
    b.port.advance(1);
    expect(codes(b.results)).toEqual(['no_healthy_host']);
    expect(b.caller.pending()).toBe(0);
  });

  it('goes on in its round after a change of something else, and begins anew with another policy', () => {
    const policy: BalancePolicy = { loadBalancing: { kind: 'weighted-round-robin', weights: { '#1': 3 } } };
    const b = bench(policy, [order(2)]);
    b.call();
    b.port.reconfigure(b.port.init.record, [order(2)]);
    b.call();
    policy.loadBalancing = { kind: 'round-robin' };
    b.port.reconfigure(b.port.init.record, [order(2)]);
    b.call();
    b.call();
    expect(b.went()).toEqual(['1', '0', '0', '1']);
  });
});

describe('outlier detection and panic (GW12)', () => {
  const outlierDetection = { ...OUTLIER_DEFAULTS, consecutive5xx: 2, panicPercent: 0, maxEjectionPercent: 100 };

  it('ejects after failures in a row, leaves the instance out until the sweep, and tells both', () => {
    const b = bench({ outlierDetection }, [order(2)]);
    for (const status of [503, 200, 500, 200]) {
      b.call();
      b.answer(status);
    }
    const reason = '2 failures in a row, the last one http_500';
    expect(b.port.eventsOf('host.ejected')).toEqual([
      { type: 'host.ejected', to: 'order', instance: 'order#0', reason, until: 30 * s },
    ]);
    for (let n = 0; n < 3; n++) {
      b.call();
      b.answer();
    }
    expect(b.went().slice(4)).toEqual(['1', '1', '1']);
    b.port.advance(30 * s - 1);
    expect(b.port.eventsOf('host.returned')).toEqual([]);
    b.port.advance(1);
    expect(b.port.eventsOf('host.returned')).toEqual([{ type: 'host.returned', to: 'order', instance: 'order#0' }]);
    b.call();
    b.call();
    expect(b.went().slice(-2).sort()).toEqual(['0', '1']);
  });

  it('counts time-outs and failed connections, not cancelled calls', () => {
    const b = bench({ outlierDetection }, [order(1)]);
    b.caller.cancel(b.call());
    b.caller.cancel(b.call());
    b.call();
    b.port.deliver({ type: 'peer.down', instance: 'order#0', reason: 'killed' });
    expect(b.port.eventsOf('host.ejected')).toEqual([]);
    b.call();
    b.port.advance(1 * s);
    expect(codes(b.results)).toEqual(['connection_reset', 'timeout']);
    expect(b.port.eventsOf('host.ejected')).toMatchObject([{ instance: 'order#0' }]);
    b.call();
    b.port.advance(1);
    expect(codes(b.results).at(-1)).toBe('no_healthy_host');
  });

  it('panics below the threshold and uses all of them, until enough are back', () => {
    const b = bench({ outlierDetection: { ...outlierDetection, panicPercent: 50 } }, [order(3)]);
    const failing = (): void => {
      for (let n = 0; n < 12; n++) {
        b.call();
        b.answer(b.went().at(-1) === '2' ? 200 : 500);
      }
    };
    failing();
    expect(b.port.eventsOf('host.ejected').map((one) => one.instance)).toEqual(['order#0', 'order#1']);
    expect(b.port.eventsOf('panic.changed')).toEqual([{ type: 'panic.changed', to: 'order', panicking: true }]);
    expect(new Set(b.went().slice(-3)).size).toBe(3);
    b.port.advance(30 * s);
    b.call();
    expect(b.port.eventsOf('panic.changed').at(-1)).toEqual({ type: 'panic.changed', to: 'order', panicking: false });
  });

  it('lets an instance that moved or is not listed any more begin anew', () => {
    const b = bench({ outlierDetection: { ...outlierDetection, consecutive5xx: 1 } }, [order(2)]);
    b.call();
    b.answer(500);
    const moved = order(2);
    moved.instances[0] = { instance: 'order#0', address: '192.168.1.99:8000' };
    b.port.reconfigure(b.port.init.record, [moved]);
    expect(b.port.eventsOf('host.returned')).toHaveLength(1);
    b.call();
    b.call();
    b.answer(500);
    expect(b.port.eventsOf('host.ejected').map((one) => one.instance)).toEqual(['order#0', 'order#0']);
    b.port.reconfigure(b.port.init.record, [{ ...moved, instances: moved.instances.slice(1) }]);
    b.call();
    expect(b.port.eventsOf('host.returned')).toHaveLength(2);
    expect(b.went().at(-1)).toBe('1');
  });

  it('comes to rest: after the last sweep no timer is left', () => {
    const b = bench({ outlierDetection: { ...outlierDetection, consecutive5xx: 1 } }, [order(2)]);
    b.call();
    b.answer(500);
    b.port.advance(40 * s);
    const fired: unknown[] = [];
    b.port.onTimer((token) => fired.push(token));
    b.port.advance(1000 * s);
    expect(fired).toEqual([]);
  });
});

describe('limits towards an upstream (GW13)', () => {
  const upstreamLimits = { maxRequests: 1, maxPending: 1, maxRetries: 1 };

  it('sends one, holds one back, fails the next at once, and lets the waiting one go', () => {
    const b = bench({ upstreamLimits }, [order(2)]);
    b.call();
    b.call();
    b.call();
    expect(b.went()).toEqual(['0']);
    b.port.advance(1);
    expect(codes(b.results)).toEqual(['upstream_overflow']);
    b.answer();
    expect(b.went()).toEqual(['0', '1']);
    b.answer();
    expect(codes(b.results)).toEqual(['upstream_overflow', 'ok', 'ok']);
    expect(b.port.eventsOf('pool.changed').map((one) => [one.active, one.queued, one.refused])).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
      [1, 0, 1],
      [0, 0, 1],
    ]);
  });

  it('counts the wait in the timeout and frees the place of who gives up', () => {
    const b = bench({ upstreamLimits }, [order(1)]);
    b.call({ timeoutMs: 5000 });
    b.call();
    b.port.advance(1 * s);
    expect(codes(b.results)).toEqual(['timeout']);
    expect(b.port.eventsOf('pool.changed').at(-1)).toMatchObject({ active: 1, queued: 0 });
    b.call();
    b.port.advance(1);
    expect(b.results).toHaveLength(1);
  });

  it('limits retries on their own', () => {
    const b = bench({ upstreamLimits: { maxRequests: 9, maxPending: 0, maxRetries: 1 } }, [order(2)]);
    b.call({ tried: ['order#0'] });
    b.call({ tried: [] });
    b.call();
    b.port.advance(1);
    expect(codes(b.results)).toEqual(['upstream_overflow']);
    expect(b.went()).toHaveLength(2);
  });

  it('lets the waiting go when the limits are raised', () => {
    const policy: BalancePolicy = { upstreamLimits };
    const b = bench(policy, [order(1)]);
    b.call();
    b.call();
    policy.upstreamLimits = undefined;
    b.port.reconfigure(b.port.init.record, [order(1)]);
    expect(b.went()).toHaveLength(2);
  });
});

/** The same neighbour after `order#0` has moved. */
const moved = (peer: Peer): Peer => ({
  ...peer,
  instances: peer.instances.map((one, n) => (n === 0 ? { ...one, address: '192.168.1.99:8000' } : one)),
});

describe('resolving as the link says', () => {
  it('static: whoever has the address; nobody has it after a move, and the message is really sent', () => {
    const link = order(2, { by: 'static', addresses: [addressOf(0), '192.168.7.7:1'] });
    const b = bench({}, [link]);
    b.call();
    b.call();
    expect(b.port.sent.map((sent) => sent.to)).toEqual(['order#0', 'order#192.168.7.7:1']);
    b.port.reconfigure(b.port.init.record, [moved(link)]);
    b.call();
    expect(b.port.sent.at(-1)).toMatchObject({ to: `order#${addressOf(0)}`, link: 'order-link' });
    const { id, to } = b.port.sent.at(-1)!;
    b.port.deliver({ type: 'refused', message: id, to, reason: 'connection_refused' });
    expect(b.results).toMatchObject([{ failure: { code: 'connection_refused' }, instance: to }]);
  });

  it('dns: a moved or new instance is seen after the TTL, a dead one still answers', () => {
    const link = order(1, { by: 'dns', ttlMs: 5000 });
    const b = bench({}, [link]);
    b.call();
    const { id, to } = b.port.sent[0]!;
    b.port.deliver({ type: 'refused', message: id, to, reason: 'connection_refused' });
    b.port.reconfigure(b.port.init.record, [moved(order(2, { by: 'dns', ttlMs: 5000 }))]);
    b.port.advance(5 * s - 1);
    b.call();
    b.port.advance(1);
    b.call();
    b.call();
    expect(b.went()).toEqual(['0', addressOf(0), '0', '1']);
  });

  it('dns wins over a registry that both use; without a word the registry wins, and a stale address of it is refused', () => {
    const consul = peerOf('consul', 'discovery', 'out', registryRecord('consul', 1000));
    const byDns = bench({}, [order(1, { by: 'dns', ttlMs: 0 }), consul]);
    byDns.call();
    expect(byDns.went()).toEqual(['0']);
    const b = bench({}, [order(1, { by: 'registry' }), consul]);
    b.call();
    b.port.reply(b.port.sent[0]!, {
      kind: 'registry.result',
      service: 'order-service',
      addresses: [{ instance: 'order#0', address: addressOf(0) }],
    });
    b.port.reconfigure(b.port.init.record, [moved(order(1)), consul]);
    b.call();
    expect(b.went()).toEqual(['0', addressOf(0)]);
  });
});
