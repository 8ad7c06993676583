import { describe, expect, test } from 'vitest';
import { performEffect } from '../../../hosts/tokens/perform-effect.ts';
import { keyIdOf, tokenSecret } from '../../auth/keys.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { HttpReply, HttpRequest } from '../../fabric/message.ts';
import type { AnyExecutableNode, Auth, ConfigOf, Route } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import { edgeReplies, fromEdge, gatewayRecord, jsonReply } from '../testing/gateway-bench.ts';
import { gatewayActor } from './actor.ts';

/** Seconds since 1970 at which a run begins. */
const START = Date.UTC(2026, 0, 1) / 1000;
const SECRET = 'ab'.repeat(32);
const CLAIMS = { iss: 'http://auth', aud: 'api', sub: 'ada', exp: START + 300, scope: 'orders:read profile' };
const JWT: Extract<Auth, { kind: 'jwt' }> = {
  kind: 'jwt',
  issuer: 'http://auth',
  audience: ['api', 'other-name-of-the-api'],
  algorithms: ['EdDSA'],
  leewaySeconds: 0,
  jwks: { kind: 'node', node: 'auth', path: '/.well-known/jwks.json', cacheMs: 60_000 },
};
const route = (auth?: Route['auth']): Route => ({
  id: 'orders',
  match: 'prefix',
  path: '/api',
  action: { kind: 'forward', to: 'order', stripPrefix: false },
  ...(auth === undefined ? {} : { auth }),
});

async function sign(
  claims: JsonObject,
  header: JsonObject = {},
  algorithm: 'EdDSA' | 'HS256' = 'EdDSA',
  secret = SECRET,
): Promise<string> {
  const signed = await performEffect({
    do: 'jws.sign',
    algorithm,
    secret,
    header: { kid: keyIdOf(secret), typ: 'JWT', ...header },
    payload: JSON.stringify(claims),
  });
  if (!signed.ok) throw new Error(signed.message);
  return signed.value as string;
}
async function publicKey(secret = SECRET): Promise<JsonObject> {
  const key = await performEffect({ do: 'jws.public-key', secret });
  return { ...(key.ok ? (key.value as JsonObject) : {}), kid: keyIdOf(secret), alg: 'EdDSA', use: 'sig' };
}
const encoded = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A ready gateway before `order` and `auth`, whose key set is answered by `answer`. */
class Bench {
  readonly port: FakePort;
  fetches = 0;
  answer: () => Promise<HttpReply | null> = async () => jsonReply({ keys: [await publicKey()] });
  private seen = 0;
  private seq = 0;

  constructor(auth: Auth, routeAuth?: Route['auth'], more: Partial<ConfigOf<'gateway'>> = {}) {
    const peers = ['order', 'auth'].map((node) => peerOf(node, 'http', 'out', serviceRecord(node)));
    const record: AnyExecutableNode = gatewayRecord([route(routeAuth)], 5000, { auth, ...more });
    this.port = createFakePort(initOf('gw', record, peers));
    this.port.attach(gatewayActor);
    this.port.deliver({ type: 'start' });
    this.port.advance(1000);
  }

  /** Sends a request and lets everybody answer; gives the gateway's reply and what reached the upstream. */
  async ask(
    headers: Record<string, string>,
  ): Promise<{ status: number; reply: HttpReply | undefined; upstream: HttpRequest | undefined; json: JsonObject }> {
    const before = this.seen;
    this.seq += 1;
    fromEdge(this.port, { path: '/api/orders', headers }, this.seq);
    await this.settle();
    const reply = edgeReplies(this.port).find(({ inReplyTo }) => inReplyTo === `input:${this.seq}`);
    const upstream = this.port.sent.slice(before).find(({ to }) => to === 'order#0')?.payload as
      | HttpRequest
      | undefined;
    return { status: reply?.status ?? 0, reply, upstream, json: (reply?.json ?? {}) as JsonObject };
  }

  async settle(): Promise<void> {
    for (;;) {
      await this.port.settle(performEffect);
      const sent = this.port.sent[this.seen];
      if (sent === undefined) return;
      this.seen += 1;
      if (sent.payload.kind !== 'http.request') continue;
      if (sent.to === 'auth#0') this.fetches += 1;
      const reply = sent.to === 'auth#0' ? await this.answer() : jsonReply({ ok: true });
      if (reply !== null) this.port.reply(sent, { kind: 'http.reply', ...reply });
    }
  }
  bearer = async (token: string | Promise<string>) => this.ask({ authorization: `Bearer ${await token}` });
}
const challengeOf = (reply: HttpReply | undefined): string => reply?.headers['www-authenticate'] ?? '';

describe('GW4: a signed token at the gateway', () => {
  test('a good one passes: consumer upstream, what a client claims to be is gone', async () => {
    const bench = new Bench(JWT);
    const token = await sign(CLAIMS);
    const { status, upstream } = await bench.ask({
      authorization: `Bearer ${token}`,
      'x-consumer': 'root',
      'X-Consumer': 'root',
    });
    expect(status).toBe(200);
    expect(upstream?.headers['x-consumer']).toBe('ada');
    expect(upstream?.headers['authorization']).toBe(`Bearer ${token}`);
    expect(Object.keys(upstream?.headers ?? {}).filter((name) => name.toLowerCase() === 'x-consumer')).toHaveLength(1);
  });

  test('without one: 401 and a challenge that names no error; another scheme is no token', async () => {
    const bench = new Bench(JWT);
    for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
      const { status, reply, upstream, json } = await bench.ask(headers);
      expect([status, json['code'], challengeOf(reply), upstream]).toEqual([
        401,
        'token_missing',
        'Bearer realm="api"',
        undefined,
      ]);
    }
  });

  const refusals: [string, () => Promise<string>, string][] = [
    ['expired, to the second', () => sign({ ...CLAIMS, exp: START }), 'the token expired'],
    ['not valid yet', () => sign({ ...CLAIMS, nbf: START + 1 }), 'the token is not valid yet'],
    ['without end', () => sign({ iss: 'http://auth', aud: 'api' }), 'the token does not say until when it holds'],
    ['an end that is text', () => sign({ ...CLAIMS, exp: '2099' }), 'the token does not say until when it holds'],
    ['another issuer', () => sign({ ...CLAIMS, iss: 'http://auth/' }), 'the token is by another issuer'],
    ['another audience', () => sign({ ...CLAIMS, aud: ['web', 'apis'] }), 'the token is for another audience'],
    ['no audience', () => sign({ iss: CLAIMS.iss, exp: CLAIMS.exp }), 'the token is for another audience'],
    ['an unknown key', () => sign(CLAIMS, { kid: 'nobody' }), 'the key of the token is not known'],
    [
      'a foreign key under a known id',
      () => sign(CLAIMS, { kid: keyIdOf(SECRET) }, 'EdDSA', 'cd'.repeat(32)),
      'the signature does not fit',
    ],
    [
      'a critical extension',
      async () =>
        `${encoded({ alg: 'EdDSA', kid: keyIdOf(SECRET), crit: ['exp'], exp: 1 })}.${(await sign(CLAIMS)).split('.').slice(1).join('.')}`,
      'the token needs an extension that is not understood (crit)',
    ],
    [
      'claims that are no object',
      async () => `${encoded({ alg: 'EdDSA', kid: keyIdOf(SECRET) })}.${encoded([1])}.AAAA`,
      'the signature does not fit',
    ],
    [
      'changed claims',
      async () => {
        const [head, , tail] = (await sign(CLAIMS)).split('.');
        return `${head}.${encoded({ ...CLAIMS, sub: 'root' })}.${tail}`;
      },
      'the signature does not fit',
    ],
    ['no JWT at all', () => Promise.resolve('abc'), 'the token is not a signed JWT'],
    ['a header that is no JSON', () => Promise.resolve('abc.e30.e30'), 'the header of the token cannot be read'],
    [
      'algorithm none',
      () => Promise.resolve(`${encoded({ alg: 'none' })}.${encoded(CLAIMS)}.`),
      'the algorithm of the token is not allowed here',
    ],
    [
      'algorithm None, signed',
      async () =>
        `${encoded({ alg: 'None', kid: keyIdOf(SECRET) })}.${(await sign(CLAIMS)).split('.').slice(1).join('.')}`,
      'the algorithm of the token is not allowed here',
    ],
    [
      'HMAC under a gateway of EdDSA',
      () => sign(CLAIMS, {}, 'HS256'),
      'the algorithm of the token is not allowed here',
    ],
  ];
  test.each(refusals)('%s: 401 invalid_token', async (_, token, why) => {
    const { status, reply, upstream, json } = await new Bench(JWT).bearer(token());
    expect([status, json['code'], json['detail'], upstream]).toEqual([401, 'invalid_token', why, undefined]);
    expect(challengeOf(reply)).toBe(`Bearer realm="api", error="invalid_token", error_description="${why}"`);
  });

  test('several tokens: 401, in one header or in two', async () => {
    const bench = new Bench(JWT);
    const token = await sign(CLAIMS);
    for (const headers of [
      { authorization: `Bearer ${token}, Bearer ${token}` },
      { authorization: `Bearer ${token}`, Authorization: `Bearer ${token}` },
      { authorization: `Basic YTpi, Bearer ${token}` },
    ])
      expect((await bench.ask(headers)).json['detail']).toBe('multiple tokens provided');
  });

  test('leeway counts for both ends, to the second', async () => {
    const bench = new Bench({ ...JWT, leewaySeconds: 5 });
    const statuses = [];
    for (const claims of [{ exp: START - 4 }, { exp: START - 5 }, { nbf: START + 5 }, { nbf: START + 6 }])
      statuses.push((await bench.bearer(sign({ ...CLAIMS, ...claims }))).status);
    expect(statuses).toEqual([200, 401, 200, 401]);
  });

  test('a token ends while time goes on; a wrong clock of the gateway moves that moment', async () => {
    const bench = new Bench(JWT);
    const token = await sign({ ...CLAIMS, exp: START + 2 });
    expect((await bench.bearer(token)).status).toBe(200);
    bench.port.advance(2_000_000);
    expect((await bench.bearer(token)).status).toBe(401);
    bench.port.init = { ...bench.port.init, faults: [{ kind: 'clock-skew', node: 'gw', skewMs: -1500 }] };
    expect((await bench.bearer(token)).status).toBe(200);
  });
});

describe('GW4: algorithms come from configuration and keys, never from the token (RFC 8725)', () => {
  test('RSA confusion: a public key is no HMAC secret, even when HS256 is allowed beside RS256', async () => {
    const rsa = {
      kty: 'RSA',
      kid: 'rsa',
      n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp',
      e: 'AQAB',
    };
    const bench = new Bench({ ...JWT, algorithms: ['RS256', 'HS256'], jwks: { kind: 'inline', keys: [rsa] } });
    const forged = await sign(CLAIMS, { kid: 'rsa' }, 'HS256', Buffer.from(rsa.n).toString('hex').slice(0, 64));
    expect((await bench.bearer(forged)).json['detail']).toBe('the key is for another algorithm');
  });

  test('HS256: the key is shared, never fetched; a key set with a symmetric key in it is of no use', async () => {
    const auth: Auth = { ...JWT, algorithms: ['HS256'] };
    const bench = new Bench(auth);
    const secret = tokenSecret(bench.port.init, 'auth');
    expect((await bench.bearer(sign(CLAIMS, {}, 'HS256', secret))).status).toBe(200);
    expect((await bench.bearer(sign(CLAIMS, { kid: keyIdOf(secret) }, 'HS256', SECRET))).status).toBe(401);
    expect(bench.fetches).toBe(0);
  });

  test('a token without key id needs exactly one key of its algorithm', async () => {
    const [one, two] = [await publicKey(), await publicKey('cd'.repeat(32))];
    const token = await sign(CLAIMS, { kid: undefined as unknown as Json });
    const single = new Bench({ ...JWT, jwks: { kind: 'inline', keys: [one, { kty: 'oct', k: 'AAAA' }] } });
    expect((await single.bearer(token)).status).toBe(200);
    const several = new Bench({ ...JWT, jwks: { kind: 'inline', keys: [one, two] } });
    expect((await several.bearer(token)).json['detail']).toBe('the token does not name its key');
  });
});

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

describe('what a route asks for', () => {
  test('scopes: all of them, else 403 insufficient_scope', async () => {
    const token = await sign(CLAIMS);
    for (const [scopes, status] of [
      [[], 200],
      [['orders:read'], 200],
      [['profile', 'orders:read'], 200],
      [['orders:read', 'orders:write'], 403],
      [['orders'], 403],
    ] as const) {
      const bench = new Bench(JWT, { required: true, scopes: [...scopes] });
      const asked = await bench.bearer(token);
      expect(asked.status).toBe(status);
      if (status === 200) continue;
      expect(asked.json['code']).toBe('insufficient_scope');
      expect(challengeOf(asked.reply)).toBe(
        `Bearer realm="api", error="insufficient_scope", scope="${scopes.join(' ')}"`,
      );
    }
  });

  test('required: false lets the nameless pass, but nobody with a bad token', async () => {
    const bench = new Bench(JWT, { required: false, scopes: ['orders:read'] });
    const nameless = await bench.ask({ 'x-consumer': 'root' });
    expect([nameless.status, nameless.upstream?.headers['x-consumer']]).toEqual([200, undefined]);
    expect((await bench.bearer('abc')).status).toBe(401);
    expect((await bench.bearer(sign(CLAIMS))).upstream?.headers['x-consumer']).toBe('ada');
    expect((await bench.bearer(sign({ ...CLAIMS, scope: '' }))).status).toBe(403);
  });

  test('a consumer with odd letters reaches the upstream as header text', async () => {
    const bench = new Bench(JWT);
    const { upstream } = await bench.bearer(sign({ ...CLAIMS, sub: 'Ада\r\nx: 1' }));
    expect(upstream?.headers['x-consumer']).toBe('%D0%90%D0%B4%D0%B0%0D%0Ax:%201');
  });
});

describe('keys (api-key)', () => {
  const auth: Auth = { kind: 'api-key', header: 'x-api-key', keys: [{ key: 'k-1', consumer: 'partner' }] };
  test('a known key is its consumer; none or another is 401 with a challenge', async () => {
    const bench = new Bench(auth);
    const good = await bench.ask({ 'X-Api-Key': 'k-1', 'x-consumer': 'root' });
    expect([good.status, good.upstream?.headers['x-consumer']]).toEqual([200, 'partner']);
    for (const [headers, code] of [
      [{}, 'key_missing'],
      [{ 'x-api-key': 'k-2' }, 'invalid_key'],
      [{ 'x-api-key': 'k-1', 'X-API-KEY': 'k-1' }, 'invalid_key'],
    ] as const) {
      const { status, json, reply } = await bench.ask(headers);
      expect([status, json['code'], challengeOf(reply)]).toEqual([401, code, 'Key realm="api"']);
    }
    expect((await new Bench(auth, { required: false }).ask({})).status).toBe(200);
  });
});
