import { CompactSign, compactVerify, errors, exportJWK, importJWK, importPKCS8, type JWK } from 'jose';
import type { HostEffect, HostEffectResult, SignatureAlgorithm } from '../../core/fabric/host-effect.ts';

/** Everything of RFC 8410's PrivateKeyInfo for Ed25519 that stands before its 32 key bytes. */
const PKCS8_HEAD = '302e020100300506032b657004220420';

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => parseInt(hex.slice(2 * at, 2 * at + 2), 16));
const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const pem = (hex: string): string =>
  `-----BEGIN PRIVATE KEY-----\n${base64(bytesOf(PKCS8_HEAD + hex))}\n-----END PRIVATE KEY-----`;

const KEY_TYPES: Record<SignatureAlgorithm, string> = { EdDSA: 'OKP', HS256: 'oct', RS256: 'RSA' };
const isSecret = (hex: string): boolean => /^[0-9a-f]{64}$/.test(hex);
const unavailable = (algorithm: string): HostEffectResult => ({
  ok: false,
  code: 'crypto_unavailable',
  message: `this place has no Web Crypto with ${algorithm} (a page needs https or localhost)`,
});
const unusable = (algorithm: string): HostEffectResult => ({
  ok: false,
  code: 'key_unusable',
  message: `the key cannot be used with ${algorithm}`,
});
type Made<K> = { ok: true; key: K } | { ok: false };
async function attempt<K>(make: () => Promise<K>): Promise<Made<K>> {
  try {
    return { ok: true, key: await make() };
  } catch {
    // Engines word their errors differently; a log must not depend on that.
    return { ok: false };
  }
}

async function sign({
  algorithm,
  secret,
  header,
  payload,
}: Extract<HostEffect, { do: 'jws.sign' }>): Promise<HostEffectResult> {
  if (!isSecret(secret)) return unusable(algorithm);
  const signed = await attempt(async () => {
    const key = algorithm === 'HS256' ? bytesOf(secret) : await importPKCS8(pem(secret), 'EdDSA');
    const jws = new CompactSign(new TextEncoder().encode(payload));
    return jws.setProtectedHeader({ alg: algorithm, ...header }).sign(key);
  });
  return signed.ok ? { ok: true, value: signed.key } : unavailable(algorithm);
}

async function publicKey({ secret }: Extract<HostEffect, { do: 'jws.public-key' }>): Promise<HostEffectResult> {
  if (!isSecret(secret)) return unusable('EdDSA');
  const made = await attempt(async () => exportJWK(await importPKCS8(pem(secret), 'EdDSA', { extractable: true })));
  // The platform computes the public point; `d`, the secret, stays here.
  if (!made.ok || made.key.x === undefined) return unavailable('EdDSA');
  return { ok: true, value: { crv: 'Ed25519', kty: 'OKP', x: made.key.x } };
}

async function verify({ token, algorithm, key }: Extract<HostEffect, { do: 'jws.verify' }>): Promise<HostEffectResult> {
  if (globalThis.crypto?.subtle === undefined) return unavailable(algorithm);
  // Only what makes the key itself: `use`, `key_ops` and `alg` have been looked at by whoever chose it.
  const { kty, crv, x, n, e, k } = key as Record<string, string>;
  // The kind of key decides, never the token: an RSA key is no HMAC secret (RFC 8725 3.1).
  if (kty !== KEY_TYPES[algorithm]) return unusable(algorithm);
  const material = { kty, crv, x, n, e, k };
  const present = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined)) as JWK;
  const made = await attempt(() => importJWK(present, algorithm));
  if (!made.ok) return unusable(algorithm);
  try {
    await compactVerify(token, made.key, { algorithms: [algorithm] });
    return { ok: true, value: true };
  } catch (error) {
    // A key that is too short or of another kind is a fault of the key; everything else one of the token.
    return error instanceof errors.JOSEError ? { ok: true, value: false } : unusable(algorithm);
  }
}

/** Performs signatures with Web Crypto through jose: the same bytes in Node and in every browser. Never rejects for what a token or key holds. */
export function performEffect(effect: HostEffect): Promise<HostEffectResult> {
  switch (effect.do) {
    case 'jws.sign':
      return sign(effect);
    case 'jws.public-key':
      return publicKey(effect);
    case 'jws.verify':
      return verify(effect);
  }
}
