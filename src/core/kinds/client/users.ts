import { isObject, type Json } from '../../base/json.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import { MAX_USERS } from '../../topology/check/max-users.ts';

/** Pause of a user between an answer and the next request at least, µs: a failure that comes at once must not become a storm. */
const LEAST_PAUSE_US = 1000;
const US_PER_MS = 1000;

/** One user sends its n-th request; `done` when it was answered or failed. Returns false when there was nothing to send. */
type SendForUser = (user: number, turn: number, done: () => void) => boolean;

/**
 * Closed load: each user sends, waits for the answer or the failure, thinks, and sends again; so at most so many requests are under way.
 * The first requests are spread evenly over one think time. Timers carry `{user, turn, round}`.
 */
export class Users {
  private readonly port: ActorPort;
  private readonly send: SendForUser;
  /** Counts changes of the load: what was begun under a former one goes no further. */
  private round = 0;
  private thinkUs = 0;

  constructor(port: ActorPort, send: SendForUser) {
    this.port = port;
    this.send = send;
  }

  /** Begins anew with another load, `delayUs` from now; null = no users. */
  begin(load: { users: number; thinkTimeMs: number } | null, delayUs: number): void {
    this.round += 1;
    if (load === null) return;
    const users = Math.min(load.users, MAX_USERS);
    this.thinkUs = Math.max(LEAST_PAUSE_US, Math.round(load.thinkTimeMs * US_PER_MS));
    for (let user = 0; user < users; user++) {
      const share = Math.floor((this.thinkUs * user) / users);
      this.wait(user, 0, Math.max(1, delayUs + share));
    }
  }

  /** True when the timer was a user's. */
  timer(token: Json): boolean {
    if (!isObject(token) || typeof token['user'] !== 'number' || typeof token['turn'] !== 'number') return false;
    const { user, turn, round } = token;
    if (round !== this.round) return true;
    const next = (): void => {
      if (round === this.round) this.wait(user, turn + 1, this.thinkUs);
    };
    if (!this.send(user, turn, next)) next();
    return true;
  }

  private wait(user: number, turn: number, delayUs: number): void {
    this.port.after(delayUs, { user, turn, round: this.round });
  }
}
