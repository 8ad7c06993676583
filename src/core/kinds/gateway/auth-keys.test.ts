import { describe, expect, test } from 'vitest';
import type { HttpReply } from '../../fabric/message.ts';
import { edgeReplies, fromEdge, jsonReply } from '../testing/gateway-bench.ts';
import { CLAIMS, JWT, sign, publicKey, Bench } from './auth-bench.suite.ts';

describe('the key set of an Auth service', () => {
  test('is fetched once for all who wait, kept for its time, and fetched again afterwards', async () => {
    const bench = new Bench(JWT);
    const token = await sign(CLAIMS);
    for (let n = 101; n <= 103; n += 1)
      fromEdge(bench.port, { path: '/api/1', headers: { authorization: `Bearer ${token}` } }, n);
    await bench.settle();
    expect(edgeReplies(bench.port).map(({ status }) => status)).toEqual([200, 200, 200]);
    bench.port.advance(59_000_000);
    await bench.bearer(token);
    expect(bench.fetches).toBe(1);
    bench.port.advance(1_000_000);
    await bench.bearer(token);
    expect(bench.fetches).toBe(2);
  });

  test('an unknown key id is worth another look, but only one in 30 s', async () => {
    const bench = new Bench(JWT);
    await bench.bearer(sign(CLAIMS));
    const rolled = 'ef'.repeat(32);
    bench.answer = async () => jsonReply({ keys: [await publicKey(), await publicKey(rolled)] });
    expect((await bench.bearer(sign(CLAIMS, {}, 'EdDSA', rolled))).status).toBe(401);
    expect(bench.fetches).toBe(1);
    bench.port.advance(30_000_000);
    expect((await bench.bearer(sign(CLAIMS, {}, 'EdDSA', rolled))).status).toBe(200);
    for (let n = 0; n < 5; n += 1)
      expect((await bench.bearer(sign(CLAIMS, { kid: `invented-${n}` }))).status).toBe(401);
    expect(bench.fetches).toBe(2);
  });

  const bad: [string, HttpReply, string][] = [
    ['an error', jsonReply({}, 500), 'no keys: the key set answered 500'],
    ['no key set', jsonReply({ key: 1 }), 'no keys: the answer is no JWK Set'],
    ['no JSON', { status: 200, headers: {}, body: '<html>' }, 'no keys: the answer is no JWK Set'],
  ];
  test.each(bad)('%s instead of keys: 503', async (_, reply, detail) => {
    const bench = new Bench(JWT);
    bench.answer = () => Promise.resolve(reply);
    const { status, json, upstream } = await bench.bearer(sign(CLAIMS));
    expect([status, json['code'], json['detail'], upstream]).toEqual([503, 'jwks_unreachable', detail, undefined]);
    bench.answer = async () => jsonReply({ keys: [await publicKey()] });
    expect((await bench.bearer(sign(CLAIMS))).status).toBe(200);
  });

  test('silence: 503 when the fetch gives up, 504 when the request may not wait that long (GW8)', async () => {
    const patient = new Bench(JWT);
    patient.answer = () => Promise.resolve(null);
    await patient.bearer(sign(CLAIMS));
    patient.port.advance(2_000_000);
    expect(edgeReplies(patient.port)).toMatchObject([{ status: 503, json: { code: 'jwks_unreachable' } }]);
    const hasty = new Bench(JWT, undefined, { timeoutMs: 300 });
    hasty.answer = () => Promise.resolve(null);
    const asked = hasty.port.now();
    await hasty.bearer(sign(CLAIMS));
    hasty.port.advance(10_000_000);
    expect(edgeReplies(hasty.port)).toMatchObject([{ status: 504, t: asked + 300_000 }]);
  });

  test('the fetch is a trace of its own: no request is to blame for it', async () => {
    const bench = new Bench(JWT);
    await bench.bearer(sign(CLAIMS));
    const spans = bench.port.eventsOf('span.started');
    const fetch = spans.find(({ name }) => name === 'GET /.well-known/jwks.json');
    expect(fetch).toMatchObject({ kind: 'CLIENT', parentSpanId: null });
    expect(spans.filter(({ traceId }) => traceId === fetch?.traceId)).toHaveLength(1);
  });
});
