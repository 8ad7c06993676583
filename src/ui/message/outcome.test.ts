import { expect, test } from 'vitest';
import type { Payload } from '../../core/fabric/message.ts';
import { packetShape } from '../../core/telemetry/fold-messages.ts';
import type { PacketView } from '../../core/telemetry/view.ts';
import { isOnWire, outcomeNow, outcomeWords, silentEnd } from './outcome.ts';

function packet(payload: Payload, more: Partial<PacketView> = {}): PacketView {
  const event: PacketView['event'] = {
    t: 100,
    class: 3,
    source: 'a#0',
    seq: 1,
    type: 'message.sent',
    from: 'a#0',
    to: 'b#0',
    link: 'a-b',
    arriveAt: 600,
    operation: '',
    payload,
    size: 1,
    fate: 'deliver',
    inReplyTo: null,
    trace: null,
  };
  const shape = packetShape(payload, false);
  const base = { event, id: '1', link: 'a-b', forward: true, departAt: 100, arriveAt: 600, size: 1, nth: 0 };
  return { ...base, shape, outcome: 'flight', answer: null, ...more };
}
const words = (view: PacketView, t: number): string =>
  outcomeWords(view, outcomeNow(view, t), isOnWire(view, t), null, (key) => key);

const message = { messageId: 'm', exchange: 'e', key: 'order.created', type: 'OrderCreated', headers: {}, body: '' };
const given = { queue: 'q', deliveryTag: 1, redelivered: false, deliveryCount: 1 };
const delivery: Payload = { kind: 'amqp.deliver', ...given, message };
const request: Payload = { kind: 'http.request', method: 'GET', path: '/', headers: {}, body: null };

test('a delivery that nobody answers has arrived when its time is over', () => {
  expect([words(packet(delivery), 599), words(packet(delivery), 600)]).toEqual(['outcome.flight', 'outcome.arrived']);
});
test('a request is on the wire, waits, and then has the status of its reply', () => {
  const answered = packet(request, { outcome: 'ok', answer: { id: '2', t: 900, ok: true, status: 201 } });
  expect([words(packet(request), 700), ...[599, 600, 900].map((t) => words(answered, t))]).toEqual([
    'outcome.waiting',
    'outcome.flight',
    'outcome.waiting',
    '201',
  ]);
});

const trace = { traceId: 't', spanId: 's' };
const call = () => {
  const asked = packet(request);
  return { ...asked, event: { ...asked.event, trace } };
};
const viewWith = (end: number | null, status: string, attributes = {}) =>
  ({
    traces: new Map([
      ['t', { spans: new Map([['s', { kind: 'CLIENT', end, description: 'no reply in 2 s', attributes }]]) }],
    ]),
    instances: new Map([['a#0', { status, reason: 'killed' }]]),
  }) as unknown as Parameters<typeof silentEnd>[1];

test('a request that is never answered waits only until its caller gives up, and says why', () => {
  const asked = call();
  expect(silentEnd(asked, viewWith(null, 'passing'))).toBeNull();
  const ended = silentEnd(asked, viewWith(2100, 'passing', { 'error.type': 'timeout' }));
  expect(ended).toEqual({ t: 2100, code: 'timeout', message: 'no reply in 2 s' });
  expect(outcomeWords(asked, 'flight', false, ended, (key, values) => `${key} ${String(values?.['code'])}`)).toBe(
    'outcome.noReply timeout',
  );
});
test('a caller that is gone waits no more; an answered request and a delivery never end in silence', () => {
  expect(silentEnd(call(), viewWith(null, 'dead'))).toMatchObject({ code: 'caller_gone' });
  const answered = { ...call(), answer: { id: '2', t: 900, ok: true, status: 201 } };
  expect(silentEnd(answered, viewWith(950, 'dead'))).toBeNull();
  expect(silentEnd(packet(delivery), viewWith(950, 'dead'))).toBeNull();
});
test('a request that found nobody was refused', () => {
  const refused = packet(request, { outcome: 'error', answer: { id: '2', t: 600, ok: false, status: null } });
  expect(words(refused, 700)).toBe('outcome.refused');
});
