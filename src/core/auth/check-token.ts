import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { SignatureAlgorithm } from '../fabric/host-effect.ts';
import { headerValues } from '../http/headers.ts';
import type { Auth } from '../topology/schema/types.ts';
import { textOfBase64Url } from './base64url.ts';
import { algorithmOfKey } from './keys.ts';

export type JwtConfig = Extract<Auth, { kind: 'jwt' }>;
/** Longer tokens are refused unread. */
const MAX_TOKEN_LENGTH = 16_384;

/** The bearer token of a request (RFC 6750 2.1, the header only); `missing` when there is none, `refused` with the reason when it cannot be one. */
export type Bearer = { is: 'token'; token: string } | { is: 'missing' } | { is: 'refused'; why: string };

/** Reads `Authorization: Bearer`; another scheme counts as no token. Several tokens are refused (GW4). */
export function bearerOf(headers: Record<string, string>): Bearer {
  const given = headerValues(headers, 'authorization').flatMap((value) => value.split(',').map((one) => one.trim()));
  const bearers = given.filter((value) => /^bearer(\s|$)/i.test(value));
  const [first, ...more] = bearers;
  if (first === undefined) return { is: 'missing' };
  if (more.length > 0 || given.length > 1) return { is: 'refused', why: 'multiple tokens provided' };
  const token = first.slice('bearer'.length).trim();
  if (token.length > MAX_TOKEN_LENGTH) return { is: 'refused', why: 'the token is too long' };
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/.test(token)
    ? { is: 'token', token }
    : { is: 'refused', why: 'the token is not a signed JWT' };
}

const jsonPart = (token: string, part: 0 | 1): JsonObject | null => {
  const text = textOfBase64Url(token.split('.')[part] ?? '');
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
};

/** What a token's header asks for, once it is one that may be looked at; or why not. `none` and every algorithm that is not configured end here. */
export function checkHeader(
  token: string,
  config: Pick<JwtConfig, 'algorithms'>,
): { ok: true; kid: string | null; algorithm: SignatureAlgorithm } | { ok: false; why: string } {
  const refuse = (why: string): { ok: false; why: string } => ({ ok: false, why });
  const header = jsonPart(token, 0);
  if (header === null) return refuse('the header of the token cannot be read');
  // No extension is understood here, so every critical one is unknown (RFC 7515 4.1.11).
  if (Object.hasOwn(header, 'crit')) return refuse('the token needs an extension that is not understood (crit)');
  const algorithm = config.algorithms.find((name) => name === header['alg']);
  if (algorithm === undefined) return refuse('the algorithm of the token is not allowed here');
  const { kid } = header;
  if (kid !== undefined && typeof kid !== 'string') return refuse('the key id of the token is not text');
  return { ok: true, kid: kid ?? null, algorithm };
}

/** The key that a token names, of the algorithm that is allowed; `unknown` = no such key id. Without a key id there must be exactly one key. */
export function chooseKey(
  keys: readonly Json[],
  kid: string | null,
  algorithm: SignatureAlgorithm,
): { is: 'key'; key: JsonObject } | { is: 'unknown' } | { is: 'refused'; why: string } {
  const objects = keys.filter(isObject);
  if (kid === null) {
    const [only, ...more] = objects.filter((key) => algorithmOfKey(key) === algorithm);
    if (only === undefined) return { is: 'unknown' };
    return more.length === 0 ? { is: 'key', key: only } : { is: 'refused', why: 'the token does not name its key' };
  }
  const named = objects.filter((key) => key['kid'] === kid);
  if (named.length === 0) return { is: 'unknown' };
  const key = named.find((one) => algorithmOfKey(one) === algorithm);
  // A public key is never used as a secret, whatever the token says (RFC 8725 2.1).
  return key === undefined ? { is: 'refused', why: 'the key is for another algorithm' } : { is: 'key', key };
}

const isDate = (value: Json | undefined): value is number => typeof value === 'number' && Number.isFinite(value);
const textsOf = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');

/** Claims of a token whose signature fits, or why it is not for us, not now, not by our issuer (RFC 7519 4.1). `exp` is demanded as RFC 9068 does. */
export function checkClaims(
  token: string,
  config: Pick<JwtConfig, 'issuer' | 'audience' | 'leewaySeconds'>,
  nowSeconds: number,
): { ok: true; claims: JsonObject } | { ok: false; why: string } {
  const refuse = (why: string): { ok: false; why: string } => ({ ok: false, why });
  const claims = jsonPart(token, 1);
  if (claims === null) return refuse('the claims of the token cannot be read');
  const { exp, nbf, iss, aud } = claims;
  if (!isDate(exp) || (nbf !== undefined && !isDate(nbf))) return refuse('the token does not say until when it holds');
  if (nowSeconds >= exp + config.leewaySeconds) return refuse('the token expired');
  if (nbf !== undefined && nowSeconds < nbf - config.leewaySeconds) return refuse('the token is not valid yet');
  if (iss !== config.issuer) return refuse('the token is by another issuer');
  if (!textsOf(aud).some((one) => config.audience.includes(one))) return refuse('the token is for another audience');
  return { ok: true, claims };
}

/** Scopes of a token: `scope` as text with spaces (RFC 9068) or a list, else `scp`. */
export function scopesOf(claims: JsonObject): string[] {
  const value = claims['scope'] ?? claims['scp'];
  return textsOf(value)
    .flatMap((text) => text.split(' '))
    .filter((scope) => scope !== '');
}
