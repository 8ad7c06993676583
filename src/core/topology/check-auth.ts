import { isObject } from '../base/json.ts';
import { algorithmOfKey } from '../auth/keys.ts';
import type { Check } from './check.ts';
import { checkHeaderName } from './check-routes.ts';
import type { Auth, ConfigOf } from './types.ts';

type Jwt = Extract<Auth, { kind: 'jwt' }>;
type NodeKeys = Extract<Jwt['jwks'], { kind: 'node' }>;
type InlineKeys = Extract<Jwt['jwks'], { kind: 'inline' }>;
/** A scope of RFC 6749 3.3: it stands between quotes in a challenge. */
const SCOPE = /^[\u0021\u0023-\u005b\u005d-\u007e]+$/;

/** Checks who may enter a gateway: where its keys come from, whether issuer and algorithms agree, what routes demand (GW4). */
export function checkAuth(check: Check, gateway: string, config: ConfigOf<'gateway'>, at: string): void {
  const { auth } = config;
  if (auth?.kind === 'api-key') checkKeys(check, auth, `${at}/auth`);
  if (auth?.kind === 'jwt' && auth.jwks.kind === 'node') checkIssuer(check, gateway, auth, auth.jwks, `${at}/auth`);
  if (auth?.kind === 'jwt' && auth.jwks.kind === 'inline') checkInline(check, auth, auth.jwks, `${at}/auth`);
  config.routes.forEach((route, index) => {
    const place = `${at}/routes/${index}/auth`;
    if (route.auth === undefined) return;
    if (auth === undefined)
      return check.error(
        'AUTH_MISSING',
        place,
        `the route "${route.id}" asks who calls, but the gateway has no authentication`,
        'Choose tokens or keys for the gateway, or remove this from the route',
      );
    const scopes = route.auth.scopes ?? [];
    if (auth.kind === 'api-key' && scopes.length > 0)
      check.error('SCOPES_WITHOUT_TOKEN', `${place}/scopes`, 'a key has no scopes: only tokens have');
    scopes.forEach((scope, position) => {
      if (!SCOPE.test(scope))
        check.error(
          'SCOPE_INVALID',
          `${place}/scopes/${position}`,
          `"${scope}" is no scope: visible ASCII without blanks, quotes and backslashes`,
        );
    });
  });
}

function checkKeys(check: Check, auth: Extract<Auth, { kind: 'api-key' }>, at: string): void {
  checkHeaderName(check, auth.header, `${at}/header`);
  if (auth.keys.length === 0)
    check.error('KEY_MISSING', `${at}/keys`, 'there is no key, so nobody could enter', 'Add a key and its consumer');
  check.unique(
    auth.keys.map(({ key }) => key),
    'KEY_DUPLICATE',
    'the key',
    (index) => `${at}/keys/${index}/key`,
  );
}

function checkIssuer(check: Check, gateway: string, auth: Jwt, { node, path }: NodeKeys, at: string): void {
  const service = check.nodeOf(node, 'service');
  if (service === undefined)
    return check.error('NODE_UNKNOWN', `${at}/jwks/node`, `there is no service "${node}" to get keys from`);
  const { tokens, endpoints } = service.config;
  if (tokens === undefined)
    return check.error(
      'TOKENS_MISSING',
      `${at}/jwks/node`,
      `"${node}" issues no tokens, so it has no keys`,
      `Give ${node} an issuer, an algorithm and a life time under "tokens"`,
    );
  if (tokens.issuer !== auth.issuer)
    check.error(
      'ISSUER_DIFFERS',
      `${at}/issuer`,
      `tokens of "${node}" say "${tokens.issuer}" but the gateway expects "${auth.issuer}": every token would be refused`,
      `Write "${tokens.issuer}"`,
    );
  if (!auth.algorithms.includes(tokens.algorithm))
    check.error(
      'ALGORITHM_DIFFERS',
      `${at}/algorithms`,
      `"${node}" signs with ${tokens.algorithm}, which the gateway does not allow`,
      `Allow ${tokens.algorithm}`,
    );
  // A symmetric key is shared, not fetched.
  if (tokens.algorithm === 'HS256') return;
  if (!check.linked('http', gateway, node))
    check.error(
      'JWKS_NOT_LINKED',
      `${at}/jwks/node`,
      `"${gateway}" fetches keys from "${node}" but no HTTP link leads there`,
      `Draw a link from ${gateway} to ${node}`,
    );
  if (!endpoints.some((endpoint) => endpoint.method === 'GET' && endpoint.path === path))
    check.error('ENDPOINT_UNKNOWN', `${at}/jwks/path`, `"${node}" has no endpoint GET ${path}`);
}

function checkInline(check: Check, auth: Jwt, { keys }: InlineKeys, at: string): void {
  const usable = new Set<string>();
  keys.forEach((key, index) => {
    const place = `${at}/jwks/keys/${index}`;
    const algorithm = isObject(key) ? algorithmOfKey(key) : null;
    if (algorithm === null)
      check.error('KEY_UNUSABLE', place, 'this is no key for EdDSA (OKP, Ed25519), RS256 (RSA) or HS256 (oct)');
    else if (Object.hasOwn(key, 'd'))
      check.error(
        'KEY_PRIVATE',
        `${place}/d`,
        'this is a private key: who verifies needs the public part only',
        'Remove "d" and all that goes with it',
      );
    else usable.add(algorithm);
  });
  auth.algorithms.forEach((algorithm, index) => {
    if (!usable.has(algorithm))
      check.error(
        'KEY_MISSING',
        `${at}/algorithms/${index}`,
        `no key is for ${algorithm}`,
        `Remove ${algorithm}, or add a key`,
      );
  });
}
