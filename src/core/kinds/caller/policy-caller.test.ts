import { describe, expect, test } from 'vitest';
import type { Failure } from '../../behaviour/effect.ts';
import { httpRetryReason, wasAccepted } from '../../resilience/retry.ts';
import type { Breaker, Retries } from '../../topology/schema/types.ts';
import { createFakePort, type FakePort } from '../testing/fake-port.ts';
import { initOf, peerOf, serviceRecord } from '../testing/fixtures.ts';
import type { Guarding } from './guard.ts';
import { createPolicyCaller, type PolicyCall, type PolicyCaller } from './policy-caller.ts';

const MS = 1000;
const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
/** What a try results in: null = well. */
type Ended = Failure | null;
const failure = (code: string): Failure => ({ code, message: code });

interface Try {
  n: number;
  timeoutMs: number;
  at: number;
  cancelled: string | null;
  end(result: Ended): void;
}
interface Bench {
  port: FakePort;
  policies: PolicyCaller;
  tries: Try[];
  /** Ends of calls, in order. */
  ends: { at: number; result: Ended }[];
  call: (policy: Guarding, change?: Partial<PolicyCall<Ended>>) => { cancel(reason: string): void };
}

function bench(): Bench {
  const port = createFakePort(
    initOf('web', serviceRecord('web'), [peerOf('depot', 'http', 'out', serviceRecord('depot'))]),
  );
  const policies = createPolicyCaller(port);
  port.onTimer((token) => void policies.timer(token));
  const tries: Try[] = [];
  const ends: Bench['ends'] = [];
  return {
    port,
    policies,
    tries,
    ends,
    call: (policy, change = {}) =>
      policies.call<Ended>({
        call: 'list/ask',
        to: 'depot',
        policy,
        protocol: 'http',
        idempotent: true,
        timeoutMs: 1000,
        traceId,
        spanId,
        place: 'ask#0',
        attempt(n, timeoutMs, end) {
          const one: Try = { n, timeoutMs, at: port.now(), cancelled: null, end };
          tries.push(one);
          return { cancel: (reason) => void (one.cancelled = reason) };
        },
        judge: (result) => ({
          failure: result,
          reason: result === null ? null : httpRetryReason({ failure: result }),
          accepted: wasAccepted(result),
        }),
        refuse: (refused) => refused,
        onDone: (result) => void ends.push({ at: port.now(), result }),
        ...change,
      }),
  };
}
const retries = (change: Partial<Retries> = {}): Retries => ({
  maxAttempts: 3,
  on: ['timeout', 'connection'],
  backoff: { initialIntervalMs: 100, backoffCoefficient: 2, maxIntervalMs: 1000, jitter: 'none' },
  ...change,
});
const breaker = (change: Partial<Breaker> = {}): Breaker => ({
  window: 'count',
  windowSize: 2,
  minimumCalls: 2,
  failureRatePercent: 50,
  slowRatePercent: 100,
  slowCallMs: 10_000,
  openMs: 500,
  halfOpenPermits: 1,
  ...change,
});
const last = <T>(list: readonly T[]): T => list.at(-1) as T;

describe('retries', () => {
  test('GW8 try again after the pause, each try with what is left of the whole, and give the last result', () => {
    const { port, tries, ends, call } = bench();
    call({ retries: retries({ perTryTimeoutMs: 300 }) });
    expect(tries).toMatchObject([{ n: 1, timeoutMs: 300, at: 0 }]);
    port.advance(300 * MS);
    tries[0]!.end(failure('timeout'));
    expect(port.eventsOf('retry.decided')).toEqual([
      {
        type: 'retry.decided',
        call: 'list/ask',
        to: 'depot',
        attempt: 1,
        reason: 'timeout',
        delayUs: 100 * MS,
        refused: null,
        traceId,
        spanId,
      },
    ]);
    port.advance(100 * MS);
    expect(tries[1]).toMatchObject({ n: 2, timeoutMs: 300, at: 400 * MS });
    port.advance(300 * MS);
    tries[1]!.end(failure('timeout'));
    port.advance(200 * MS);
    expect(tries[2]).toMatchObject({ n: 3, timeoutMs: 100, at: 900 * MS });
    tries[2]!.end(null);
    expect(ends).toEqual([{ at: 900 * MS, result: null }]);
  });

  test('GW9 what is not retried ends at once, and says why when the policy speaks of it', () => {
    const { port, tries, ends, call } = bench();
    call({ retries: retries() }, { idempotent: false });
    tries[0]!.end(failure('connection_reset'));
    call({ retries: retries() });
    last(tries).end(failure('http_404'));
    expect(ends.map(({ result }) => result?.code)).toEqual(['connection_reset', 'http_404']);
    expect(port.eventsOf('retry.decided')).toMatchObject([
      { reason: 'connection_reset', delayUs: null, refused: 'not idempotent: the callee may have done it already' },
    ]);
  });

  test('GW9 the budget is shared by the calls of one step', () => {
    const { port, tries, call } = bench();
    for (let n = 0; n < 6; n += 1) call({ retries: retries({ budgetPercent: 20 }) });
    for (const one of tries.slice()) one.end(failure('connection_refused'));
    const decided = port.eventsOf('retry.decided');
    expect(decided.map(({ delayUs }) => delayUs !== null)).toEqual([true, true, true, false, false, false]);
    expect(last(decided).refused).toBe('budget: 3 of 3 retries under way (20 % of 0 calls)');
  });

  test('RS5 throttle tokens are shared, a pushback replaces the pause and starts the back-off anew', () => {
    const { port, tries, ends, call } = bench();
    const policy = { retries: retries({ maxAttempts: 5, throttle: { maxTokens: 4, tokenRatio: 1 } }) };
    let pushbackMs: number | undefined = 7;
    const judge = (result: Ended) => ({
      failure: result,
      reason: result === null ? null : ('connection' as const),
      accepted: true,
      ...(pushbackMs === undefined ? {} : { pushbackMs }),
    });
    call(policy, { protocol: 'grpc', judge });
    tries[0]!.end(failure('grpc_unavailable'));
    expect(last(port.eventsOf('retry.decided')).delayUs).toBe(7 * MS);
    port.advance(7 * MS);
    pushbackMs = undefined;
    tries[1]!.end(failure('grpc_unavailable'));
    expect(last(port.eventsOf('retry.decided'))).toMatchObject({
      attempt: 2,
      delayUs: null,
      refused: 'throttle: 2 tokens, more than 2 needed',
    });
    call(policy, { protocol: 'grpc', judge });
    last(tries).end(null);
    call(policy, { protocol: 'grpc', judge });
    last(tries).end(failure('grpc_unavailable'));
    expect(ends.map(({ result }) => result?.code)).toEqual(['grpc_unavailable', undefined, 'grpc_unavailable']);
  });
});

describe('breaker', () => {
  const open = (policy: Guarding = { breaker: breaker() }): Bench => {
    const made = bench();
    for (let n = 0; n < 2; n += 1) {
      made.call(policy);
      last(made.tries).end(failure('timeout'));
    }
    return made;
  };

  test('RS2 opens, refuses without a try and in words, lets one probe through, closes', () => {
    const { port, tries, ends, call } = open();
    const policy = { breaker: breaker() };
    port.advance(100 * MS);
    call(policy);
    expect(ends).toHaveLength(2);
    port.advance(1);
    expect(tries).toHaveLength(2);
    expect(last(ends).result).toEqual({
      code: 'breaker_open',
      message:
        'depot not called: its circuit breaker is open for another 400 ms (100 % of 2 calls failed, 0 % were slow)',
      status: 503,
      retriable: true,
    });
    port.advance(400 * MS);
    call(policy);
    call(policy);
    port.advance(1);
    expect(last(ends).result?.message).toBe(
      'depot not called: its circuit breaker is half-open and all 1 trial calls are taken',
    );
    last(tries).end(null);
    expect(
      port
        .eventsOf('breaker.changed')
        .map(({ state, failureRate, calls, until }) => [state, failureRate, calls, until]),
    ).toEqual([
      ['closed', -1, 0, null],
      ['closed', -1, 1, null],
      ['open', 1000, 2, 500 * MS],
      ['half-open', -1, 0, null],
      ['closed', -1, 0, null],
    ]);
  });

  test('RS2 an automatic one turns half-open by itself', () => {
    const { port } = open({ breaker: breaker({ automatic: true }) });
    port.advance(500 * MS - 1);
    expect(last(port.eventsOf('breaker.changed')).state).toBe('open');
    port.advance(1);
    expect(last(port.eventsOf('breaker.changed')).state).toBe('half-open');
  });

  test('an open breaker is no reason for a retry; a retry may find it open', () => {
    const { port, tries, ends, call } = bench();
    call({ retries: retries(), breaker: breaker() });
    tries[0]!.end(failure('timeout'));
    port.advance(100 * MS);
    tries[1]!.end(failure('timeout'));
    port.advance(201 * MS);
    expect(tries).toHaveLength(2);
    expect(ends).toMatchObject([{ result: { code: 'breaker_open' } }]);
  });

  test('ignored codes do not count, by pattern too; a given-up call gives its permit back', () => {
    const policy = { breaker: breaker({ ignore: ['http_4*'] }) };
    const { port, tries, call } = open(policy);
    port.advance(500 * MS);
    const given = call(policy);
    given.cancel('sibling failed');
    expect(last(tries).cancelled).toBe('sibling failed');
    call(policy);
    last(tries).end(failure('http_404'));
    call(policy);
    last(tries).end(null);
    expect(tries).toHaveLength(5);
    expect(last(port.eventsOf('breaker.changed')).state).toBe('closed');
  });

  test('new numbers begin a new breaker, equal ones in another order do not; a removed one is told as closed', () => {
    const { port, policies, call, tries } = open();
    const { openMs, ...rest } = breaker();
    policies.reconfigure(new Map([['list/ask', { breaker: { openMs, ...rest } }]]));
    expect(last(port.eventsOf('breaker.changed')).state).toBe('open');
    policies.reconfigure(new Map([['list/ask', { breaker: breaker({ openMs: 501 }) }]]));
    expect(last(port.eventsOf('breaker.changed'))).toMatchObject({ state: 'closed', calls: 0 });
    const policy = { breaker: breaker({ openMs: 501 }) };
    call(policy);
    last(tries).end(failure('timeout'));
    call(policy);
    last(tries).end(failure('timeout'));
    expect(last(port.eventsOf('breaker.changed')).state).toBe('open');
    policies.reconfigure(new Map());
    expect(last(port.eventsOf('breaker.changed'))).toMatchObject({ state: 'closed', until: null });
  });

  test('steps have breakers of their own', () => {
    const { tries, call } = open();
    call({ breaker: breaker() }, { call: 'list/other' });
    expect(tries).toHaveLength(3);
  });
});

describe('RS4 bulkhead', () => {
  test('refuses beyond permits and queue at once, hands a free place to who waited longest', () => {
    const policy = { bulkhead: { maxConcurrent: 1, maxQueued: 1 } };
    const { port, tries, ends, call } = bench();
    call(policy);
    call(policy);
    call(policy);
    port.advance(1);
    expect(ends).toEqual([
      {
        at: 1,
        result: {
          code: 'bulkhead_full',
          message: 'depot not called: 1 of 1 calls are under way and 1 of 1 wait',
          status: 503,
          retriable: true,
        },
      },
    ]);
    expect(tries).toHaveLength(1);
    port.advance(400 * MS - 1);
    tries[0]!.end(null);
    expect(tries[1]).toMatchObject({ timeoutMs: 600, at: 400 * MS });
    tries[1]!.end(null);
    expect(ends.map(({ result }) => result?.code)).toEqual(['bulkhead_full', undefined, undefined]);
    expect(port.eventsOf('pool.changed').map(({ active, queued, refused }) => [active, queued, refused])).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [1, 1, 1],
      [1, 0, 1],
      [0, 0, 1],
    ]);
  });

  test('who waited too long is refused; when the whole time ends first it is a time-out', () => {
    const { port, ends, call } = bench();
    const policy = { bulkhead: { maxConcurrent: 1, maxQueued: 2, maxWaitMs: 200 } };
    call(policy);
    call(policy);
    call(policy, { timeoutMs: 50 });
    port.advance(50 * MS + 1);
    expect(last(ends)).toMatchObject({
      at: 50 * MS + 1,
      result: { code: 'timeout', message: 'depot not called within 50 ms' },
    });
    port.advance(150 * MS);
    expect(last(ends)).toMatchObject({
      result: {
        code: 'bulkhead_full',
        message: 'depot not called: no place within 200 ms, 1 of 1 calls are under way',
      },
    });
  });

  test('given up, inside or in the queue, gives the place to the next', () => {
    const policy = { bulkhead: { maxConcurrent: 1, maxQueued: 2 } };
    const { port, tries, ends, call } = bench();
    const inside = call(policy);
    const waiting = call(policy);
    call(policy);
    waiting.cancel('gone');
    inside.cancel('gone');
    expect(tries).toHaveLength(2);
    expect(last(port.eventsOf('pool.changed'))).toMatchObject({ active: 1, queued: 0, refused: 0 });
    port.advance(900 * MS);
    tries[1]!.end(null);
    port.advance(5000 * MS);
    expect(ends).toHaveLength(1);
    expect(last(port.eventsOf('pool.changed'))).toMatchObject({ active: 0, queued: 0 });
  });

  test('more places let waiters in; a removed bulkhead lets all in', () => {
    const { policies, tries, call } = bench();
    const policy = { bulkhead: { maxConcurrent: 1, maxQueued: 9 } };
    for (let n = 0; n < 5; n += 1) call(policy);
    policies.reconfigure(new Map([['list/ask', { bulkhead: { maxConcurrent: 3, maxQueued: 9 } }]]));
    expect(tries).toHaveLength(3);
    policies.reconfigure(new Map());
    expect(tries).toHaveLength(5);
  });

  test('RS1 a full bulkhead is a failure to the breaker around it, and its wait is part of a slow call', () => {
    const policy = {
      breaker: breaker({
        windowSize: 3,
        minimumCalls: 3,
        failureRatePercent: 100,
        slowRatePercent: 50,
        slowCallMs: 99,
      }),
      bulkhead: { maxConcurrent: 1, maxQueued: 1 },
    };
    const { port, tries, call } = bench();
    call(policy);
    call(policy);
    call(policy);
    port.advance(100 * MS);
    tries[0]!.end(null);
    tries[1]!.end(null);
    expect(last(port.eventsOf('breaker.changed'))).toMatchObject({ state: 'open', failureRate: 333, slowRate: 666 });
  });
});
