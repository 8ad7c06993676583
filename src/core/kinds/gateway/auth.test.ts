import { describe, expect, test } from 'vitest';
import { keyIdOf, tokenSecret } from '../../auth/keys.ts';
import type { Json } from '../../base/json.ts';
import type { HttpReply } from '../../fabric/message.ts';
import type { Auth } from '../../topology/schema/types.ts';
import { START, SECRET, CLAIMS, JWT, sign, publicKey, encoded, Bench } from './auth-bench.suite.ts';

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
