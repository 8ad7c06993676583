import { describe, expect, test } from 'vitest';
import { connect } from '../edit/connect.ts';
import { copy } from '../edit/copy.ts';
import { paste } from '../edit/paste.ts';
import { addNode, brokenBy, emptyDocument, removeRecords } from '../edit/edit.ts';
import type { Auth, ConfigOf, Document, Route } from '../schema/types.ts';
import { validateDocument } from './validate.ts';

const JWT: Extract<Auth, { kind: 'jwt' }> = {
  kind: 'jwt',
  issuer: 'http://auth',
  audience: ['api'],
  algorithms: ['EdDSA'],
  leewaySeconds: 0,
  jwks: { kind: 'node', node: 'auth', path: '/.well-known/jwks.json', cacheMs: 60_000 },
};

/** A gateway before the ready-made Auth service. */
function drawn(auth: Auth | undefined, routeAuth?: Route['auth'], isLinked = true): Document {
  let document = emptyDocument('auth', 'Auth');
  for (const preset of ['gateway', 'auth', 'user'])
    document = addNode(document, preset, { x: 0, y: 0 }, () => preset)?.document ?? document;
  for (const to of isLinked ? ['user', 'auth'] : ['user']) {
    const connected = connect(document, 'gateway', to, () => `gateway-${to}`);
    if (connected.ok) document = connected.value.document;
  }
  const gateway = document.nodes['gateway'];
  if (gateway?.kind !== 'gateway') throw new Error('no gateway');
  if (auth) gateway.config.auth = auth;
  const [first] = gateway.config.routes;
  if (first && routeAuth) first.auth = routeAuth;
  return document;
}
const problems = (document: Document): string[] =>
  validateDocument(document).map(({ code, at }) => `${code} ${at.replace('nodes/gateway/config/', '')}`);
const okp = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };

describe('checks of authentication at the gateway', () => {
  test('sound: tokens of a linked Auth service, pasted keys of each kind, keys', () => {
    expect(problems(drawn(JWT, { required: true, scopes: ['orders:read'] }))).toEqual([]);
    expect(problems(drawn({ ...JWT, jwks: { kind: 'inline', keys: [okp] } }, undefined, false))).toEqual([]);
    const all: Auth = {
      ...JWT,
      algorithms: ['EdDSA', 'RS256', 'HS256'],
      jwks: {
        kind: 'inline',
        keys: [okp, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, { kty: 'oct', k: 'AAAA', use: 'sig' }],
      },
    };
    expect(problems(drawn(all))).toEqual([]);
    expect(problems(drawn({ kind: 'api-key', header: 'x-api-key', keys: [{ key: 'k', consumer: 'c' }] }))).toEqual([]);
  });

  const cases: [string, Document, string[]][] = [
    ['no link to the keys', drawn(JWT, undefined, false), ['JWKS_NOT_LINKED auth/jwks/node']],
    [
      'nobody there',
      drawn({ ...JWT, jwks: { ...JWT.jwks, kind: 'node', node: 'x', path: '/', cacheMs: 0 } }),
      ['NODE_UNKNOWN auth/jwks/node'],
    ],
    [
      'no tokens there',
      drawn({ ...JWT, jwks: { kind: 'node', node: 'user', path: '/', cacheMs: 0 } }),
      ['TOKENS_MISSING auth/jwks/node'],
    ],
    [
      'another path',
      drawn({ ...JWT, jwks: { kind: 'node', node: 'auth', path: '/keys', cacheMs: 0 } }),
      ['ENDPOINT_UNKNOWN auth/jwks/path'],
    ],
    ['another issuer', drawn({ ...JWT, issuer: 'http://auth/' }), ['ISSUER_DIFFERS auth/issuer']],
    ['another algorithm', drawn({ ...JWT, algorithms: ['RS256', 'HS256'] }), ['ALGORITHM_DIFFERS auth/algorithms']],
    [
      'a private key',
      drawn({ ...JWT, jwks: { kind: 'inline', keys: [{ ...okp, d: 'x' }, okp] } }),
      ['KEY_PRIVATE auth/jwks/keys/0/d'],
    ],
    [
      'keys of no use',
      drawn({ ...JWT, jwks: { kind: 'inline', keys: [{ ...okp, use: 'enc' }, { kty: 'EC' }] } }),
      ['KEY_UNUSABLE auth/jwks/keys/0', 'KEY_UNUSABLE auth/jwks/keys/1', 'KEY_MISSING auth/algorithms/0'],
    ],
    [
      'HS256 with public keys alone',
      drawn({ ...JWT, algorithms: ['HS256'], jwks: { kind: 'inline', keys: [okp] } }),
      ['KEY_MISSING auth/algorithms/0'],
    ],
    [
      'no keys',
      drawn({ kind: 'api-key', header: 'X-Key', keys: [] }),
      ['HEADER_NAME_INVALID auth/header', 'KEY_MISSING auth/keys'],
    ],
    [
      'one key twice',
      drawn({
        kind: 'api-key',
        header: 'x-key',
        keys: [
          { key: 'k', consumer: 'a' },
          { key: 'k', consumer: 'b' },
        ],
      }),
      ['KEY_DUPLICATE auth/keys/1/key'],
    ],
    ['a route that asks a gateway that does not', drawn(undefined, { required: true }), ['AUTH_MISSING routes/0/auth']],
    [
      'scopes of keys',
      drawn(
        { kind: 'api-key', header: 'x-key', keys: [{ key: 'k', consumer: 'a' }] },
        { required: true, scopes: ['a'] },
      ),
      ['SCOPES_WITHOUT_TOKEN routes/0/auth/scopes'],
    ],
    ['a scope with a quote', drawn(JWT, { required: true, scopes: ['a"b'] }), ['SCOPE_INVALID routes/0/auth/scopes/0']],
  ];
  test.each(cases)('%s', (_, document, expected) => expect(problems(document)).toEqual(expected));

  test('HS256 with an Auth service needs no link: the key is shared, not fetched', () => {
    const document = drawn({ ...JWT, algorithms: ['HS256'] }, undefined, false);
    const auth = document.nodes['auth'];
    if (auth?.kind !== 'service') throw new Error('no auth');
    const tokens: ConfigOf<'service'>['tokens'] = { issuer: 'http://auth', algorithm: 'HS256', ttlSeconds: 60 };
    auth.config.tokens = tokens;
    expect(problems(document)).toEqual([]);
  });
});

describe('edits keep authentication and wiring together', () => {
  test.each([['gateway-auth'], ['auth']])('removing %s takes it from the gateway and its routes, and says so', (id) => {
    const document = drawn(JWT, { required: true, scopes: ['orders:read'] });
    expect(brokenBy(document, [id])).toContainEqual({
      node: 'gateway',
      kind: 'auth',
      id: 'auth',
      handler: null,
      isRemoved: true,
    });
    const edited = removeRecords(document, [id]).document;
    expect(problems(edited)).toEqual([]);
    expect(JSON.stringify(edited.nodes['gateway'])).not.toContain('jwks');
  });
  test('a copy of gateway and Auth service verifies with the copied one', () => {
    const document = drawn(JWT);
    let next = 0;
    const pasted = paste(
      document,
      copy(document, ['gateway', 'auth', 'user']),
      { x: 9, y: 9 },
      () => `copy-${(next += 1)}`,
    );
    const copies = Object.entries(pasted.document.nodes).filter(([id]) => id.startsWith('copy-'));
    const gateway = copies.find(([, node]) => node.kind === 'gateway')?.[1];
    const auth = copies.find(([, node]) => node.kind === 'service' && node.config.tokens !== undefined)?.[0];
    expect(auth).toBeDefined();
    expect(gateway?.kind === 'gateway' ? gateway.config.auth : null).toMatchObject({ jwks: { node: auth } });
  });
});
