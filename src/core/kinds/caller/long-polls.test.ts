import { describe, expect, it } from 'vitest';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { addressOf, initOf, peerOf, registryRecord, serviceRecord } from '../testing/fixtures.ts';
import { createCaller, type CallResult } from './http-caller.ts';

const request = { method: 'GET', path: '/api/orders', headers: {}, body: null };

function setup() {
  const registry = registryRecord('consul', 1000);
  if (registry.kind === 'registry') registry.config.blockingWaitMs = 60_000;
  const peers = [
    peerOf('order', 'http', 'out', serviceRecord('order-service'), 3),
    peerOf('consul', 'discovery', 'out', registry),
  ];
  const port = createFakePort(initOf('web', serviceRecord('web'), peers));
  const caller = createCaller(port);
  port.onTimer((token) => void caller.timer(token));
  port.attach(() => ({ receive: (body) => void caller.handles(body), timer: () => undefined, inspect: () => null }));
  const results: CallResult[] = [];
  const call = (): void =>
    void caller.call({
      to: 'order',
      request,
      timeoutMs: 1000,
      trace: null,
      onDone: (result) => void results.push(result),
    });
  return { port, call, results };
}
const questions = (port: FakePort): (number | undefined)[] =>
  port.sentOf('registry.discover').map(({ payload }) => payload.index);
const called = (port: FakePort): string[] => port.sentOf('http.request').map(({ to }) => to);
/** Answers the question that was asked last. */
function tell(port: FakePort, index: number, ...instances: string[]): void {
  const addresses = instances.map((instance) => ({ instance, address: addressOf(Number(instance.split('#')[1])) }));
  const question = port.sent.findLast(({ payload }) => payload.kind === 'registry.discover');
  port.reply(question!, { kind: 'registry.result', service: 'order-service', index, addresses });
}

describe('SR3 a caller that waits for changes', () => {
  it('asks without an index first, then with that of the last answer, and never asks for a call', () => {
    const { port, call } = setup();
    call();
    expect(port.sentOf('registry.discover')[0]?.payload).toMatchObject({ index: 0, waitMs: 60_000 });
    tell(port, 4, 'order#0');
    expect([questions(port), called(port)]).toEqual([[0, 4], ['order#0']]);
    port.advance(30_000_000);
    call();
    tell(port, 9, 'order#1');
    call();
    expect([questions(port), called(port)]).toEqual([
      [0, 4, 9],
      ['order#0', 'order#0', 'order#1'],
    ]);
  });

  it('goes on from an answer without a change, holds an index of 0 for 1, and begins anew when it goes back', () => {
    const { port, call } = setup();
    call();
    tell(port, 0, 'order#0');
    for (const index of [5, 5, 2, 2]) {
      port.advance(1_000_000);
      tell(port, index, 'order#0');
    }
    expect(questions(port)).toEqual([0, 1, 5, 5, 0, 2]);
  });

  it('asks at most ten times a second, however often a service changes', () => {
    const { port, call } = setup();
    call();
    tell(port, 1, 'order#0');
    const before = questions(port).length;
    for (let n = 0; n < 100; n += 1) {
      tell(port, 2 + n, 'order#0');
      port.advance(10_000);
    }
    expect(questions(port).length - before).toBeGreaterThan(8);
    expect(questions(port).length - before).toBeLessThanOrEqual(11);
  });

  it('a registry that goes away ends it: the last list serves, the next call asks anew and it goes on', () => {
    const { port, call, results } = setup();
    call();
    tell(port, 7, 'order#0');
    port.deliver({ type: 'peer.down', instance: 'consul#0', reason: 'killed' });
    call();
    const lookup = port.sent.at(-1)!;
    port.deliver({ type: 'refused', message: lookup.id, to: 'consul#0', reason: 'connection_refused' });
    expect([questions(port), called(port), results.length]).toEqual([[0, 7, 0], ['order#0', 'order#0'], 0]);
    call();
    tell(port, 2, 'order#1');
    expect([questions(port), called(port).at(-1)]).toEqual([[0, 7, 0, 0, 2], 'order#1']);
  });

  it('an answer that was asked besides and is older by now does not replace the list', () => {
    const { port, call } = setup();
    call();
    tell(port, 4, 'order#0');
    // The connection to order#0 is refused, so the next call asks although a question is open.
    port.deliver({
      type: 'refused',
      message: port.sentOf('http.request')[0]!.id,
      to: 'order#0',
      reason: 'connection_refused',
    });
    const [open] = port.sentOf('registry.discover').slice(-1);
    call();
    const besides = port.sent.at(-1)!;
    const addresses = (n: number) => [{ instance: `order#${n}`, address: addressOf(n) }];
    port.reply(open!, { kind: 'registry.result', service: 'order-service', index: 6, addresses: addresses(1) });
    port.reply(besides, { kind: 'registry.result', service: 'order-service', index: 5, addresses: addresses(0) });
    call();
    expect(called(port)).toEqual(['order#0', 'order#1', 'order#1']);
  });

  it('nobody there: the question stays open, calls fail at once and are served when somebody joins', () => {
    const { port, call, results } = setup();
    call();
    tell(port, 1);
    expect(results).toMatchObject([{ ok: false, failure: { code: 'no_instances' } }]);
    expect(questions(port)).toEqual([0, 1]);
    tell(port, 2, 'order#2');
    call();
    expect(called(port)).toEqual(['order#2']);
  });
});
