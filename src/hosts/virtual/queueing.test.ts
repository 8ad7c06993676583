import { describe, expect, it } from 'vitest';
import { sampleUs } from '../../core/base/distribution.ts';
import { random } from '../../core/base/random.ts';
import type { ConfigOf, Distribution, Latency } from '../../core/topology/schema/types.ts';
import { VirtualRun } from './run-virtual.ts';
import { definition, S, shop } from './simulation/balance.suite.ts';

/** `npm run proof` takes a million, which need no help; few are compared by a control variate. */
const ARRIVALS = Number(process.env['ARRIVALS'] ?? 6_000);
const ENOUGH = 1_000_000;
const TOLERANCE = 0.03;
/** Draws of the control's mean: cheap ones, without a run. */
const DRAWS = 400_000;
const FOR_EVER_MS = 1e9;
const latency: Latency = { minUs: 50, distribution: { kind: 'constant', ms: 0.05 } };
/** To the order service and back, in seconds: the place at the gateway is held meanwhile. */
const ROUND_TRIP = 0.0001;

/** One request at the gateway: when it came, when it was sent on, when its answer was back. µs */
interface Visit {
  came: number;
  sent: number;
  back: number;
}

interface Measured {
  /** In the order of arrival. */
  visits: Visit[];
  /** Seconds from a request's coming to the gateway until it is sent on; until its answer is back there. */
  wait: number;
  stay: number;
  /** Mean of requests waiting or under way at the gateway, over time. */
  inside: number;
  perSecond: number;
}

/** Runs a shop whose gateway serves so many at once, in the order of arrival, and measures from the log alone. */
function measure(servers: number, load: ConfigOf<'client'>['load'], busy: Distribution, seconds: number): Measured {
  const topology = shop({
    replicas: 1,
    ratePerSecond: 0,
    load,
    busy,
    latency,
    timeoutMs: FOR_EVER_MS,
    gateway: {
      timeoutMs: FOR_EVER_MS,
      upstreamLimits: { maxRequests: servers, maxPending: 1_000_000, maxRetries: 0 },
    },
  });
  const visits = new Map<string, Visit>();
  const total = { wait: 0, stay: 0, done: 0, area: 0 };
  let last = { t: 0, inside: 0 };
  const run = new VirtualRun(definition(topology), {
    keep: false,
    onEvent(event) {
      if (event.type === 'pool.changed') {
        total.area += last.inside * (event.t - last.t);
        last = { t: event.t, inside: event.active + event.queued };
      }
      if (event.type !== 'message.sent' || event.trace === null) return;
      const { traceId } = event.trace;
      if (event.payload.kind === 'http.request' && event.to === 'gw#0')
        visits.set(traceId, { came: event.arriveAt, sent: NaN, back: NaN });
      const visit = visits.get(traceId);
      if (visit === undefined) return;
      if (event.payload.kind === 'http.request' && event.from === 'gw#0') visit.sent = event.t;
      if (event.payload.kind !== 'http.reply' || event.to !== 'gw#0') return;
      visit.back = event.arriveAt;
      total.wait += visit.sent - visit.came;
      total.stay += visit.back - visit.came;
      total.done += 1;
    },
  });
  run.runUntil(seconds * S);
  const { wait, stay, done, area } = total;
  const whole = [...visits.values()].filter(({ back }) => !Number.isNaN(back));
  return {
    visits: whole.sort((a, b) => a.came - b.came),
    wait: wait / done / S,
    stay: stay / done / S,
    inside: area / last.t,
    perSecond: (done * S) / last.t,
  };
}

/** Waits (µs) of customers in the order of arrival, first come first served: the recursion of Lindley, and of Kiefer and Wolfowitz for several servers. */
function waitsOf(servers: number, customers: Iterable<{ came: number; servedUs: number }>): number[] {
  const free = Array.from({ length: servers }, () => -Infinity);
  const waits: number[] = [];
  for (const { came, servedUs } of customers) {
    const next = free.indexOf(Math.min(...free));
    const begins = Math.max(came, free[next] ?? 0);
    free[next] = begins + servedUs;
    waits.push(begins - came);
  }
  return waits;
}
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The recursion's mean wait in seconds, over draws of the product's own hash. */
function drawnWait(servers: number, ratePerSecond: number, busy: Distribution): number {
  const gap: Distribution = { kind: 'exponential', meanMs: 1000 / ratePerSecond };
  function* customers(): Generator<{ came: number; servedUs: number }> {
    let came = 0;
    for (let n = 0; n < DRAWS; n++) {
      came += sampleUs(gap, random(SEED, 'gap', n));
      yield { came, servedUs: sampleUs(busy, random(SEED, 'busy', n)) + ROUND_TRIP * S };
    }
  }
  return meanOf(waitsOf(servers, customers())) / S;
}
const SEED = 7;

/**
 * Holds the mean wait of a run against theory. A million arrivals speak for themselves. With few of them chance alone is several percent off; the control variate takes it away:
 * the recursion is fed with the very arrivals and service times of the run, so that what chance did to both cancels, and its mean is known from many draws. Whatever the run does otherwise than the recursion stays.
 */
function waitNear(
  what: string,
  { wait, visits }: Measured,
  [servers, rate, busy]: [number, number, Distribution],
  expected: number,
): void {
  if (ARRIVALS >= ENOUGH) return near(`${what} wait in s`, wait, expected);
  const customers = visits.map(({ came, sent, back }) => ({ came, servedUs: back - sent }));
  const control = waitsOf(servers, customers);
  const furthest = Math.max(...visits.map(({ came, sent }, n) => Math.abs(sent - came - (control[n] ?? 0))));
  // Not only in the mean: every request waits as long as the recursion says.
  expect(furthest, `${what}: a wait differs from the recursion's`).toBeLessThanOrEqual(1);
  near(`${what} wait in s`, wait - meanOf(control) / S + drawnWait(servers, rate, busy), expected);
}

const open = (ratePerSecond: number): ConfigOf<'client'>['load'] => ({
  model: 'open',
  ratePerSecond,
  arrival: 'exponential',
});
const exponential: Distribution = { kind: 'exponential', meanMs: 100 };
/** Says how far a measure is from theory, and fails when that is too far. */
function near(what: string, measured: number, expected: number, tolerance = TOLERANCE): void {
  const error = measured / expected - 1;
  console.log(
    `${what}: ${measured.toPrecision(4)} against ${expected.toPrecision(4)}, ${(100 * error).toFixed(2)} % off, ${ARRIVALS} arrivals`,
  );
  expect(Math.abs(error), `${measured} against ${expected}`).toBeLessThan(tolerance);
}

/** Mean wait in a queue with one server (Pollaczek and Khinchine). */
function oneServerWait(rate: number, mean: number, variance: number): number {
  return (rate * (variance + mean * mean)) / (2 * (1 - rate * mean));
}
/** Mean wait with c servers and exponential service (Erlang C). */
function erlangWait(rate: number, mean: number, servers: number): number {
  const offered = rate * mean;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < servers; n++) {
    term *= offered / n;
    sum += term;
  }
  const full = (term * offered) / servers / (1 - offered / servers);
  return ((full / (sum + full)) * mean) / (servers - offered);
}

describe(`queueing theory in whole runs, ${ARRIVALS} arrivals (RS7)`, { timeout: 3_600_000 }, () => {
  const mean = 0.1 + ROUND_TRIP;

  it('M/M/1: the mean wait, and Little: what is inside is rate times stay', () => {
    const measured = measure(1, open(5), exponential, ARRIVALS / 5);
    waitNear('M/M/1', measured, [1, 5, exponential], oneServerWait(5, mean, 0.01));
    near('M/M/1 inside, by Little', measured.inside, measured.perSecond * measured.stay, 0.02);
  });

  it('M/D/1: half the wait of M/M/1', () => {
    const constant: Distribution = { kind: 'constant', ms: 100 };
    waitNear('M/D/1', measure(1, open(5), constant, ARRIVALS / 5), [1, 5, constant], oneServerWait(5, mean, 0));
  });

  it('M/M/3: Erlang C', () => {
    const measured = measure(3, open(18), exponential, ARRIVALS / 18);
    waitNear('M/M/3', measured, [3, 18, exponential], erlangWait(18, mean, 3));
  });

  it('closed load: mean value analysis of 5 users who think 200 ms', () => {
    const think = 0.2 + ROUND_TRIP;
    let queue = 0;
    let rate = 0;
    for (let users = 1; users <= 5; users++) {
      const stay = mean * (1 + queue);
      rate = users / (stay + think);
      queue = rate * stay;
    }
    const load = { model: 'closed', users: 5, thinkTimeMs: 200 } as const;
    const { inside, perSecond } = measure(1, load, exponential, ARRIVALS / rate);
    near('closed load, requests per s', perSecond, rate, TOLERANCE / 2);
    near('closed load, inside', inside, queue);
  });
});
