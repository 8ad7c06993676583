import { expect, test } from 'vitest';
import { payloadSize } from '../fabric/encode.ts';
import type { Payload } from '../fabric/message.ts';
import { createGrpcCodec } from './codec.ts';
import { grpcSizes } from './sizes.ts';
import { formatTimeout, parseTimeout } from './timeout.ts';
import { grpcStatus, grpcStatusName, statusOfCode, statusOfHttp } from './status.ts';

const PROTO = 'syntax = "proto3"; message U { string id = 1; string name = 2; } service S { rpc Get(U) returns (U); }';

test('RP3: a size is the real encoding: frames, prefix, message, header fields', () => {
  const codec = createGrpcCodec(PROTO);
  const encoded = codec.ok ? codec.value.rpcs.get('S/Get')?.input.encode({ id: '1', name: 'Ada' }) : undefined;
  if (encoded?.ok !== true) throw new Error('no message');
  const json = JSON.stringify(encoded.value.value);
  const message = Buffer.from(encoded.value.bytes, 'base64').length;
  const request: Payload = {
    kind: 'grpc.request',
    path: '/S/Get',
    metadata: { traceparent: '00' },
    timeoutUs: 250_000,
    bytes: encoded.value.bytes,
    json,
  };
  const headers = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': '/S/Get',
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': '250000u',
    traceparent: '00',
  };
  const fields = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 2, 0);
  expect(grpcSizes(request)).toEqual({ wire: 9 + fields + 9 + 5 + message, message: 8, json: 23 });
  expect(payloadSize(request)).toBe(9 + fields + 9 + 5 + message);
  const failed: Payload = {
    kind: 'grpc.reply',
    status: 5,
    message: '',
    metadata: {},
    bytes: null,
    json: null,
    sent: 0,
  };
  expect(grpcSizes(failed)).toMatchObject({ message: 0, json: 0 });
  expect(payloadSize({ kind: 'grpc.cancel', request: 'a:1' })).toBe(13);
  expect(grpcSizes({ kind: 'registry.ok' })).toBe(null);
});

test('RP2: a deadline travels as remaining time in at most 8 digits', () => {
  for (const [us, text] of [
    [0, '0u'],
    [1_500_000, '1500000u'],
    [99_999_999, '99999999u'],
    [100_000_001, '100001m'],
    [3_600e6 * 30, '108000S'],
  ] as const)
    expect(formatTimeout(us)).toBe(text);
  expect(['5S', '20m', '7u', '1M', '2H', '900n'].map(parseTimeout)).toEqual([5e6, 20e3, 7, 60e6, 7200e6, 1]);
  expect([undefined, '', '5', '123456789S', 'S', '-1S'].map(parseTimeout)).toEqual(Array(6).fill(null));
  for (let us = 1; us < 1e15; us = us * 3 + 1) {
    const back = parseTimeout(formatTimeout(us)) ?? 0;
    expect(back).toBeGreaterThanOrEqual(us);
    expect(back / us).toBeLessThan(1.02);
  }
});

test('RP1: 17 codes; an answer of HTTP without a status', () => {
  expect([0, 3, 5, 16].map(grpcStatusName)).toEqual(['ok', 'invalid_argument', 'not_found', 'unauthenticated']);
  expect([17, -1, 99].map(grpcStatusName)).toEqual(['unknown', 'unknown', 'unknown']);
  expect([grpcStatus('unavailable'), statusOfCode('not_found'), statusOfCode('ok'), statusOfCode('declined')]).toEqual([
    14,
    5,
    null,
    null,
  ]);
  expect([400, 401, 403, 404, 429, 500, 502, 503, 504].map(statusOfHttp)).toEqual([13, 16, 7, 12, 14, 2, 14, 14, 14]);
});
