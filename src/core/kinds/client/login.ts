import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { TemplateCache } from '../../behaviour/compiled.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { lastingHeaders } from '../../http/headers.ts';
import type { ClientRequest } from '../../topology/schema/types.ts';
import type { CallResult } from '../caller/http-caller.ts';

/** A login is renewed when less than this is left of it, or a tenth of its time if that is shorter: the request still has to arrive. */
const MARGIN_US = 10_000_000;
/** Requests that wait for the answer of the login; more are not sent. */
const MAX_WAITING = 1_000;

/** What requests read as `login`: `{status, headers, body}` of the login request's answer. */
type Reply = { status: number; headers: Record<string, string>; body: Json };
/** The answer, or why there is none. */
export type LoginOutcome = { ok: true; reply: Reply } | { ok: false; why: string };

const parsed = (text: string | null): Json => {
  try {
    return text === null ? null : (JSON.parse(text) as Json);
  } catch {
    return text;
  }
};

/** True when a request reads the answer of the login. */
export const readsLogin = (templates: TemplateCache, { path, headers, body }: ClientRequest): boolean =>
  [path, headers ?? {}, body ?? null].some((source) => templates.of(source).names.includes('login'));

/**
 * Remembers the answer of a client's login request for the requests that read it. The login is sent when the first of them is due, again when its
 * answer has expired (`expires_in`, seconds, RFC 6749 5.1) or was refused with 401; meanwhile they wait.
 */
export class Login {
  private readonly port: ActorPort;
  /** Sends the login request; false when it cannot be made. */
  private readonly send: (done: (result: CallResult) => void) => boolean;
  private known: { reply: Reply; until: VirtualTime } | null = null;
  private waiting: ((outcome: LoginOutcome) => void)[] | null = null;

  constructor(port: ActorPort, send: (done: (result: CallResult) => void) => boolean) {
    this.port = port;
    this.send = send;
  }

  /** Calls `act` once, now or when the login has been answered. */
  before(act: (outcome: LoginOutcome) => void): void {
    if (this.known !== null && this.port.now() < this.known.until) return act({ ok: true, reply: this.known.reply });
    const isFirst = this.waiting === null;
    const waiting = (this.waiting ??= []);
    if (waiting.length >= MAX_WAITING) {
      const message = `more than ${MAX_WAITING} requests wait for the login of ${this.port.init.node}`;
      this.port.emit({ type: 'limit.hit', limit: 'MAX_WAITING', value: MAX_WAITING, message });
      return act({ ok: false, why: 'too many requests wait for the login' });
    }
    waiting.push(act);
    if (isFirst && !this.send((result) => this.answered(result))) this.tell({ ok: false, why: 'no login' });
  }

  /** The next request that needs one logs in again. */
  forget(): void {
    this.known = null;
  }

  private answered(result: CallResult): void {
    if (!result.ok) return this.tell({ ok: false, why: result.failure.message });
    const { status, headers, body } = result.reply;
    if (status >= 400) return this.tell({ ok: false, why: `the login was answered ${status}` });
    const reply: Reply = { status, headers: lastingHeaders(headers), body: parsed(body) };
    this.known = { reply, until: this.port.now() + lifeOf(reply.body) };
    this.tell({ ok: true, reply });
  }

  private tell(outcome: LoginOutcome): void {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const act of waiting) act(outcome);
  }
}

/** µs for which an answer serves; without `expires_in` for ever. */
function lifeOf(body: Json): number {
  const seconds = isObject(body) ? body['expires_in'] : undefined;
  if (typeof seconds !== 'number' || !(seconds > 0)) return Infinity;
  const life = seconds * 1_000_000;
  return Math.round(life - Math.min(MARGIN_US, life / 10));
}
