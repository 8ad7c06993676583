import type { JsonObject } from '../../base/json.ts';
import { isObject, type Json } from '../../base/json.ts';
import { bearerOf, checkClaims, checkHeader, chooseKey, scopesOf, type JwtConfig } from '../../auth/check-token.ts';
import { clockSeconds } from '../../auth/clock.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { headerValues } from '../../http/headers.ts';
import type { Auth } from '../../topology/schema/types.ts';
import type { HttpCaller } from '../caller/http-caller.ts';
import { KeySets } from './auth-keys.ts';
import type { Asking } from './exchange.ts';
import type { GatewayProblem } from './problem.ts';

type Header = Extract<ReturnType<typeof checkHeader>, { ok: true }>;
/** A request whose token is being looked at; settled once, by an answer, a refusal or its own deadline. */
interface Visit {
  exchange: Asking;
  config: JwtConfig;
  next: () => void;
  timer: number;
  isSettled: boolean;
}

/** 401 with the challenge of RFC 6750 3: without `why` nothing was presented, so no error is named. */
function unauthorized(exchange: Asking, code: string, detail: string, why?: string): GatewayProblem {
  const realm = `realm="${exchange.port.init.record.name}"`;
  const challenge =
    exchange.config.auth?.kind === 'api-key'
      ? `Key ${realm}`
      : `Bearer ${realm}${why === undefined ? '' : `, error="invalid_token", error_description="${why}"`}`;
  return { status: 401, code, detail, headers: { 'www-authenticate': challenge } };
}
const invalidToken = (exchange: Asking, why: string): GatewayProblem =>
  unauthorized(exchange, 'invalid_token', why, why);

/** Authentication at the gateway (GW4): who asks, by a signed token or a key, before anything is forwarded. */
export class Authenticator {
  private readonly port: ActorPort;
  private readonly keySets: KeySets;
  private readonly visits = new Map<number, Visit>();
  private visited = 0;

  constructor(port: ActorPort, caller: HttpCaller) {
    this.port = port;
    this.keySets = new KeySets(port, caller);
  }

  /** Calls `next` once the consumer is known or need not be; otherwise answers 401, 403, 503 or, too late, 504. */
  admit(exchange: Asking, next: () => void): void {
    const { auth } = exchange.config;
    if (auth === undefined) return next();
    if (auth.kind === 'api-key') return this.byKey(exchange, auth, next);
    const bearer = bearerOf(exchange.request.headers);
    if (bearer.is === 'refused') return exchange.refuse(invalidToken(exchange, bearer.why));
    if (bearer.is === 'token') return this.byToken(exchange, auth, bearer.token, next);
    if (exchange.route.auth?.required === false) return next();
    exchange.refuse(unauthorized(exchange, 'token_missing', 'a bearer token is required'));
  }

  /** True when the timer was the authenticator's: a request has waited for keys until its deadline. */
  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['auth'] !== 'number') return false;
    const visit = this.visits.get(token['auth']);
    this.visits.delete(token['auth']);
    if (visit !== undefined && !visit.isSettled) {
      visit.isSettled = true;
      visit.exchange.refuse({ status: 504, code: 'timeout', detail: 'the keys did not come in time' });
    }
    return true;
  }

  private byKey(exchange: Asking, auth: Extract<Auth, { kind: 'api-key' }>, next: () => void): void {
    const [given, ...more] = headerValues(exchange.request.headers, auth.header);
    if (given === undefined) {
      if (exchange.route.auth?.required === false) return next();
      return exchange.refuse(unauthorized(exchange, 'key_missing', `the header ${auth.header} with a key is required`));
    }
    const known = more.length === 0 ? auth.keys.find(({ key }) => key === given) : undefined;
    if (known === undefined) return exchange.refuse(unauthorized(exchange, 'invalid_key', 'the key is not known here'));
    exchange.consumer = { name: known.consumer, claims: {} };
    exchange.attributes['enduser.id'] = known.consumer;
    next();
  }

  private byToken(exchange: Asking, config: JwtConfig, token: string, next: () => void): void {
    const header = checkHeader(token, config);
    if (!header.ok) return exchange.refuse(invalidToken(exchange, header.why));
    const { kid, algorithm } = header;
    this.visited += 1;
    const id = this.visited;
    const timer = this.port.after(exchange.deadline - this.port.now(), { auth: id });
    const visit: Visit = { exchange, config, next, timer, isSettled: false };
    this.visits.set(id, visit);
    const settle = (act: () => void): void => {
      if (visit.isSettled) return;
      visit.isSettled = true;
      this.visits.delete(id);
      this.port.cancel(timer);
      act();
    };
    const refuse = (why: string): void => settle(() => exchange.refuse(invalidToken(exchange, why)));
    this.keySets.find(
      config,
      algorithm === 'HS256',
      (keys) => chooseKey(keys, kid, algorithm).is !== 'unknown',
      (set) => {
        if (visit.isSettled) return;
        if (set.is !== 'keys') {
          const detail = set.is === 'busy' ? 'too many requests wait for keys' : `no keys: ${set.why}`;
          return settle(() => exchange.refuse({ status: 503, code: 'jwks_unreachable', detail }));
        }
        const chosen = chooseKey(set.keys, kid, algorithm);
        if (chosen.is !== 'key')
          return refuse(chosen.is === 'unknown' ? 'the key of the token is not known' : chosen.why);
        this.verify(visit, token, header, chosen.key, settle);
      },
    );
  }

  private verify(
    { exchange, config, next }: Visit,
    token: string,
    { algorithm }: Header,
    key: JsonObject,
    settle: (act: () => void) => void,
  ): void {
    this.port.perform({ do: 'jws.verify', token, algorithm, key }, (result) =>
      settle(() => {
        if (!result.ok && result.code === 'crypto_unavailable')
          return exchange.refuse({ status: 503, code: result.code, detail: result.message });
        if (!result.ok) return exchange.refuse(invalidToken(exchange, result.message));
        if (result.value !== true) return exchange.refuse(invalidToken(exchange, 'the signature does not fit'));
        const checked = checkClaims(token, config, clockSeconds(this.port));
        if (!checked.ok) return exchange.refuse(invalidToken(exchange, checked.why));
        enter(exchange, checked.claims, next);
      }),
    );
  }
}

/** A token that holds: its subject is the consumer; its scopes have to cover those of the route (RFC 6750 3.1). */
function enter(exchange: Asking, claims: JsonObject, next: () => void): void {
  const { sub, client_id: client } = claims;
  const name =
    typeof sub === 'string' && sub !== '' ? sub : typeof client === 'string' && client !== '' ? client : null;
  if (name !== null) {
    exchange.consumer = { name, claims };
    exchange.attributes['enduser.id'] = name;
  }
  const held = new Set(scopesOf(claims));
  const needed = exchange.route.auth?.scopes ?? [];
  if (needed.every((scope) => held.has(scope))) return next();
  const scope = needed.join(' ');
  exchange.refuse({
    status: 403,
    code: 'insufficient_scope',
    detail: `the scopes "${scope}" are required`,
    headers: {
      'www-authenticate': `Bearer realm="${exchange.port.init.record.name}", error="insufficient_scope", scope="${scope}"`,
    },
  });
}

/** The name of a consumer as a header may hold it: everything but visible ASCII in percent notation. */
const headerText = (name: string): string =>
  name.replace(/[^\u0021-\u007e]/gu, (letter) => {
    const unit = letter.codePointAt(0) ?? 0;
    return unit >= 0xd800 && unit <= 0xdfff ? '%EF%BF%BD' : encodeURIComponent(letter);
  });

/** Headers for the upstream with the consumer that this gateway found in `x-consumer`; what a client wrote there is gone. Without authentication nothing changes. */
export function withConsumer(exchange: Asking, headers: Record<string, string>): Record<string, string> {
  if (exchange.config.auth === undefined) return headers;
  const { 'x-consumer': _written, ...rest } = headers;
  return exchange.consumer === null ? rest : { ...rest, 'x-consumer': headerText(exchange.consumer.name) };
}
