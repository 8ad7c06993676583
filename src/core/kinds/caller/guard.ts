import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import {
  admit,
  createBreaker,
  elapse,
  isIgnored,
  settle,
  viewBreaker,
  type Breaker,
  type Permit,
} from '../../resilience/breaker.ts';
import { createBulkhead, resizeBulkhead, type Bulkhead } from '../../resilience/bulkhead.ts';
import { createRetryBudget, type RetryBudget } from '../../resilience/retry-budget.ts';
import { createRetryThrottle, type RetryThrottle } from '../../resilience/retry-throttle.ts';
import type { CallPolicy } from '../../topology/schema/types.ts';

/** The part of a policy that guards the call itself; the fallback is the handler's. */
export type Guarding = Pick<CallPolicy, 'retries' | 'breaker' | 'bulkhead'>;

/** Numbers as text, whatever the order in which they were written. */
const text = (value: object | undefined): string =>
  value === undefined ? '' : canonicalize(JSON.parse(JSON.stringify(value)) as Json);

/** What one instance knows about one of its calls: breaker, bulkhead, budget and throttle, shared by all its runs. Tells every change. */
export class Guard {
  readonly budget: RetryBudget = createRetryBudget();
  breaker: Breaker | null = null;
  bulkhead: Bulkhead | null = null;
  throttle: RetryThrottle | null = null;
  private readonly port: ActorPort;
  private readonly call: string;
  private readonly to: string;
  private policy: Guarding = {};
  private made: { breaker: string; throttle: string } = { breaker: '', throttle: '' };
  private told = '';

  constructor(port: ActorPort, call: string, to: string) {
    this.port = port;
    this.call = call;
    this.to = to;
  }

  /** Takes the numbers of `policy`: a changed breaker or throttle begins anew, a changed bulkhead keeps who is inside. Returns the waiters that enter now. */
  configure(policy: Guarding): number[] {
    if (policy === this.policy) return [];
    this.policy = policy;
    const { breaker, bulkhead, retries } = policy;
    const made = { breaker: text(breaker), throttle: text(retries?.throttle) };
    if (made.breaker !== this.made.breaker) {
      const known = this.breaker !== null;
      this.breaker = breaker === undefined ? null : createBreaker(breaker);
      if (known) this.tellReset();
    }
    if (made.throttle !== this.made.throttle)
      this.throttle = retries?.throttle === undefined ? null : createRetryThrottle(retries.throttle);
    this.made = made;
    if (bulkhead === undefined) {
      const waiting = this.bulkhead?.waiting.splice(0) ?? [];
      this.bulkhead = null;
      return waiting;
    }
    this.bulkhead ??= createBulkhead(bulkhead);
    return resizeBulkhead(this.bulkhead, bulkhead);
  }

  /** A permit of the breaker, null when there is no breaker, or why the call is refused. */
  admit(): { ok: true; permit: Permit | null } | { ok: false; failure: Failure } {
    const { breaker, port } = this;
    if (breaker === null) return { ok: true, permit: null };
    const admission = admit(breaker, port.now());
    this.tellBreaker();
    return admission.admitted
      ? { ok: true, permit: admission.permit }
      : { ok: false, failure: this.refusal(`its circuit breaker ${this.breakerWords(breaker)}`, 'breaker_open') };
  }

  /** Tells the breaker that gave the permit how the call ended; null = well. */
  settle(breaker: Breaker, permit: Permit, failure: Failure | null | 'given-up'): void {
    const isOut = failure === 'given-up' || (failure !== null && isIgnored(breaker.config, failure.code));
    settle(breaker, permit, isOut ? 'ignored' : failure === null ? 'success' : 'failure', this.port.now());
    this.tellBreaker();
  }

  /** Fires when an automatic breaker may turn half-open. */
  elapse(): void {
    if (this.breaker !== null && elapse(this.breaker, this.port.now())) this.tellBreaker();
  }

  /** Failure of a call that found no place, now or within its wait. */
  full(waitedMs: number | null): Failure {
    const { active = 0, waiting = [], config } = this.bulkhead ?? {};
    const inside = `${active} of ${config?.maxConcurrent ?? 0} calls are under way`;
    const why =
      waitedMs === null
        ? `${inside} and ${waiting.length} of ${config?.maxQueued ?? 0} wait`
        : `no place within ${waitedMs} ms, ${inside}`;
    return this.refusal(why, 'bulkhead_full');
  }

  /** Failure of a call whose whole time was over before it could be made. */
  tooLate(timeoutMs: number): Failure {
    return { code: 'timeout', message: `${this.name} not called within ${timeoutMs} ms`, retriable: true };
  }

  tellPool(): void {
    if (this.bulkhead === null) return;
    const { active, waiting, refused, config } = this.bulkhead;
    const numbers = { active, queued: waiting.length, limit: config.maxConcurrent, refused };
    this.port.emit({ type: 'pool.changed', pool: 'bulkhead', name: this.call, ...numbers });
  }

  private get name(): string {
    return this.port.init.peers.find((peer) => peer.node === this.to)?.record.name ?? this.to;
  }

  private refusal(why: string, code: string): Failure {
    return { code, message: `${this.name} not called: ${why}`, status: 503, retriable: true };
  }

  private breakerWords(breaker: Breaker): string {
    const { state, failureRate, slowRate, calls, until } = viewBreaker(breaker, this.port.now());
    if (state === 'half-open') return `is half-open and all ${breaker.config.halfOpenPermits} trial calls are taken`;
    const rates = `${failureRate / 10} % of ${calls} calls failed, ${slowRate / 10} % were slow`;
    return `is open for another ${((until ?? 0) - this.port.now()) / 1000} ms (${rates})`;
  }

  /** Tells what is known now, unless it was told already; an automatic breaker that opened gets its timer. */
  private tellBreaker(): void {
    if (this.breaker === null) return;
    const view = viewBreaker(this.breaker, this.port.now());
    const words = canonicalize({ ...view });
    if (words === this.told) return;
    const wasOpen = this.told.includes('"state":"open"');
    this.told = words;
    this.port.emit({ type: 'breaker.changed', call: this.call, to: this.to, ...view });
    if (view.until !== null && !wasOpen && this.breaker.config.automatic === true)
      this.port.after(Math.max(1, view.until - this.port.now()), { breaker: this.call });
  }

  private tellReset(): void {
    if (this.breaker !== null) return this.tellBreaker();
    this.told = '';
    const nothing = { state: 'closed' as const, failureRate: -1, slowRate: -1, calls: 0, until: null };
    this.port.emit({ type: 'breaker.changed', call: this.call, to: this.to, ...nothing });
  }
}
