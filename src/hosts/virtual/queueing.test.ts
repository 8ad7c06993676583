import { describe, expect, it } from 'vitest';
import type { ConfigOf, Distribution, Latency } from '../../core/topology/schema/types.ts';
import { VirtualRun } from './run-virtual.ts';
import { definition, S, shop } from './simulation/balance.suite.ts';

/** More arrivals, less chance: `npm run proof` takes a million. */
const ARRIVALS = Number(process.env['ARRIVALS'] ?? 10_000);
const TOLERANCE = ARRIVALS >= 1_000_000 ? 0.03 : 0.1;
const FOR_EVER_MS = 1e9;
const latency: Latency = { minUs: 50, distribution: { kind: 'constant', ms: 0.05 } };
/** To the order service and back, in seconds: the place at the gateway is held meanwhile. */
const ROUND_TRIP = 0.0001;

interface Measured {
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
  const came = new Map<string, number>();
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
      if (event.payload.kind === 'http.request' && event.to === 'gw#0') came.set(traceId, event.arriveAt);
      const since = came.get(traceId);
      if (since === undefined) return;
      if (event.payload.kind === 'http.request' && event.from === 'gw#0') total.wait += event.t - since;
      if (event.payload.kind !== 'http.reply' || event.to !== 'gw#0') return;
      total.stay += event.arriveAt - since;
      total.done += 1;
      came.delete(traceId);
    },
  });
  run.runUntil(seconds * S);
  const { wait, stay, done, area } = total;
  return { wait: wait / done / S, stay: stay / done / S, inside: area / last.t, perSecond: (done * S) / last.t };
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
    const { wait, stay, inside, perSecond } = measure(1, open(5), exponential, ARRIVALS / 5);
    near('M/M/1 wait in s', wait, oneServerWait(5, mean, 0.01));
    near('M/M/1 inside, by Little', inside, perSecond * stay, 0.02);
  });

  it('M/D/1: half the wait of M/M/1', () => {
    const { wait } = measure(1, open(5), { kind: 'constant', ms: 100 }, ARRIVALS / 5);
    near('M/D/1 wait in s', wait, oneServerWait(5, mean, 0));
  });

  it('M/M/3: Erlang C', () => {
    const { wait } = measure(3, open(18), exponential, ARRIVALS / 18);
    near('M/M/3 wait in s', wait, erlangWait(18, mean, 3));
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
