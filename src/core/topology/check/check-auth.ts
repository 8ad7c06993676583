import { isObject } from '../../base/json.ts';
import { algorithmOfKey } from '../../auth/keys.ts';
import type { Check } from './check.ts';
import { checkHeaderName } from './check-routes.ts';
import type { Auth, ConfigOf } from '../schema/types.ts';

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
    if (auth === undefined) return check.error('AUTH_MISSING', place, { route: route.id });
    const scopes = route.auth.scopes ?? [];
    if (auth.kind === 'api-key' && scopes.length > 0) check.error('SCOPES_WITHOUT_TOKEN', `${place}/scopes`, {});
    scopes.forEach((scope, position) => {
      if (!SCOPE.test(scope)) check.error('SCOPE_INVALID', `${place}/scopes/${position}`, { scope });
    });
  });
}

function checkKeys(check: Check, auth: Extract<Auth, { kind: 'api-key' }>, at: string): void {
  checkHeaderName(check, auth.header, `${at}/header`);
  if (auth.keys.length === 0) check.error('KEY_MISSING.callers', `${at}/keys`, {});
  check.unique(
    auth.keys.map(({ key }) => key),
    'KEY_DUPLICATE',
    (index) => `${at}/keys/${index}/key`,
  );
}

function checkIssuer(check: Check, gateway: string, auth: Jwt, { node, path }: NodeKeys, at: string): void {
  const service = check.nodeOf(node, 'service');
  if (service === undefined) return check.error('NODE_UNKNOWN.service', `${at}/jwks/node`, { node });
  const { tokens, endpoints } = service.config;
  if (tokens === undefined) return check.error('TOKENS_MISSING.keys', `${at}/jwks/node`, { service: node });
  if (tokens.issuer !== auth.issuer)
    check.error('ISSUER_DIFFERS', `${at}/issuer`, { service: node, wanted: tokens.issuer, found: auth.issuer });
  if (!auth.algorithms.includes(tokens.algorithm))
    check.error('ALGORITHM_DIFFERS', `${at}/algorithms`, { service: node, algorithm: tokens.algorithm });
  // A symmetric key is shared, not fetched.
  if (tokens.algorithm === 'HS256') return;
  if (!check.linked('http', gateway, node))
    check.error('JWKS_NOT_LINKED', `${at}/jwks/node`, { from: gateway, to: node });
  if (!endpoints.some((endpoint) => endpoint.method === 'GET' && endpoint.path === path))
    check.error('ENDPOINT_UNKNOWN.keys', `${at}/jwks/path`, { service: node, path });
}

function checkInline(check: Check, auth: Jwt, { keys }: InlineKeys, at: string): void {
  const usable = new Set<string>();
  keys.forEach((key, index) => {
    const place = `${at}/jwks/keys/${index}`;
    const algorithm = isObject(key) ? algorithmOfKey(key) : null;
    if (algorithm === null) check.error('KEY_UNUSABLE', place, {});
    else if (Object.hasOwn(key, 'd')) check.error('KEY_PRIVATE', `${place}/d`, {});
    else usable.add(algorithm);
  });
  auth.algorithms.forEach((algorithm, index) => {
    if (!usable.has(algorithm)) check.error('KEY_MISSING.algorithm', `${at}/algorithms/${index}`, { algorithm });
  });
}
