import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize, quote, sortedKeys } from './canonical.ts';
import { sampleUs } from './distribution.ts';
import { Heap } from './heap.ts';
import type { Json } from './json.ts';
import { exp, ln, normalQuantile } from './math.ts';
import { murmur128 } from './murmur.ts';
import { hexId, random, uuid } from './random.ts';
import { createTextHash, sha256Hex } from './sha256.ts';
import { utf8Length } from './utf8-length.ts';

const hex = (words: number[]): string => words.map((w) => w.toString(16).padStart(8, '0')).join('');

describe('murmur3 x86-128', () => {
  test('agrees with the published reference vectors', () => {
    expect(hex(murmur128('', 0))).toBe('00000000000000000000000000000000');
    expect(hex(murmur128('I will not buy this record, it is scratched.', 0))).toBe('a0a9683b25ac5e40d9af2895890dddf5');
  });
});

describe('own math', () => {
  test('ln and exp within 1e-12 of the engine', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
        const want = Math.log(x);
        expect(Math.abs(ln(x) - want)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(want)));
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThanOrEqual(1e-12);
      }),
    );
    expect([ln(0), ln(1), exp(0), exp(-800), exp(800)]).toEqual([-Infinity, 0, 1, 0, Infinity]);
  });
  test('normal quantile at known points', () => {
    expect(normalQuantile(0.5)).toBeCloseTo(0, 9);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 7);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 7);
  });
  test('means of the distributions over 20,000 seeded samples', () => {
    const mean = (f: (u: number) => number): number => {
      let sum = 0;
      for (let i = 0; i < 20_000; i++) sum += f(random(7, 'mean', i));
      return sum / 20_000;
    };
    expect(mean((u) => sampleUs({ kind: 'exponential', meanMs: 10 }, u)) / 10_000).toBeCloseTo(1, 1);
    expect(mean((u) => sampleUs({ kind: 'uniform', minMs: 0, maxMs: 10 }, u)) / 5000).toBeCloseTo(1, 1);
    expect(
      mean((u) => sampleUs({ kind: 'lognormal', medianMs: 10, sigma: 0.5 }, u)) / (10_000 * Math.exp(0.125)),
    ).toBeCloseTo(1, 1);
  });
});

describe('random by hash', () => {
  test('uniform, repeatable, sensitive to every part', () => {
    expect(random(1, 'a', 'b')).toBe(random(1, 'a', 'b'));
    const others = [random(2, 'a', 'b'), random(1, 'b', 'a'), random(1, 'a', 'b', ''), random(1, 'ab')];
    for (const other of others) expect(other).not.toBe(random(1, 'a', 'b'));
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 10_000; i++) {
      const bucket = Math.floor(random(5, 'uniform', i) * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
  test('ids have their format', () => {
    expect(uuid(1, 'x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(hexId(1, 16, 'span', 1)).toMatch(/^[0-9a-f]{16}$/);
  });
});

test('canonical JSON is independent of key order and parses back', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalize(value as Json);
      expect(canonicalize(JSON.parse(text) as Json)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonicalize({ b: 1, a: [true, null, 'é'] })).toBe('{"a":[true,null,"é"],"b":1}');
});

test('sha256: known vector, incremental equals whole, digest does not end it', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const hash = createTextHash();
  hash.update('a');
  hash.digest();
  hash.update('bc');
  expect(hash.digest()).toBe(sha256Hex('abc'));
  expect(utf8Length('aé€😀')).toBe(10);
});

test('sha256: pieces of any text and any length equal the whole', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ maxLength: 30_000, size: 'max' }),
    fc.constant('\ud800'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      // A letter between them: a lone surrogate would otherwise find its partner in the whole text only.
      const whole = createTextHash();
      whole.update(pieces.map((text) => `x${text}`).join(''));
      const each = createTextHash();
      for (const text of pieces) {
        each.update('x');
        each.update(text);
      }
      expect(each.digest()).toBe(whole.digest());
    }),
    { numRuns: 50 },
  );
});

test('quoting, key order and murmur agree with their plain definitions for any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.array(fc.string({ maxLength: 4 }), { maxLength: 30 }),
      (text, keys) => {
        expect(quote(text)).toBe(JSON.stringify(text));
        const record = Object.fromEntries(keys.map((key) => [key, 1]));
        expect(sortedKeys(record)).toEqual(Object.keys(record).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      },
    ),
  );
  // What was hashed before must not shine through the padding of a shorter text.
  const alone = murmur128('ab', 3);
  murmur128('€😀é'.repeat(900), 3);
  expect(murmur128('ab', 3)).toEqual(alone);
});

test('heap pops in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a - b);
      for (const n of numbers) heap.push(n);
      const out: number[] = [];
      for (let n = heap.pop(); n !== undefined; n = heap.pop()) out.push(n);
      expect(out).toEqual([...numbers].sort((a, b) => a - b));
    }),
  );
});
