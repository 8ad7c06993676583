import type { Json, JsonObject } from '../base/json.ts';

/** Signature algorithms of RFC 7518 and RFC 8037 that a run can use: their signatures are the same each time (decision on ECDSA: random, so not offered). */
export type SignatureAlgorithm = 'EdDSA' | 'HS256' | 'RS256';

/**
 * What only a platform can do and core waits for: an asynchronous act without a place in the simulated network. It completes
 * at the virtual instant at which it was asked for. The same effect gives the same result on every host, texts included.
 */
export type HostEffect =
  /** JWS Compact Serialization (RFC 7515 3.1) of `payload` (UTF-8) with a key made of 64 hex digits; value: the token. `header` without `alg`. */
  | { do: 'jws.sign'; algorithm: 'EdDSA' | 'HS256'; secret: string; header: JsonObject; payload: string }
  /** Public JWK `{kty, crv, x}` of the Ed25519 key made of 64 hex digits (RFC 8037 2). */
  | { do: 'jws.public-key'; secret: string }
  /** Whether the signature of a compact JWS fits `key`; value: boolean. A key that cannot be used fails with `key_unusable`. */
  | { do: 'jws.verify'; token: string; algorithm: SignatureAlgorithm; key: JsonObject };

/** `crypto_unavailable`: this place has no Web Crypto with that algorithm. `key_unusable`: the key does not fit the algorithm. */
export type HostEffectResult =
  | { ok: true; value: Json }
  | { ok: false; code: 'crypto_unavailable' | 'key_unusable'; message: string };

/** Performs host effects; never rejects for what a token or key holds. */
export type HostPerformer = (effect: HostEffect) => Promise<HostEffectResult>;
