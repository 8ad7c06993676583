import { describe, expect, it } from 'vitest';
import { sampleUs } from '../../base/distribution.ts';
import { Heap } from '../../base/heap.ts';
import { random } from '../../base/random.ts';
import type { Distribution } from '../../topology/schema/types.ts';
import { Places } from './places.ts';

/** As RS7 asks; two seconds. */
const ARRIVALS = Number(process.env['ARRIVALS'] ?? 1_000_000);

describe('Places', () => {
  it('serves up to the limit, lets so many wait, sends the others away, first come first served', () => {
    const places = new Places<string>();
    expect(['a', 'b', 'c', 'd', 'e'].map((who) => places.enter(who, 2, 2))).toEqual([
      'begin',
      'begin',
      'wait',
      'wait',
      'refuse',
    ]);
    expect(places).toMatchObject({ active: 2, queued: 2, refused: 1 });
    expect(places.leave(2)).toEqual(['c']);
    expect(places.leave(2)).toEqual(['d']);
    expect(places.leave(2)).toEqual([]);
    expect(places.leave(2)).toEqual([]);
    expect(places).toMatchObject({ active: 0, queued: 0 });
  });

  it('follows a limit that is changed meanwhile', () => {
    const places = new Places<string>();
    for (const who of ['a', 'b', 'c', 'd']) places.enter(who, 1, 9);
    expect(places.leave(3)).toEqual(['b', 'c', 'd']);
    expect(places.leave(1)).toEqual([]);
    places.enter('e', 1, 9);
    expect(places.leave(1)).toEqual([]);
    expect(places.leave(1)).toEqual(['e']);
  });
});

interface Measured {
  /** Mean wait and mean stay in seconds, mean number inside over time, arrivals per second. */
  wait: number;
  stay: number;
  inside: number;
  perSecond: number;
}
interface Customer {
  came: number;
  serviceUs: number;
}

/** The line of a service under Poisson arrivals, with the distributions and the randomness of runs; no network, no actors. */
function measure(servers: number, ratePerSecond: number, busy: Distribution, seed: number): Measured {
  const places = new Places<Customer>();
  const leaving = new Heap<number>((a, b) => a - b);
  const gap: Distribution = { kind: 'exponential', meanMs: 1000 / ratePerSecond };
  const total = { wait: 0, stay: 0, area: 0 };
  let [now, inside] = [0, 0];
  const pass = (t: number): void => {
    total.area += inside * (t - now);
    now = t;
  };
  const begin = ({ came, serviceUs }: Customer): void => {
    total.wait += now - came;
    total.stay += now - came + serviceUs;
    leaving.push(now + serviceUs);
  };
  const leaveUntil = (t: number): void => {
    for (let next = leaving.peek(); next !== undefined && next <= t; next = leaving.peek()) {
      leaving.pop();
      pass(next);
      inside -= 1;
      for (const customer of places.leave(servers)) begin(customer);
    }
  };
  let arrival = 0;
  for (let n = 0; n < ARRIVALS; n++) {
    arrival += sampleUs(gap, random(seed, 'arrival', n));
    leaveUntil(arrival);
    pass(arrival);
    inside += 1;
    const customer = { came: now, serviceUs: sampleUs(busy, random(seed, 'service-time', n)) };
    if (places.enter(customer, servers, Infinity) === 'begin') begin(customer);
  }
  const last = arrival;
  leaveUntil(Infinity);
  const S = 1e6;
  return {
    wait: total.wait / ARRIVALS / S,
    stay: total.stay / ARRIVALS / S,
    inside: total.area / now,
    perSecond: (ARRIVALS / last) * S,
  };
}

/** Probability that all of `c` servers are busy (Erlang C) at `a` = arrival rate times service time. */
function erlangC(c: number, a: number): number {
  let [term, sum] = [1, 0];
  for (let k = 0; k < c; k++) {
    sum += term;
    term *= a / (k + 1);
  }
  const all = term / (1 - a / c);
  return all / (sum + all);
}

describe('RS7: the line of a service keeps to queueing theory', () => {
  const exponential: Distribution = { kind: 'exponential', meanMs: 100 };
  const S = 0.1;
  it.each<[string, number, number, Distribution, number]>([
    ['M/M/1 at 50 %', 1, 5, exponential, (S * 0.5) / (1 - 0.5)],
    ['M/M/1 at 70 %', 1, 7, exponential, (S * 0.7) / (1 - 0.7)],
    ['M/D/1 at 70 %', 1, 7, { kind: 'constant', ms: 100 }, (S * 0.7) / (2 * (1 - 0.7))],
    ['M/M/3 at 80 %', 3, 24, exponential, (erlangC(3, 2.4) * S) / (3 - 2.4)],
  ])('%s: mean wait within 3 %, Little within 2 %', (name, servers, rate, busy, expected) => {
    const { wait, stay, inside, perSecond } = measure(servers, rate, busy, 7);
    const [waitError, littleError] = [wait / expected - 1, inside / (perSecond * stay) - 1];
    const percent = (error: number): string => `${(100 * error).toFixed(2)} %`;
    console.log(
      `${name}: waits ${(wait * 1000).toFixed(2)} ms, theory ${(expected * 1000).toFixed(2)} ms, ${percent(waitError)} off; Little ${percent(littleError)} off; ${ARRIVALS} arrivals`,
    );
    expect(Math.abs(waitError)).toBeLessThan(0.03);
    expect(Math.abs(littleError)).toBeLessThan(0.02);
  });
});
