import { describe, expect, it } from 'vitest';
import type { Peer } from '../../fabric/protocol.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { addressOf, initOf, peerOf, registryRecord, serviceRecord } from '../testing/fixtures.ts';
import { createCaller, type CallResult, type HttpCaller } from './http-caller.ts';

const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const request = { method: 'GET', path: '/api/orders/details?id=1', headers: {}, body: null };
const okReply = { kind: 'http.reply', status: 200, headers: {}, body: '{}' } as const;

function setup(peers: Peer[]): {
  port: FakePort;
  caller: HttpCaller;
  results: CallResult[];
  call: (timeoutMs?: number) => number;
} {
  const port = createFakePort(initOf('web', serviceRecord('web'), peers));
  const caller = createCaller(port);
  port.onTimer((token) => void caller.timer(token));
  port.attach(() => ({ receive: (body) => void caller.handles(body), timer: () => undefined, inspect: () => null }));
  const results: CallResult[] = [];
  const call = (timeoutMs = 100): number =>
    caller.call({ to: 'order', request, timeoutMs, trace, onDone: (result) => void results.push(result) });
  return { port, caller, results, call };
}
const dns = (): ReturnType<typeof setup> => setup([peerOf('order', 'http', 'out', serviceRecord('order-service'), 2)]);
const discovered = (): ReturnType<typeof setup> =>
  setup([
    peerOf('order', 'http', 'out', serviceRecord('order-service'), 2),
    peerOf('consul', 'discovery', 'out', registryRecord('consul', 1000)),
  ]);
const addresses = (...ids: string[]): { instance: string; address: string }[] =>
  ids.map((instance) => ({ instance, address: addressOf(Number(instance.split('#')[1])) }));

describe('HTTP caller over DNS', () => {
  it('sends on the link with traceparent, round robin over the declared instances, and gives the reply back', () => {
    const { port, call, results } = dns();
    call();
    call();
    call();
    expect(port.sent.map((sent) => sent.to)).toEqual(['order#0', 'order#1', 'order#0']);
    expect(port.sent[0]).toMatchObject({ link: 'order-link', operation: 'GET /api/orders/details', trace });
    expect(port.sentOf('http.request')[0]?.payload.headers).toEqual({
      traceparent: `00-${trace.traceId}-${trace.spanId}-01`,
    });
    port.reply(port.sent[1]!, okReply);
    expect(results).toEqual([{ ok: true, reply: { status: 200, headers: {}, body: '{}' }, instance: 'order#1' }]);
  });

  it('times out exactly at the timeout and ignores the late reply', () => {
    const { port, call, results, caller } = dns();
    call(100);
    port.advance(99_999);
    expect(results).toEqual([]);
    port.advance(1);
    expect(results).toMatchObject([{ ok: false, failure: { code: 'timeout' }, instance: 'order#0' }]);
    port.reply(port.sent[0]!, okReply);
    expect(results).toHaveLength(1);
    expect(caller.pending()).toBe(0);
  });

  it('fails with connection_refused when nobody lives there and does not retry', () => {
    const { port, call, results } = dns();
    call();
    port.deliver({ type: 'refused', message: port.sent[0]!.id, to: 'order#0', reason: 'connection_refused' });
    expect(results).toMatchObject([{ ok: false, failure: { code: 'connection_refused' }, instance: 'order#0' }]);
    expect(port.sent).toHaveLength(1);
  });

  it('fails only the calls of a neighbour that died, with connection_reset', () => {
    const { port, call, results, caller } = dns();
    call();
    call();
    port.deliver({ type: 'peer.down', instance: 'order#0', reason: 'killed' });
    expect(results).toMatchObject([{ ok: false, failure: { code: 'connection_reset' }, instance: 'order#0' }]);
    expect(caller.pending()).toBe(1);
  });

  it('fails after one tick, not inside the call, when the target is not linked', () => {
    const { port, call, results } = setup([]);
    call();
    expect(results).toEqual([]);
    port.advance(1);
    expect(results).toMatchObject([{ ok: false, failure: { code: 'connection_refused' }, instance: null }]);
  });

  it('never answers a cancelled call', () => {
    const { port, caller, call, results } = dns();
    caller.cancel(call());
    port.reply(port.sent[0]!, okReply);
    port.advance(1_000_000);
    expect(results).toEqual([]);
  });
});

describe('HTTP caller over a registry', () => {
  it('asks once, keeps the list for cacheTtlMs and goes round robin over passing instances only', () => {
    const { port, call } = discovered();
    call();
    call();
    expect(port.sent.map((sent) => [sent.to, sent.operation])).toEqual([['consul#0', 'discover order-service']]);
    port.reply(port.sent[0]!, {
      kind: 'registry.result',
      service: 'order-service',
      addresses: addresses('order#0', 'order#1'),
    });
    expect(port.sentOf('http.request').map((sent) => sent.to)).toEqual(['order#0', 'order#1']);
    port.advance(999_999);
    call();
    expect(port.sentOf('registry.discover')).toHaveLength(1);
    port.advance(1);
    call();
    expect(port.sentOf('registry.discover')).toHaveLength(2);
  });

  it('says "no instances found for NAME" for an empty answer and asks again next time', () => {
    const { port, call, results } = discovered();
    call();
    port.reply(port.sent[0]!, { kind: 'registry.result', service: 'order-service', addresses: [] });
    expect(results).toMatchObject([
      { ok: false, failure: { code: 'no_instances', message: 'no instances found for order-service' }, instance: null },
    ]);
    call();
    expect(port.sentOf('registry.discover')).toHaveLength(2);
  });

  it('drops the list after a refused connection, so that the next call asks again', () => {
    const { port, call, results } = discovered();
    call();
    port.reply(port.sent[0]!, {
      kind: 'registry.result',
      service: 'order-service',
      addresses: addresses('order#0', 'order#1'),
    });
    port.deliver({ type: 'refused', message: port.sent[1]!.id, to: 'order#0', reason: 'connection_refused' });
    expect(results).toHaveLength(1);
    call();
    expect(port.sentOf('registry.discover')).toHaveLength(2);
  });

  it('uses the stale list while the registry is gone, and fails when there never was one (SR8)', () => {
    const { port, call, results } = discovered();
    call();
    port.deliver({ type: 'refused', message: port.sent[0]!.id, to: 'consul#0', reason: 'connection_refused' });
    expect(results).toMatchObject([{ ok: false, failure: { code: 'connection_refused' }, instance: null }]);
    call();
    port.reply(port.sent[1]!, { kind: 'registry.result', service: 'order-service', addresses: addresses('order#1') });
    port.advance(2_000_000);
    call();
    port.deliver({ type: 'peer.down', instance: 'consul#0', reason: 'killed' });
    expect(port.sentOf('http.request').map((sent) => sent.to)).toEqual(['order#1', 'order#1']);
  });

  it('counts the lookup in the timeout', () => {
    const { port, call, results } = discovered();
    call(100);
    port.advance(100_000);
    expect(results).toMatchObject([{ ok: false, failure: { code: 'timeout' } }]);
    port.reply(port.sent[0]!, { kind: 'registry.result', service: 'order-service', addresses: addresses('order#0') });
    expect(port.sentOf('http.request')).toEqual([]);
    call();
    expect(port.sentOf('http.request')).toHaveLength(1);
  });

  it('goes by DNS when the target is known to use no registry', () => {
    const order = { ...peerOf('order', 'http', 'out', serviceRecord('order-service'), 2), registries: [] };
    const { port, call } = setup([order, peerOf('consul', 'discovery', 'out', registryRecord('consul', 1000))]);
    call();
    expect(port.sent.map((sent) => sent.to)).toEqual(['order#0']);
  });
});
