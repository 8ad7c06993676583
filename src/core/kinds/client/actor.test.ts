import { describe, expect, it } from 'vitest';
import type { Json } from '../../base/json.ts';
import type { AnyExecutableNode, ConfigOf } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { clientActor } from './actor.ts';

type Request = ConfigOf<'client'>['requests'][number];
const create: Request = {
  id: 'create',
  name: 'Create',
  weight: 1,
  method: 'POST',
  path: '/api/orders/${ randomInt(1, 3) }?from=${ node.name }',
  headers: { 'X-Trace': '${ trace.id }' },
  body: { id: '${ uuid() }', n: '${ 1 + 1 }' },
  to: 'shop',
};
const clientRecord = (requests: Request[], ratePerSecond = 10): AnyExecutableNode => ({
  kind: 'client',
  name: 'web',
  config: { clientKind: 'web', load: { model: 'open', ratePerSecond, arrival: 'constant' }, timeoutMs: 1000, requests },
});
function running(record: AnyExecutableNode, startedAt = -2_000_000): FakePort {
  const peers = [peerOf('shop', 'http', 'out', serviceRecord('shop-service'))];
  const port = createFakePort(initOf('web', record, peers, { startedAt }));
  port.attach(clientActor);
  port.deliver({ type: 'start' });
  return port;
}
const bodyOf = (port: FakePort, index: number): Json =>
  JSON.parse(port.sentOf('http.request')[index]?.payload.body ?? 'null') as Json;

describe('client', () => {
  it('sends nothing during boot, then one request per gap', () => {
    const port = running(clientRecord([create]));
    port.advance(2_000_000);
    expect(port.sent).toEqual([]);
    port.advance(1_000_000);
    expect(port.sent.map(({ t }) => t)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * 100_000));
  });

  it('fills in its templates, differently for each request and the same for the same seed', () => {
    const [one, two] = [running(clientRecord([create])), running(clientRecord([create]))];
    for (const port of [one, two]) port.advance(5_000_000);
    expect(one.sent).toEqual(two.sent);
    expect(new Set(one.sent.map(({ trace }) => trace?.traceId)).size).toBe(one.sent.length);
    const request = one.sentOf('http.request')[0]!;
    expect(request.payload.path).toMatch(/^\/api\/orders\/[123]\?from=web$/);
    expect(request.operation).toMatch(/^POST \/api\/orders\/[123]$/);
    expect(request.payload.headers).toMatchObject({
      'x-trace': request.trace?.traceId,
      'content-type': 'application/json',
    });
    expect(bodyOf(one, 0)).toMatchObject({ n: 2 });
    expect(bodyOf(one, 0)).not.toEqual(bodyOf(one, 1));
  });

  it('makes every request the root of a trace and ends its span with the outcome', () => {
    const port = running(clientRecord([create], 0));
    port.advance(2_000_000);
    const outcomes = [200, 404, 500, null].map((status, index) => {
      port.deliver({ type: 'input', seq: index, input: { kind: 'request', node: 'web', requestId: 'create' } });
      const sent = port.sent.at(-1)!;
      expect(port.eventsOf('span.started').at(-1)).toMatchObject({ kind: 'CLIENT', parentSpanId: null, ...sent.trace });
      if (status === null) port.advance(1_000_000);
      else port.reply(sent, { kind: 'http.reply', status, headers: {}, body: null });
      const { traceId, status: outcome, attributes } = port.eventsOf('span.ended').at(-1)!;
      expect(traceId).toBe(sent.trace?.traceId);
      return [outcome, attributes['http.response.status_code'] ?? attributes['error.type']];
    });
    expect(outcomes).toEqual([
      ['unset', 200],
      ['error', 404],
      ['error', 500],
      ['error', 'timeout'],
    ]);
    expect(port.sent).toHaveLength(4);
  });

  it('sends a request by hand, also one of its own words, and says when there is none', () => {
    const port = running(clientRecord([{ ...create, weight: 0 }], 0));
    port.advance(3_000_000);
    const own = { method: 'GET', path: '/api/x', headers: { 'x-a': '1' }, body: null };
    port.deliver({ type: 'input', seq: 7, input: { kind: 'request', node: 'web', request: own } });
    expect(port.sentOf('http.request')[0]).toMatchObject({ to: 'shop#0', payload: { method: 'GET', path: '/api/x' } });
    port.deliver({ type: 'input', seq: 8, input: { kind: 'request', node: 'web', requestId: 'nothing' } });
    expect(port.eventsOf('log')).toMatchObject([{ severity: 'ERROR', text: 'no request nothing to send' }]);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const traced = { ...own, headers: { traceparent } };
    for (const seq of [9, 10])
      port.deliver({ type: 'input', seq, input: { kind: 'request', node: 'web', request: traced } });
    const spans = port.eventsOf('span.started').slice(-2);
    expect(spans).toMatchObject(Array(2).fill({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) }));
    expect(spans[0]?.spanId).not.toBe(spans[1]?.spanId);
  });

  it('says which expression failed instead of sending half a request', () => {
    const port = running(clientRecord([{ ...create, body: { x: '${ nowhere.x }' } }]));
    port.advance(2_100_000);
    expect(port.sent).toEqual([]);
    expect(port.eventsOf('log')[0]?.text).toMatch(/^Failed to send Create: /);
  });

  it('keeps its rhythm through an edit elsewhere and takes a new rate at once', () => {
    const port = running(clientRecord([create]));
    port.advance(2_050_000);
    port.reconfigure(clientRecord([create]), port.init.peers);
    port.advance(50_000);
    expect(port.sent.map(({ t }) => t)).toEqual([100_000]);
    port.reconfigure(clientRecord([create], 0), port.init.peers);
    port.advance(1_000_000);
    expect(port.sent).toHaveLength(1);
    port.reconfigure(clientRecord([create], 2), port.init.peers);
    port.advance(500_000);
    expect(port.sent.map(({ t }) => t)).toEqual([100_000, 1_600_000]);
  });
});

describe('closed load', () => {
  const closed = (users: number, thinkTimeMs: number, requests = [create]): AnyExecutableNode => {
    const record = clientRecord(requests);
    if (record.kind === 'client') record.config.load = { model: 'closed', users, thinkTimeMs };
    return record;
  };
  const answer = (port: FakePort, index: number): void =>
    port.reply(port.sent[index]!, { kind: 'http.reply', status: 200, headers: {}, body: null });
  const times = (port: FakePort): number[] => port.sent.map(({ t }) => t);

  it('spreads its users over one think time; each waits for its answer, thinks, and sends again', () => {
    const port = running(closed(2, 100));
    port.advance(2_000_000);
    expect(port.sent).toHaveLength(1);
    port.advance(400_000);
    expect(times(port)).toEqual([0, 50_000]);
    answer(port, 0);
    port.advance(99_999);
    expect(port.sent).toHaveLength(2);
    port.advance(1);
    expect(times(port)).toEqual([0, 50_000, 500_000]);
    // A failure is an answer, too: the second user was given up after 1 s.
    port.advance(700_000);
    expect(times(port)).toEqual([0, 50_000, 500_000, 1_150_000]);
  });

  it('chooses and fills in by user and turn, not by who is first', () => {
    const path = '/${ uuid() }';
    const [quick, slow] = [
      running(closed(1, 10, [{ ...create, path }])),
      running(closed(1, 10, [{ ...create, path }])),
    ];
    for (const [port, pause] of [
      [quick, 1],
      [slow, 90_000],
    ] as const) {
      port.advance(2_000_000);
      for (let turn = 0; turn < 5; turn++) {
        port.advance(pause);
        answer(port, turn);
        port.advance(10_000);
      }
    }
    const paths = (port: FakePort): string[] => port.sentOf('http.request').map(({ payload }) => payload.path);
    expect(paths(quick)).toEqual(paths(slow));
    expect(new Set(paths(quick)).size).toBe(6);
  });

  it('pauses at least 1 ms, also when an expression fails at once', () => {
    const port = running(closed(1, 0, [{ ...create, body: '${ nowhere.x }' }]));
    port.advance(2_010_000);
    expect(port.sent).toEqual([]);
    expect(port.eventsOf('log').length).toBeGreaterThan(8);
    expect(port.eventsOf('log').length).toBeLessThan(12);
  });

  it('begins anew with another load; what was under way starts nothing more', () => {
    const port = running(closed(1, 100));
    port.advance(2_000_000);
    port.reconfigure(closed(3, 300), port.init.peers);
    answer(port, 0);
    port.advance(290_000);
    expect(times(port)).toEqual([0, 1, 100_000, 200_000]);
    port.reconfigure(clientRecord([create], 0), port.init.peers);
    for (const index of [1, 2, 3]) answer(port, index);
    port.advance(5_000_000);
    expect(port.sent).toHaveLength(4);
  });
});
