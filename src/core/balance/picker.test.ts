import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '../base/random.ts';
import type { LoadBalancing } from '../topology/schema/types.ts';
import { weightUnderLoad } from './least-request.ts';
import { createPicker } from './create-picker.ts';
import { weightOf, type Candidate, type Picker } from './picker.ts';
import { nextInRing } from './round-robin.ts';

const hosts = (count: number, weight = 1): Candidate[] =>
  Array.from({ length: count }, (_, n) => ({ id: `order#${n}`, weight }));

/** Picks in a row and what each instance has under way, as the upstream of a caller counts it. */
class Choices {
  readonly active = new Map<string, number>();
  readonly seed: number;
  private readonly picker: Picker;
  private made = 0;

  constructor(policy: LoadBalancing, seed = 7) {
    this.picker = createPicker(policy);
    this.seed = seed;
  }

  next(candidates: readonly Candidate[], hashKey: string | null = null): string | null {
    const choice = this.made++;
    return this.picker.pick(candidates, {
      hashKey,
      active: (id) => this.active.get(id) ?? 0,
      random: (draw) => random(this.seed, 'balance', choice, draw),
    });
  }

  /** Throws so many balls and never takes one out again; gives the most in one bin above the mean. */
  maxAboveMean(balls: number, bins: Candidate[]): number {
    for (let ball = 0; ball < balls; ball++) {
      const id = this.next(bins) ?? '';
      this.active.set(id, (this.active.get(id) ?? 0) + 1);
    }
    return Math.max(...this.active.values()) - balls / bins.length;
  }
}

const roundRobin = { kind: 'round-robin' } as const;
const weighted = { kind: 'weighted-round-robin', weights: {} } as const;
const leastRequest = { kind: 'least-request', choices: 2, bias: 1 } as const;

describe('round robin (GW11, SR8)', () => {
  it('deviates by at most one with equal weights, in every prefix', () => {
    const choices = new Choices(roundRobin);
    const counts = new Map(hosts(7).map((host) => [host.id, 0]));
    for (let n = 0; n < 1000; n++) {
      const id = choices.next(hosts(7)) ?? '';
      counts.set(id, (counts.get(id) ?? 0) + 1);
      expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(1);
    }
  });

  it('goes on behind an entry that vanished without skipping a live one', () => {
    expect(nextInRing(['a', 'b', 'c'], null, [])).toBe('a');
    expect(nextInRing(['a', 'b', 'c'], 'c', [])).toBe('a');
    expect(nextInRing(['a', 'c'], 'b', ['a', 'b', 'c'])).toBe('c');
    expect(nextInRing(['a', 'b'], 'c', ['a', 'b', 'c'])).toBe('a');
    // #10 stands behind #9, whatever their text says.
    expect(nextInRing(['#8', '#10'], '#9', ['#8', '#9', '#10'])).toBe('#10');
    expect(nextInRing([], 'c', ['c'])).toBe(null);
  });

  it('serves every live host within one round after any change of the list', () => {
    fc.assert(
      fc.property(fc.array(fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), { minLength: 1 }), (lists) => {
        const choices = new Choices(roundRobin);
        for (const list of lists) {
          const candidates = list.map((n) => ({ id: `h#${n}`, weight: 1 }));
          const seen = new Set(list.map(() => choices.next(candidates)));
          expect(seen.size).toBe(list.length);
        }
      }),
    );
  });
});

describe('smooth weighted round robin (GW11)', () => {
  it('gives b a b b for weights 1 and 3, as nginx does', () => {
    const choices = new Choices(weighted);
    const candidates = [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 3 },
    ];
    expect(Array.from({ length: 8 }, () => choices.next(candidates)).join(' ')).toBe('b a b b b a b b');
  });

  it('gives each exactly its weight per round, for any weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const choices = new Choices(weighted);
        const candidates = weights.map((weight, n) => ({ id: `h#${n}`, weight }));
        const counts = new Map<string | null, number>();
        for (let n = 0; n < total; n++) {
          const id = choices.next(candidates);
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        for (const { id, weight } of candidates) expect(counts.get(id) ?? 0).toBe(weight);
        if (total === 0) expect(choices.next(candidates)).toBe(null);
      }),
    );
  });

  it('takes the weight of the ordinal before that of the version, else 1', () => {
    const weights = { '#1': 3, '2.0.0': 5 };
    expect(weightOf(weights, 'order#1', '2.0.0')).toBe(3);
    expect(weightOf(weights, 'order#0', '2.0.0')).toBe(5);
    expect(weightOf(weights, 'order#0', '1.0.0')).toBe(1);
    expect(weightOf(weights, 'order#10', null)).toBe(1);
    expect(weightOf(weights, 'order#192.168.1.5:8001', null)).toBe(1);
  });
});

describe('random and least request (GW11)', () => {
  it('leaves 100,000 balls in 100 bins within 5 of the mean with two choices, at least 60 above it with one', () => {
    expect(new Choices(leastRequest).maxAboveMean(100_000, hosts(100))).toBeLessThanOrEqual(5);
    expect(new Choices({ kind: 'random' }).maxAboveMean(100_000, hosts(100))).toBeGreaterThanOrEqual(60);
  });

  it('prefers the less loaded of those it drew', () => {
    const choices = new Choices({ kind: 'least-request', choices: 10, bias: 1 });
    choices.active.set('order#0', 5);
    expect(Array.from({ length: 50 }, () => choices.next(hosts(2))).filter((id) => id === 'order#0').length).toBe(0);
  });

  it('lowers unequal weights by the load: w / (active + 1)^bias', () => {
    expect(weightUnderLoad(6, 2, 1)).toBe(2);
    expect(weightUnderLoad(6, 2, 0)).toBe(6);
    expect(weightUnderLoad(9, 2, 2)).toBeCloseTo(1, 12);
    const choices = new Choices(leastRequest);
    const candidates = [
      { id: 'a', weight: 3 },
      { id: 'b', weight: 1 },
    ];
    const share = (): number =>
      Array.from({ length: 400 }, () => choices.next(candidates)).filter((id) => id === 'a').length;
    expect(share()).toBe(300);
    choices.active.set('a', 5);
    // 3/6 against 1: a third of the traffic.
    expect(Math.abs(share() - 400 / 3)).toBeLessThanOrEqual(2);
  });

  it('has no answer without candidates', () => {
    for (const kind of [roundRobin, weighted, { kind: 'random' } as const, leastRequest])
      expect(new Choices(kind).next([])).toBe(null);
  });
});

const KEYS = Array.from({ length: 20_000 }, (_, n) => `user-${n}`);
function owners(policy: LoadBalancing, candidates: Candidate[]): Map<string, string> {
  const choices = new Choices(policy);
  return new Map(KEYS.map((key) => [key, choices.next(candidates, key) ?? '']));
}
/** Of all keys, those that moved though their owner stayed, and those that moved at all; 0 to 1. */
function moved(policy: LoadBalancing, count: number, gone: number): { others: number; all: number } {
  const before = owners(policy, hosts(count));
  const after = owners(
    policy,
    hosts(count).filter((_, n) => n !== gone),
  );
  const changed = KEYS.filter((key) => before.get(key) !== after.get(key));
  const others = changed.filter((key) => before.get(key) !== `order#${gone}`);
  return { others: others.length / KEYS.length, all: changed.length / KEYS.length };
}

describe('consistent hashing (GW11)', () => {
  const ring = { kind: 'ring-hash', header: 'x-user' } as const;
  const maglev = { kind: 'maglev', header: 'x-user' } as const;

  it.each([2, 3, 5, 10, 20])(
    'ring of %i: one that goes gives away its own keys alone, at most 1/N + 5 percent',
    (count) => {
      for (let gone = 0; gone < count; gone++) {
        const { others, all } = moved(ring, count, gone);
        expect(others).toBe(0);
        expect(all).toBeLessThanOrEqual(1 / count + 0.05);
        expect(all).toBeGreaterThan(0);
      }
    },
  );

  it('Maglev: shares are even to 2 % and at most 5 % of the keys of others move', () => {
    const counts = new Map<string, number>();
    for (const owner of owners(maglev, hosts(10)).values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
    for (const count of counts.values()) expect(Math.abs(count / KEYS.length - 0.1)).toBeLessThan(0.02);
    for (let gone = 0; gone < 10; gone += 3) {
      const { others, all } = moved(maglev, 10, gone);
      expect(others).toBeGreaterThan(0);
      expect(others).toBeLessThanOrEqual(0.05);
      expect(all).toBeLessThanOrEqual(2 / 10);
    }
  });

  it.each([ring, maglev])(
    '$kind: the order of the list does not matter, and without a key it chooses at random',
    (policy) => {
      const reversed = owners(policy, hosts(5).reverse());
      expect(reversed).toEqual(owners(policy, hosts(5)));
      const choices = new Choices(policy);
      expect(new Set(Array.from({ length: 60 }, () => choices.next(hosts(5)))).size).toBe(5);
      expect(choices.next([], 'key')).toBe(null);
    },
  );
});
