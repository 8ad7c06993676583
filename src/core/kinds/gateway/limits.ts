import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { headerOf } from '../../http/headers.ts';
import { MAX_LIMIT_KEYS } from '../../resilience/keyed-states.ts';
import {
  createRateLimit,
  retryAfterSeconds,
  takeFromLimit,
  type LimitDecision,
  type RateLimit,
} from '../../resilience/rate-limit.ts';
import type { RateLimit as RateLimitConfig } from '../../topology/schema/types.ts';
import type { Asking } from './exchange.ts';

/** Whose budget a request takes from; what is missing falls back to the address (GW6). */
export function limitKey(config: RateLimitConfig, exchange: Asking): string {
  const { request, consumer, clientAddress } = exchange;
  const byHeader = (name: string): string | null => headerOf(request.headers, name);
  const found = {
    ip: () => null,
    consumer: () => (consumer === null ? null : `consumer ${consumer.name}`),
    'client-kind': () => prefixed('client-kind', byHeader('x-client-kind')),
    header: () => prefixed(`header ${config.header ?? ''}`, byHeader(config.header ?? '')),
  }[config.key]();
  return found ?? `ip ${clientAddress}`;
}
const prefixed = (what: string, value: string | null): string | null =>
  value === null || value === '' ? null : `${what} ${value}`;

const secondsUntil = (at: number, now: number): number => Math.max(0, Math.ceil((at - now) / 1_000_000));

/** `RateLimit-*` as Kong sends them: most requests of a burst, how many are left, seconds until all are there again. */
const limitHeaders = ({ limit, remaining, resetAt }: LimitDecision, now: number): Record<string, string> => ({
  'ratelimit-limit': String(limit),
  'ratelimit-remaining': String(remaining),
  'ratelimit-reset': String(secondsUntil(resetAt, now)),
});

/** The budgets of one gateway instance: one limit for all of it, one per route that has one; each begins anew when its numbers change. */
export class Limits {
  private readonly port: ActorPort;
  private readonly states = new Map<string, { text: string; limit: RateLimit }>();

  constructor(port: ActorPort) {
    this.port = port;
  }

  /** Takes one request from every budget that it concerns; false when one is empty: then it has been answered with 429. */
  admit(exchange: Asking): boolean {
    const { config, route } = exchange;
    const asked = [
      { id: null, limit: config.rateLimit },
      { id: route.id, limit: route.rateLimit },
    ];
    let tightest: LimitDecision | null = null;
    for (const { id, limit } of asked) {
      if (limit === undefined) continue;
      const decision = this.decide(limit, id, limitKey(limit, exchange));
      if (!decision.allowed) {
        this.refuse(exchange, decision);
        return false;
      }
      if (tightest === null || decision.remaining < tightest.remaining) tightest = decision;
    }
    if (tightest !== null) Object.assign(exchange.headers, limitHeaders(tightest, this.port.now()));
    return true;
  }

  private decide(config: RateLimitConfig, route: string | null, key: string): LimitDecision {
    const { port } = this;
    const decision = takeFromLimit(this.stateOf(config, route), key, port.now());
    const { allowed, limit, remaining, retryAt, forgotten } = decision;
    port.emit({ type: 'limit.decided', route, key, algorithm: config.kind, allowed, limit, remaining, retryAt });
    if (forgotten !== null) {
      const message = `the budget of ${forgotten} is forgotten: more than ${MAX_LIMIT_KEYS} are kept at no time`;
      port.emit({ type: 'limit.hit', limit: 'MAX_LIMIT_KEYS', value: MAX_LIMIT_KEYS, message });
    }
    return decision;
  }

  private stateOf(config: RateLimitConfig, route: string | null): RateLimit {
    const name = route ?? '';
    const text = canonicalize(config as unknown as Json);
    const known = this.states.get(name);
    if (known?.text === text) return known.limit;
    const limit = createRateLimit(config);
    this.states.set(name, { text, limit });
    return limit;
  }

  private refuse(exchange: Asking, decision: LimitDecision): void {
    const now = this.port.now();
    const after = retryAfterSeconds(decision.retryAt ?? now, now);
    exchange.refuse({
      status: 429,
      code: 'rate_limited',
      detail: `more than ${decision.limit} requests; come again in ${after} s`,
      headers: { ...limitHeaders(decision, now), 'retry-after': String(after) },
    });
  }
}
