import type { JsonObject } from '../base/json.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { SignatureAlgorithm } from '../fabric/host-effect.ts';
import type { InstanceInit } from '../fabric/protocol.ts';
import { base64UrlOfHex } from './base64url.ts';

/** Signing secret of a node that issues tokens, 64 hex digits: the host's own where it has one (containers), else derived from seed and node, so that a run repeats (decision on randomness). */
export const tokenSecret = (init: Pick<InstanceInit, 'seed' | 'secrets'>, node: string): string =>
  init.secrets?.[node] ?? sha256Hex(`servarium token key\u001f${init.seed}\u001f${node}`);

/** Key id of a secret: tells keys apart without telling the key. */
export const keyIdOf = (secret: string): string => sha256Hex(`servarium key id\u001f${secret}`).slice(0, 16);

/** A secret as symmetric JWK for HS256 (RFC 7518 6.4): never published, only shared with who verifies. */
export const symmetricKey = (secret: string): JsonObject => ({
  kty: 'oct',
  k: base64UrlOfHex(secret),
  kid: keyIdOf(secret),
  alg: 'HS256',
});

/** Algorithm of a JWK by its type, never by what a token says; null for keys of other kinds, for keys that are not for signatures, and when `alg` disagrees. */
export function algorithmOfKey(key: JsonObject): SignatureAlgorithm | null {
  const { kty, crv, use, alg } = key;
  const made: SignatureAlgorithm | null =
    kty === 'oct' ? 'HS256' : kty === 'RSA' ? 'RS256' : kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : null;
  if (made === null || (use !== undefined && use !== 'sig')) return null;
  return alg === undefined || alg === made || (alg === 'Ed25519' && made === 'EdDSA') ? made : null;
}
