/** What the checks of tokens, keys and logins say; see `check-texts.ts`. */
export const AUTH_TEXTS = {
  AUTH_MISSING: 'the route "{route}" asks who calls, but the gateway has no authentication',
  SCOPES_WITHOUT_TOKEN: 'a key has no scopes: only tokens have',
  SCOPE_INVALID: '"{scope}" is no scope: visible ASCII without blanks, quotes and backslashes',
  'KEY_MISSING.callers': 'there is no key, so nobody could enter',
  'KEY_MISSING.algorithm': 'no key is for {algorithm}',
  KEY_DUPLICATE: 'the key "{value}" appears twice',
  KEY_UNUSABLE: 'this is no key for EdDSA (OKP, Ed25519), RS256 (RSA) or HS256 (oct)',
  KEY_PRIVATE: 'this is a private key: who verifies needs the public part only',
  'TOKENS_MISSING.keys': '"{service}" issues no tokens, so it has no keys',
  ISSUER_DIFFERS:
    'tokens of "{service}" say "{wanted}" but the gateway expects "{found}": every token would be refused',
  ALGORITHM_DIFFERS: '"{service}" signs with {algorithm}, which the gateway does not allow',
  JWKS_NOT_LINKED: '"{from}" fetches keys from "{to}" but no HTTP link leads there',
  'ENDPOINT_UNKNOWN.keys': '"{service}" has no endpoint GET {path}',
  'REQUEST_UNKNOWN.login': 'there is no request "{request}" to log in with; there is {known}',
  LOGIN_CIRCULAR: 'the login "{request}" reads its own answer',
  LOGIN_MISSING: 'the request "{request}" reads "login", but the client has no login: it will not be sent',
} as const;

/** What can be done about them. */
export const AUTH_FIXES = {
  AUTH_MISSING: 'Choose tokens or keys for the gateway, or remove this from the route',
  'KEY_MISSING.callers': 'Add a key and its consumer',
  'KEY_MISSING.algorithm': 'Remove {algorithm}, or add a key',
  KEY_PRIVATE: 'Remove "d" and all that goes with it',
  'TOKENS_MISSING.keys': 'Give it an issuer, an algorithm and a life time under "tokens"',
  ISSUER_DIFFERS: 'Write "{wanted}"',
  ALGORITHM_DIFFERS: 'Allow {algorithm}',
  JWKS_NOT_LINKED: 'Draw a link from {from} to {to}',
  LOGIN_MISSING: 'Name the request that logs in',
} as const;
