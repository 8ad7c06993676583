import { canonicalize } from '../base/canonical.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { HostEffect } from '../fabric/host-effect.ts';
import type { ConfigOf } from '../topology/schema/types.ts';
import { keyIdOf } from './keys.ts';

export type TokenConfig = NonNullable<ConfigOf<'service'>['tokens']>;
/** What a `token` step asks for. */
export interface TokenOrder {
  subject: string;
  audience: string[];
  scopes: string[];
  /** Further claims; registered ones cannot be replaced by them. */
  claims: JsonObject;
  ttlSeconds: number;
  /** Unique id of the token (`jti`). */
  id: string;
}

/** Claims of an access token (RFC 7519, RFC 9068): whole seconds, `aud` as text when there is one. */
function claimsOf(config: TokenConfig, order: TokenOrder, nowSeconds: number): JsonObject {
  const [only, ...more] = order.audience;
  return {
    ...order.claims,
    iss: config.issuer,
    sub: order.subject,
    aud: more.length === 0 ? (only ?? '') : order.audience,
    iat: nowSeconds,
    exp: nowSeconds + order.ttlSeconds,
    jti: order.id,
    scope: order.scopes.join(' '),
  };
}

/** The effect that signs the token of an order. */
export const signEffect = (
  config: TokenConfig,
  secret: string,
  order: TokenOrder,
  nowSeconds: number,
): Extract<HostEffect, { do: 'jws.sign' }> => ({
  do: 'jws.sign',
  algorithm: config.algorithm,
  secret,
  header: { kid: keyIdOf(secret), typ: 'JWT' },
  payload: canonicalize(claimsOf(config, order, nowSeconds)),
});

/** What a `token` step binds: the answer of an OAuth 2.0 token endpoint (RFC 6749 5.1). */
export const tokenResponse = (token: Json, order: TokenOrder): JsonObject => ({
  access_token: token,
  token_type: 'Bearer',
  expires_in: order.ttlSeconds,
  scope: order.scopes.join(' '),
});

/** The JWK Set (RFC 7517 5) around a public key; empty without one: a symmetric key is nobody else's business. */
export const keySet = (secret: string, publicKey: JsonObject | null): JsonObject => ({
  keys: publicKey === null ? [] : [{ ...publicKey, kid: keyIdOf(secret), alg: 'EdDSA', use: 'sig' }],
});
