import { describe, expect, test } from 'vitest';
import type { EventOf, EventType } from '../../core/fabric/event.ts';
import type { Input, InputBody } from '../../core/fabric/input.ts';
import type { Payload } from '../../core/fabric/message.ts';
import type { ActorFactory, ActorPort } from '../../core/fabric/protocol.ts';
import type { ExecutableTopology, Fault } from '../../core/topology/schema/types.ts';
import { VirtualRun } from './run-virtual.ts';

/** Node `a` talks to node `b` over link `ab`: one message every 10 ms from t = 0, numbered. */
const service = (name: string): ExecutableTopology['nodes'][string] => ({
  kind: 'service',
  name,
  config: {
    version: '1',
    port: 8000,
    replicas: 1,
    serviceTime: { kind: 'constant', ms: 0 },
    startupMs: 0,
    restartDelayMs: 20,
    prefetch: 0,
    values: {},
    endpoints: [],
    subscriptions: [],
  },
});
const topology: ExecutableTopology = {
  nodes: { a: service('a'), b: service('b') },
  links: {
    ab: { kind: 'http', from: 'a', to: 'b', latency: { minUs: 1000, distribution: { kind: 'constant', ms: 2 } } },
  },
};
const HTTP: Payload = { kind: 'http.request', method: 'GET', path: '/', headers: {}, body: null };
const ORDERED: Payload = { kind: 'registry.ok' };

const talker =
  (payload: Payload): ActorFactory =>
  (port: ActorPort) => {
    let n = 0;
    const log = (text: string): void => port.emit({ type: 'log', severity: 'INFO', text, traceId: null, spanId: null });
    return {
      receive(body) {
        if (body.type === 'start' && port.init.node === 'a') port.after(2_000_000, { tick: 0 });
        else if (body.type === 'message') log(`got ${body.message.operation}`);
        else log(body.type);
      },
      timer() {
        port.send({ to: 'b#0', link: 'ab', operation: `${n++}`, trace: null, payload });
        port.after(10_000, { tick: n });
      },
      inspect: () => n,
    };
  };

const at = (ms: number, body: InputBody): Omit<Input, 'seq'> => ({ at: ms * 1000, body });
const set = (ms: number, fault: Fault): Omit<Input, 'seq'> => at(ms, { kind: 'fault.set', fault });
const clear = (ms: number, fault: Fault): Omit<Input, 'seq'> => at(ms, { kind: 'fault.clear', fault });

function play(payload: Payload, untilMs: number, inputs: Omit<Input, 'seq'>[], seed = 7): VirtualRun {
  const stamped = inputs.map((input, seq) => ({ ...input, seq }));
  const run = new VirtualRun(
    { documentId: 'faults', topology, initialData: null, seed, inputs: stamped },
    { factories: () => talker(payload) },
  );
  run.runUntil(untilMs * 1000);
  return run;
}
const of = <T extends EventType>(run: VirtualRun, type: T): EventOf<T>[] =>
  run.events.filter((event): event is EventOf<T> => event.type === type);
/** What `instance` heard, with the time in ms. */
const heard = (run: VirtualRun, instance: string): { text: string; ms: number }[] =>
  of(run, 'log').flatMap((event) => (event.source === instance ? [{ text: event.text, ms: event.t / 1000 }] : []));
const numbers = (run: VirtualRun): number[] =>
  heard(run, 'b#0').flatMap(({ text }) => (text.startsWith('got ') ? [Number(text.slice(4))] : []));

describe('faults of a link', () => {
  test('loss: HTTP messages vanish at the rate, and the event says by what', () => {
    const run = play(HTTP, 10_000, [set(0, { kind: 'loss', link: 'ab', rate: 0.3 })]);
    const sent = of(run, 'message.sent');
    const lost = sent.filter((event) => event.fate === 'lost');
    expect(lost.length / sent.length).toBeGreaterThan(0.25);
    expect(lost.length / sent.length).toBeLessThan(0.35);
    expect(new Set(lost.map((event) => event.cause))).toEqual(new Set(['loss 30 % by fault']));
    expect(numbers(run).length).toBe(sent.filter((e) => e.fate === 'deliver' && e.arriveAt < 10e6).length);
  });

  test('loss on a connection that keeps order costs retransmission time-outs, never an order or a message', () => {
    const run = play(ORDERED, 20_000, [
      set(0, { kind: 'loss', link: 'ab', rate: 0.2 }),
      clear(10_000, { kind: 'loss', link: 'ab', rate: 0.2 }),
    ]);
    const sent = of(run, 'message.sent');
    expect(sent.every((event) => event.fate === 'deliver')).toBe(true);
    expect(sent.some((event) => event.arriveAt - event.t > 200_000)).toBe(true);
    const order = numbers(run);
    expect(order).toEqual(order.map((_, index) => index));
    expect(order.length).toBeGreaterThan(1990);
  });

  test('a connection that can get nothing through is reset at both ends after 12.6 s, and works again afterwards', () => {
    const cut: Fault = { kind: 'partition', link: 'ab', direction: 'forward' };
    const run = play(ORDERED, 14_000, [set(100, cut), clear(200, cut)]);
    const first = of(run, 'message.sent').find((event) => event.fate === 'partitioned');
    expect(first).toMatchObject({ t: 100_000, cause: 'partition, forward only by fault' });
    for (const end of ['a#0', 'b#0']) expect(heard(run, end)).toContainEqual({ text: 'peer.down', ms: 12_700 });
    const order = numbers(run);
    // Nothing is delivered behind the gap: 0.1 s of messages came before, the next after the reset.
    expect(order.slice(9, 12)).toEqual([9, 1270, 1271]);
  });

  test('duplicate: the same message comes twice, under its own id', () => {
    const run = play(HTTP, 1000, [set(0, { kind: 'duplicate', link: 'ab', rate: 1 })]);
    const copies = of(run, 'message.duplicated');
    expect(copies.length).toBe(of(run, 'message.sent').length);
    expect(copies[0]).toMatchObject({ message: 'a#0:0', source: 'a#0/network', arriveAt: 2000 });
    expect(numbers(run).slice(0, 4)).toEqual([0, 0, 1, 1]);
    // A connection that keeps order throws copies away, as TCP does.
    expect(of(play(ORDERED, 1000, [set(0, { kind: 'duplicate', link: 'ab', rate: 1 })]), 'message.duplicated')).toEqual(
      [],
    );
  });

  test('reorder and latency: later messages overtake held ones; nothing is faster than the link', () => {
    const run = play(HTTP, 5000, [set(0, { kind: 'reorder', link: 'ab', rate: 0.3, maxExtraMs: 100 })]);
    const order = numbers(run);
    expect(order).not.toEqual([...order].sort((x, y) => x - y));
    const slow = of(
      play(HTTP, 1000, [set(0, { kind: 'latency', link: 'ab', addMs: 30, jitterMs: 20 })]),
      'message.sent',
    );
    for (const { t, arriveAt } of slow) {
      expect(arriveAt - t).toBeGreaterThanOrEqual(32_000);
      expect(arriveAt - t).toBeLessThanOrEqual(52_000);
    }
    expect(new Set(slow.map((e) => e.arriveAt - e.t)).size).toBeGreaterThan(50);
  });

  test('partition: one way or both, until it is healed', () => {
    const fates = (direction: 'both' | 'forward' | 'backward'): string[] => {
      const cut: Fault = { kind: 'partition', link: 'ab', direction };
      return of(play(HTTP, 60, [set(20, cut), clear(40, cut)]), 'message.sent').map((event) => event.fate);
    };
    const cut = ['deliver', 'deliver', 'partitioned', 'partitioned', 'deliver', 'deliver'];
    expect(fates('forward')).toEqual(cut);
    expect(fates('both')).toEqual(cut);
    expect(fates('backward')).toEqual(cut.map(() => 'deliver'));
  });
});

describe('faults of a node', () => {
  test('pause: nothing is lost, all is late and in order; timers wait as well', () => {
    const pause: Fault = { kind: 'pause', node: 'b' };
    const run = play(HTTP, 1000, [set(100, pause), clear(500, pause)]);
    expect(of(run, 'instance.paused')).toMatchObject([{ t: 100_000, instance: 'b#0' }]);
    expect(of(run, 'instance.resumed')).toMatchObject([{ t: 500_000, instance: 'b#0' }]);
    const order = numbers(run);
    expect(order).toEqual(order.map((_, index) => index));
    expect(order.length).toBe(100);
    expect(heard(run, 'b#0').filter(({ ms }) => ms >= 100 && ms < 500)).toEqual([]);
    const sender: Fault = { kind: 'pause', node: 'a' };
    const silent = of(play(HTTP, 1000, [set(100, sender), clear(500, sender)]), 'message.sent');
    expect(silent.filter(({ t }) => t >= 100_000 && t < 500_000)).toEqual([]);
    expect(silent.filter(({ t }) => t === 500_000)).toHaveLength(1);
  });

  test('a paused instance that is killed loses what it held: each is refused', () => {
    const run = play(HTTP, 200, [
      set(100, { kind: 'pause', node: 'b' }),
      at(150, { kind: 'instance.kill', instance: 'b#0' }),
    ]);
    const refused = of(run, 'message.refused');
    expect(refused.slice(0, 5).map(({ t }) => t)).toEqual([150_001, 150_002, 150_003, 150_004, 150_005]);
    expect(of(run, 'message.sent').filter(({ arriveAt }) => arriveAt < 200_000)).toHaveLength(
      numbers(run).length + refused.length,
    );
  });

  test('outage: every connection is refused for a reason, the process lives on', () => {
    const outage: Fault = { kind: 'outage', node: 'b' };
    const run = play(HTTP, 1000, [set(100, outage), clear(500, outage)]);
    const refused = of(run, 'message.refused');
    expect(refused).toHaveLength(40);
    expect(refused[0]).toMatchObject({ reason: 'connection_refused', cause: 'outage by fault' });
    expect(heard(run, 'a#0')[0]).toEqual({ text: 'peer.down', ms: 101 });
    expect(of(run, 'instance.starting')).toHaveLength(2);
    expect(numbers(run).length).toBe(60);
  });

  test('clock-skew: lines of the log show the wrong clock, timers keep their pace', () => {
    const run = play(HTTP, 200, [set(100, { kind: 'clock-skew', node: 'b', skewMs: -250 })]);
    const lines = of(run, 'log').filter((event) => event.source === 'b#0' && event.text.startsWith('got'));
    expect(lines[0]?.wall).toBeUndefined();
    expect(lines.at(-1)?.wall).toBe((lines.at(-1)?.t ?? 0) - 250_000);
  });
});

test('a moved instance starts anew at a fresh address, its neighbours hear the new one, and nobody gets the old one', () => {
  const run = play(HTTP, 1000, [
    at(100, { kind: 'instance.move', instance: 'b#0' }),
    at(300, { kind: 'instance.move', instance: 'a#0' }),
  ]);
  expect(of(run, 'instance.stopped')).toMatchObject([{ reason: 'moved to another machine' }, {}]);
  const addresses = of(run, 'instance.starting').map(({ instance, address }) => `${instance} ${address}`);
  expect(addresses).toEqual([
    'a#0 192.168.1.6:8000',
    'b#0 192.168.1.5:8000',
    'b#0 192.168.1.7:8000',
    'a#0 192.168.1.8:8000',
  ]);
  expect(heard(run, 'a#0').map(({ text }) => text)).toContain('reconfigure');
});
