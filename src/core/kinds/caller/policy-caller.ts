import { isObject, type Json } from '../../base/json.ts';
import type { VirtualTime } from '../../base/order.ts';
import type { Failure } from '../../behaviour/effect.ts';
import type { ActorPort } from '../../fabric/protocol.ts';
import type { Breaker, Permit } from '../../resilience/breaker.ts';
import { enterBulkhead, leaveBulkhead, leaveQueue, type Bulkhead } from '../../resilience/bulkhead.ts';
import { decideRetry, tryTimeoutMs, type RetryReason } from '../../resilience/retry.ts';
import { tryBegun, tryEnded } from '../../resilience/retry-budget.ts';
import { throttleFailure, throttleSuccess } from '../../resilience/retry-throttle.ts';
import { Guard, type Guarding } from './guard.ts';

/** What a policy has to know of a result. */
export interface Verdict {
  /** Null when the call succeeded; its code is what a breaker may ignore. */
  failure: Failure | null;
  /** Kind of failure that `retries.on` may name. */
  reason: RetryReason | null;
  /** False when the connection was never accepted. */
  accepted: boolean;
  /** gRPC `grpc-retry-pushback-ms`, negative also when unreadable; absent when the server said nothing. */
  pushbackMs?: number;
}
/** One call under a policy; `R` is what a try results in, over HTTP or gRPC. */
export interface PolicyCall<R> {
  /** Whose breaker, bulkhead and budget: `<endpoint or subscription>/<step path without loop rounds>`, or a route id. */
  call: string;
  /** Node that is called. */
  to: string;
  policy: Guarding;
  protocol: 'http' | 'grpc';
  idempotent: boolean;
  /** For everything together: waiting for a place, tries and pauses (GW8). */
  timeoutMs: number;
  /** Span of the caller, for `retry.decided`; `place` tells its calls apart when jitter is drawn. */
  traceId: string;
  spanId: string;
  place: string;
  /** Makes the n-th try (from 1), which takes at most `timeoutMs`; `done` is called exactly once, never inside, and not after `cancel`. */
  attempt(n: number, timeoutMs: number, done: (result: R) => void): { cancel(reason: string): void };
  judge(result: R): Verdict;
  /** Result of a call that was not made. */
  refuse(failure: Failure): R;
  /** Called exactly once, never inside `call`, and not at all after `cancel`. */
  onDone(result: R): void;
}

/** retry(breaker(bulkhead(timeout(call)))), decorated as resilience4j does; the fallback is the handler's. State is per instance and per `call` name. */
export interface PolicyCaller {
  call<R>(options: PolicyCall<R>): { cancel(reason: string): void };
  /** True when the timer was its own (tokens `{policy: n}` and `{breaker: call}`). */
  timer(token: Json): boolean;
  /** Present policies by `call` name: breakers that changed or are gone begin anew. */
  reconfigure(policies: ReadonlyMap<string, Guarding>): void;
}

/** Makes the policy caller of an instance. */
export const createPolicyCaller = (port: ActorPort): PolicyCaller => new Caller(port);

/** One call under way; what a try resulted in is hidden in its closures. */
interface Run {
  id: number;
  options: Omit<PolicyCall<never>, 'attempt' | 'judge' | 'refuse' | 'onDone'>;
  guard: Guard;
  deadline: VirtualTime;
  attempt: number;
  /** Try after which the server pushed back with a delay. */
  pushedBackAt: number;
  permit: { breaker: Breaker; permit: Permit } | null;
  /** The bulkhead it is in or waits for. */
  place: { bulkhead: Bulkhead; inside: boolean; since: VirtualTime } | null;
  /** What its timer does. */
  timer: { handle: number; fire: () => void } | null;
  trying: { cancel(reason: string): void } | null;
  begin: () => void;
  send: () => void;
  refuse: (failure: Failure) => void;
}

const US_PER_MS = 1000;

class Caller implements PolicyCaller {
  private readonly port: ActorPort;
  private readonly guards = new Map<string, Guard>();
  private readonly runs = new Map<number, Run>();
  private nextRun = 0;

  constructor(port: ActorPort) {
    this.port = port;
  }

  call<R>(options: PolicyCall<R>): { cancel(reason: string): void } {
    const guard = this.guardOf(options.call, options.to);
    this.admitWaiters(guard.configure(options.policy));
    this.nextRun += 1;
    const run: Run = {
      id: this.nextRun,
      options,
      guard,
      deadline: this.port.now() + Math.max(1, Math.round(options.timeoutMs * US_PER_MS)),
      attempt: 1,
      pushedBackAt: 0,
      permit: null,
      place: null,
      timer: null,
      trying: null,
      begin: () => this.begin(run),
      send: () => this.send(run, options),
      // One tick later: `onDone` never runs inside `call`.
      refuse: (failure) => this.wait(run, 1, () => this.ended(run, options, options.refuse(failure))),
    };
    this.runs.set(run.id, run);
    tryBegun(guard.budget, 1);
    run.begin();
    return { cancel: (reason) => this.cancel(run, reason) };
  }

  timer(token: Json): boolean {
    if (!isObject(token)) return false;
    if (typeof token['breaker'] === 'string') {
      this.guards.get(token['breaker'])?.elapse();
      return true;
    }
    if (typeof token['policy'] !== 'number') return false;
    const run = this.runs.get(token['policy']);
    const timer = run?.timer ?? null;
    if (run !== undefined) run.timer = null;
    timer?.fire();
    return true;
  }

  reconfigure(policies: ReadonlyMap<string, Guarding>): void {
    for (const [call, guard] of this.guards) {
      this.admitWaiters(guard.configure(policies.get(call) ?? {}));
      if (!policies.has(call)) this.guards.delete(call);
    }
  }

  private guardOf(call: string, to: string): Guard {
    const known = this.guards.get(call);
    if (known !== undefined) return known;
    const guard = new Guard(this.port, call, to);
    this.guards.set(call, guard);
    return guard;
  }

  private wait(run: Run, delayUs: number, fire: () => void): void {
    run.timer = { handle: this.port.after(delayUs, { policy: run.id }), fire };
  }

  private stopWaiting(run: Run): void {
    if (run.timer !== null) this.port.cancel(run.timer.handle);
    run.timer = null;
  }

  /** One try from the breaker on. */
  private begin(run: Run): void {
    const { guard } = run;
    const admission = guard.admit();
    if (!admission.ok) return run.refuse(admission.failure);
    run.permit = admission.permit && guard.breaker ? { breaker: guard.breaker, permit: admission.permit } : null;
    const { bulkhead } = guard;
    if (bulkhead === null) return run.send();
    const how = enterBulkhead(bulkhead, run.id);
    guard.tellPool();
    if (how === 'refused') return run.refuse(guard.full(null));
    run.place = { bulkhead, inside: how === 'entered', since: this.port.now() };
    if (how === 'entered') return run.send();
    const { maxWaitMs } = bulkhead.config;
    const left = run.deadline - this.port.now();
    const waitUs = Math.min(left, maxWaitMs === undefined ? left : Math.round(maxWaitMs * US_PER_MS));
    this.wait(run, Math.max(1, waitUs), () => this.waitedInVain(run, waitUs < left ? (maxWaitMs ?? null) : null));
  }

  private waitedInVain(run: Run, maxWaitMs: number | null): void {
    const { guard, place } = run;
    if (place !== null) leaveQueue(place.bulkhead, run.id, 'refused');
    run.place = null;
    guard.tellPool();
    run.refuse(maxWaitMs === null ? guard.tooLate(run.options.timeoutMs) : guard.full(maxWaitMs));
  }

  private send<R>(run: Run, options: PolicyCall<R>): void {
    const timeoutMs = tryTimeoutMs(options.policy.retries, this.port.now(), run.deadline);
    if (timeoutMs <= 0) return run.refuse(run.guard.tooLate(options.timeoutMs));
    run.trying = options.attempt(run.attempt, timeoutMs, (result) => {
      run.trying = null;
      this.ended(run, options, result);
    });
  }

  /** The try is over: permit and place go back, then another try or the end. */
  private ended<R>(run: Run, options: PolicyCall<R>, result: R): void {
    const verdict = options.judge(result);
    this.giveBack(run, verdict.failure);
    const decision = this.decide(run, options.policy, verdict);
    if (decision === null) {
      this.runs.delete(run.id);
      return options.onDone(result);
    }
    if (verdict.pushbackMs !== undefined) run.pushedBackAt = run.attempt;
    run.attempt += 1;
    tryBegun(run.guard.budget, run.attempt);
    this.wait(run, decision, run.begin);
  }

  /** µs until the next try, or null. */
  private decide(run: Run, { retries }: Guarding, verdict: Verdict): number | null {
    const { guard, options, attempt, deadline, pushedBackAt } = run;
    const { failure, reason, accepted, pushbackMs } = verdict;
    const { throttle, budget } = guard;
    if (failure === null) {
      if (throttle !== null) throttleSuccess(throttle);
      return null;
    }
    if (retries === undefined) return null;
    const isRetriable = reason !== null && retries.on.includes(reason);
    if (throttle !== null && (isRetriable || (pushbackMs ?? 0) < 0)) throttleFailure(throttle);
    const { call, to, protocol, idempotent, traceId, spanId, place } = options;
    const pushback = pushbackMs === undefined ? {} : { pushbackMs };
    const decision = decideRetry(retries, {
      protocol,
      attempt,
      reason,
      idempotent,
      accepted,
      deadline,
      budget,
      throttle,
      pushedBackAt,
      ...pushback,
      now: this.port.now(),
      u: this.port.random('retry', traceId, spanId, place, attempt),
    });
    const refused = decision.retry ? null : decision.refused;
    const delayUs = decision.retry ? decision.delayUs : null;
    if (delayUs !== null || refused !== null)
      this.port.emit({
        type: 'retry.decided',
        call,
        to,
        attempt,
        reason: failure.code,
        delayUs,
        refused,
        traceId,
        spanId,
      });
    return delayUs;
  }

  private giveBack(run: Run, failure: Failure | null | 'given-up'): void {
    const { guard, permit, place } = run;
    tryEnded(guard.budget, run.attempt);
    run.permit = null;
    run.place = null;
    if (permit !== null) guard.settle(permit.breaker, permit.permit, failure);
    if (place === null) return;
    const next = place.inside ? leaveBulkhead(place.bulkhead) : null;
    if (!place.inside) leaveQueue(place.bulkhead, run.id, 'left');
    guard.tellPool();
    if (next !== null) this.admitWaiters([next]);
  }

  private admitWaiters(tickets: readonly number[]): void {
    for (const ticket of tickets) {
      const run = this.runs.get(ticket);
      if (run === undefined) continue;
      this.stopWaiting(run);
      if (run.place !== null) run.place.inside = true;
      run.send();
    }
  }

  private cancel(run: Run, reason: string): void {
    if (!this.runs.delete(run.id)) return;
    this.stopWaiting(run);
    run.trying?.cancel(reason);
    this.giveBack(run, 'given-up');
  }
}
