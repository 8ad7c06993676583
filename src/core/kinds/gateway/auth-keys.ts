import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import { symmetricKey, tokenSecret } from '../../auth/keys.ts';
import type { JwtConfig } from '../../auth/check-token.ts';
import type { HttpReply } from '../../fabric/message.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { HttpCaller } from '../caller/http-caller.ts';
import { tracedCall } from '../caller/traced-call.ts';
import { parseJson } from './aggregate.ts';

/** How long a key set may take to come. */
const JWKS_TIMEOUT_MS = 2_000;
/** A key id that is not in the set is worth one more look at most this often: a flood of invented ids must not become a flood of fetches. */
const JWKS_COOLDOWN_US = 30_000_000;
/** Requests that wait for one key set; more are refused at once. */
const MAX_WAITING = 1_000;

/** `unreachable`: nobody gave a key set; `busy`: too many wait for one. */
export type KeySet = { is: 'keys'; keys: readonly Json[] } | { is: 'unreachable'; why: string } | { is: 'busy' };
type Wait = (set: KeySet) => void;
interface Source {
  keys: readonly Json[] | null;
  fetchedAt: VirtualTime;
  /** Null while nobody is asked. */
  waiting: Wait[] | null;
}

/** The keys in a reply, or why there are none. */
function keysIn(reply: HttpReply): { keys: readonly Json[] } | { why: string } {
  if (reply.status !== 200) return { why: `the key set answered ${reply.status}` };
  const set = parseJson(reply.body);
  return isObject(set) && Array.isArray(set['keys']) ? { keys: set['keys'] } : { why: 'the answer is no JWK Set' };
}

/**
 * The keys that tokens are verified with: written in the configuration, or fetched from an Auth service over the gateway's own link, kept for
 * `cacheMs` and fetched again for an unknown key id. A fetch is shared by all who wait, so it is a trace of its own.
 */
export class KeySets {
  private readonly port: ActorPort;
  private readonly caller: HttpCaller;
  private readonly sources = new Map<string, Source>();
  private fetches = 0;

  constructor(port: ActorPort, caller: HttpCaller) {
    this.port = port;
    this.caller = caller;
  }

  /** Calls `done` once, now or when the keys are there. `suffices`: whether the known keys answer the question. */
  find(config: JwtConfig, isSymmetric: boolean, suffices: (keys: readonly Json[]) => boolean, done: Wait): void {
    const { jwks } = config;
    if (jwks.kind === 'inline') return done({ is: 'keys', keys: jwks.keys });
    // A symmetric key is never published: both sides were given it.
    if (isSymmetric) return done({ is: 'keys', keys: [symmetricKey(tokenSecret(this.port.init, jwks.node))] });
    const at = `${jwks.node} ${jwks.path}`;
    const source = this.sources.get(at) ?? { keys: null, fetchedAt: 0, waiting: null };
    this.sources.set(at, source);
    const age = this.port.now() - source.fetchedAt;
    if (source.keys !== null && age < jwks.cacheMs * 1000) {
      if (suffices(source.keys) || age < JWKS_COOLDOWN_US) return done({ is: 'keys', keys: source.keys });
    }
    if (source.waiting === null) this.fetch(jwks.node, jwks.path, source);
    const waiting = (source.waiting ??= []);
    if (waiting.length >= MAX_WAITING) {
      const message = `more than ${MAX_WAITING} requests wait for the keys of ${jwks.node}`;
      this.port.emit({ type: 'limit.hit', limit: 'MAX_WAITING', value: MAX_WAITING, message });
      return done({ is: 'busy' });
    }
    waiting.push(done);
  }

  private fetch(node: string, path: string, source: Source): void {
    this.fetches += 1;
    const traceId = this.port.hexId('trace', 32, 'jwks', this.fetches);
    const trace = { traceId, spanId: this.port.hexId('client', 16, traceId) };
    tracedCall(this.port, this.caller, {
      to: node,
      request: { method: 'GET', path, headers: { accept: 'application/json' }, body: null },
      timeoutMs: JWKS_TIMEOUT_MS,
      parentSpanId: null,
      trace,
      onDone: (result) => {
        const found = result.ok ? keysIn(result.reply) : { why: result.failure.message };
        const waiting = source.waiting ?? [];
        source.waiting = null;
        if ('keys' in found) {
          source.keys = found.keys;
          source.fetchedAt = this.port.now();
        }
        const set: KeySet = 'keys' in found ? { is: 'keys', keys: found.keys } : { is: 'unreachable', why: found.why };
        for (const wait of waiting) wait(set);
      },
    });
  }
}
