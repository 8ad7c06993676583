import { describe, expect, test } from 'vitest';
import { performEffect } from '../../hosts/tokens/perform-effect.ts';
import { VirtualRun, type VirtualOptions } from '../../hosts/virtual/run-virtual.ts';
import { textOfBase64Url } from '../auth/base64url.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { HttpReply } from '../fabric/message.ts';
import { compileTopology } from '../topology/compile.ts';
import { connect } from '../topology/edit/connect.ts';
import { addNode, emptyDocument } from '../topology/edit/edit.ts';
import type { Document } from '../topology/schema/types.ts';
import { validateDocument } from '../topology/check/validate.ts';

const SECOND = 1_000_000;

/** The ready-made Auth service, alone or with a database of an engine. */
function drawn(database: string | null): Document {
  let document = emptyDocument('auth', 'Auth');
  for (const preset of database === null ? ['auth'] : ['auth', database])
    document = addNode(document, preset, { x: 0, y: 0 }, () => preset)?.document ?? document;
  if (database === null) return document;
  const connected = connect(document, 'auth', database, () => 'auth-database');
  if (!connected.ok) throw new Error(connected.error[0]?.message ?? '');
  expect(connected.value.added).toEqual({ node: database, kind: 'table', id: 'users' });
  return connected.value.document;
}

async function ask(
  document: Document,
  requests: { method: string; path: string; body?: Json }[],
  options: VirtualOptions = {},
): Promise<{ replies: (HttpReply & { json: JsonObject })[]; run: VirtualRun }> {
  expect(validateDocument(document)).toEqual([]);
  const topology = compileTopology(document);
  const definition = { documentId: 'auth', topology, initialData: null, seed: document.seed, inputs: [] };
  const run = new VirtualRun(definition, { perform: performEffect, ...options });
  const replies: (HttpReply & { json: JsonObject })[] = [];
  await run.runUntilAsync(SECOND);
  for (const { method, path, body } of requests) {
    const request = { method, path, headers: {}, body: body === undefined ? null : JSON.stringify(body) };
    const { seq } = run.inject({ kind: 'request', node: 'auth', request });
    await run.runUntilAsync(run.fabric.horizon + SECOND);
    const reply = run.edgeReplies.get(seq);
    if (reply) replies.push({ ...reply, json: JSON.parse(reply.body ?? 'null') as JsonObject });
  }
  return { replies, run };
}
const ENGINES = [
  [null, 'web'],
  ['database-table', 'ada'],
  ['database-document', 'ada'],
] as const;
const login = (name: string, secret = `${name}-secret`, more: JsonObject = {}) => ({
  method: 'POST',
  path: '/token',
  body: { grant_type: 'client_credentials', client_id: name, client_secret: secret, ...more },
});
const keys = { method: 'GET', path: '/.well-known/jwks.json' };
const partOf = (token: Json | undefined, part: 0 | 1): JsonObject =>
  JSON.parse(textOfBase64Url((token as string).split('.')[part] ?? '') ?? 'null') as JsonObject;

describe('the ready-made Auth service works as soon as it stands', () => {
  test.each(ENGINES)('with database %s: a token that its published key verifies', async (engine, name) => {
    const { replies } = await ask(drawn(engine), [login(name), keys]);
    const [token, jwks] = replies;
    expect(token).toMatchObject({
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: { token_type: 'Bearer', expires_in: 300, scope: 'orders:read orders:write' },
    });
    const key = (jwks?.json['keys'] as JsonObject[] | undefined)?.[0] ?? {};
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' });
    expect(Object.keys(key)).not.toContain('d');
    const jws = token?.json['access_token'] as string;
    expect(partOf(jws, 0)).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: key['kid'] });
    const claims = partOf(jws, 1);
    expect(claims).toMatchObject({ iss: 'http://auth', sub: name, aud: 'api', scope: 'orders:read orders:write' });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(300);
    // The run's clock starts on 2026-01-01: the token was issued within its first seconds.
    expect(Number(claims['iat']) - Date.UTC(2026, 0, 1) / 1000).toBe(1);
    expect(await performEffect({ do: 'jws.verify', token: jws, algorithm: 'EdDSA', key })).toEqual({
      ok: true,
      value: true,
    });
  });

  test.each(ENGINES)('with database %s: wrong secrets and odd bodies are 401, never a token', async (engine, name) => {
    const odd = [
      login(name, 'wrong'),
      login('nobody'),
      { method: 'POST', path: '/token' },
      { ...login(name), body: [1] },
    ];
    const { replies } = await ask(drawn(engine), odd);
    for (const reply of replies) expect([reply.status, reply.json]).toEqual([401, { error: 'invalid_client' }]);
    expect(replies).toHaveLength(odd.length);
  });

  test('asking for fewer scopes gives fewer, asking for others gives none of them; user and password work too', async () => {
    const { replies } = await ask(drawn(null), [
      login('web', 'web-secret', { scope: 'orders:read admin' }),
      { method: 'POST', path: '/token', body: { grant_type: 'password', username: 'guest', password: 'guest-secret' } },
    ]);
    expect(replies.map(({ json }) => json['scope'])).toEqual(['orders:read', 'orders:read']);
  });

  test('the secrets of its users cannot be read over HTTP', async () => {
    const paths = ['/users', '/users/1', '/token', '/token/1', '/api/auth', '/api/auth/1'];
    const { replies } = await ask(drawn('database-table'), [
      ...paths.map((path) => ({ method: 'GET', path })),
      login('ada'),
    ]);
    for (const reply of replies) expect(reply.body).not.toContain('-secret');
  });
});

describe('decision 4: tokens in a run', () => {
  const requests = [login('web'), keys, login('guest')];
  test('the same bytes for every window size and every repeat', async () => {
    const hashes = new Set<string>();
    for (const windowSize of ['lookahead', 'event', 143, 'lookahead'] as const)
      hashes.add((await ask(drawn(null), requests, { windowSize })).run.sha256());
    expect(hashes.size).toBe(1);
  });
  test('another seed is another key; keys are in no header and no event', async () => {
    const [one, two] = [drawn(null), { ...drawn(null), seed: 77 }];
    const [a, b] = [await ask(one, requests), await ask(two, requests)];
    expect(a.replies[1]?.body).not.toBe(b.replies[1]?.body);
    const log = [a.run.fabric.header(), ...a.run.events.map((event) => JSON.stringify(event))].join('\n');
    expect(log).not.toMatch(/"secrets"|"d":/);
  });
  test('HS256: a token, and no public key at all', async () => {
    const document = drawn(null);
    const auth = document.nodes['auth'];
    if (auth?.kind !== 'service') throw new Error('no auth');
    auth.config.tokens = { issuer: 'http://auth', algorithm: 'HS256', ttlSeconds: 60 };
    const { replies } = await ask(document, requests);
    expect(partOf(replies[0]?.json['access_token'], 0)['alg']).toBe('HS256');
    expect(replies[1]?.json).toEqual({ keys: [] });
  });
});

describe('checks', () => {
  test('a token step needs a service that issues tokens', () => {
    const document = drawn(null);
    const auth = document.nodes['auth'];
    if (auth?.kind !== 'service') throw new Error('no auth');
    delete auth.config.tokens;
    expect(validateDocument(document).map(({ code, at }) => `${code} ${at}`)).toEqual([
      'TOKENS_MISSING nodes/auth/config/endpoints/1/steps/4/else/0',
      'TOKENS_MISSING nodes/auth/config/endpoints/2/steps/0',
    ]);
  });
});
