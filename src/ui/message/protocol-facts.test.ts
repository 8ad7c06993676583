import { expect, test } from 'vitest';
import type { Payload } from '../../core/fabric/message.ts';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { logWriter, SAMPLE_TOPOLOGY, span, TRACE } from '../../core/telemetry/sample-log.suite.ts';
import { en } from '../text/en/index.ts';
import { createTexts } from '../text/texts.ts';
import { flagOf, flagWords, protocolFacts, registryList, registryWords } from './protocol-facts.ts';

const texts = createTexts('en', en);
const said = (payload: Payload) =>
  Object.fromEntries(protocolFacts(payload, texts).map(({ name, value }) => [name, value]));

test('a gRPC message says its method, its status by name, and both sizes', () => {
  const request: Payload = {
    kind: 'grpc.request',
    path: '/user.UserService/GetUser',
    metadata: {},
    timeoutUs: null,
    bytes: btoa('\n\u0003u-1'),
    json: '{"id":"u-1"}',
  };
  expect(said(request)).toEqual({
    'message.method': '/user.UserService/GetUser',
    'message.protobuf': '5 B',
    'message.json': '12 B',
  });
  const reply: Payload = {
    kind: 'grpc.reply',
    status: 5,
    message: 'no such user',
    metadata: {},
    bytes: null,
    json: null,
    sent: 0,
  };
  expect(said(reply)).toEqual({ 'message.status': 'NOT_FOUND: no such user' });
});

test('an HTTP reply says what is left of the rate limit, and when to come again', () => {
  const headers = { 'ratelimit-limit': '20', 'ratelimit-remaining': '0', 'ratelimit-reset': '4', 'retry-after': '2' };
  expect(said({ kind: 'http.reply', status: 429, headers, body: null })).toEqual({
    'message.limit': '0 of 20 left, all again in 4 s',
    'message.retryAfter': '2 s',
  });
  expect(said({ kind: 'http.reply', status: 200, headers: {}, body: null })).toEqual({});
});

test.each<[string, Payload]>([
  ['HTTP', { kind: 'http.reply', status: 429, headers: {}, body: null }],
  ['gRPC', { kind: 'grpc.reply', status: 14, message: 'too often', metadata: {}, bytes: null, json: null, sent: 0 }],
])('flags are said in words; only the reply of the span that carries one has it: %s', (_, refusal) => {
  expect(flagWords('UF,URX', texts)).toBe(
    'UF: the connection to the upstream was refused; URX: all tries that the policy allows were made',
  );
  expect(flagWords('XX', texts)).toBe('XX');
  const log = logWriter();
  const trace = { traceId: TRACE, spanId: span(1) };
  log.start(0, 'payment#0', 1, null, 'SERVER');
  log.send(5, 'payment#0', 'order#0', refusal, { trace });
  log.send(5, 'order#0', 'payment#0', { kind: 'http.reply', status: 200, headers: {}, body: null }, { trace });
  log.put(6, 'payment#0', {
    type: 'span.ended',
    traceId: TRACE,
    spanId: span(1),
    status: 'unset',
    description: null,
    attributes: { 'servarium.flag': 'RL' },
  });
  const view = foldTo(log.events, Infinity, foldContext(SAMPLE_TOPOLOGY));
  expect([...view.messages.values()].map((packet) => flagOf(packet, view))).toEqual(['RL', null]);
});

test('messages of a registry are sentences, its lists are addresses', () => {
  const addresses = [{ instance: 'order#0', address: '192.168.1.5:8000' }];
  expect(
    registryWords({ kind: 'registry.register', service: 'order', address: '192.168.1.5:8000', ttlMs: 15_000 }, texts),
  ).toBe('Register order at 192.168.1.5:8000 with a lease of 15 s');
  const result: Payload = { kind: 'registry.result', service: 'order', addresses };
  expect([registryWords(result, texts), registryList(result)]).toEqual([
    'order has 1 passing instance',
    'order#0  192.168.1.5:8000',
  ]);
  expect(registryList({ ...result, addresses: [] })).toBeNull();
  const query: Payload = { kind: 'registry.discover', service: 'order', index: 7, waitMs: 300_000 };
  expect(registryWords(query, texts)).toBe(
    'Who is order? Answer when it is later than index 7, after 300 s at the latest',
  );
  expect(registryWords({ ...query, index: 0 }, texts)).toBe('Who is order?');
  expect(registryWords({ kind: 'amqp.confirm', ok: true }, texts)).toBeNull();
});
