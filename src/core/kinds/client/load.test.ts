import { describe, expect, it } from 'vitest';
import type { ClientRequest } from '../../topology/schema/types.ts';
import { arrivalGapUs, pickRequest } from './load.ts';

const request = (id: string, weight: number): ClientRequest => ({
  id,
  name: id,
  weight,
  method: 'GET',
  path: '/',
  to: 'gw',
});

describe('open load', () => {
  it('has constant or exponential gaps with the mean of the rate, and none at rate 0', () => {
    expect(arrivalGapUs({ model: 'open', ratePerSecond: 4, arrival: 'constant' }, 0.7)).toBe(250_000);
    expect(arrivalGapUs({ model: 'open', ratePerSecond: 0, arrival: 'constant' }, 0.7)).toBe(null);
    const load = { model: 'open', ratePerSecond: 10, arrival: 'exponential' } as const;
    const count = 20_000;
    let sum = 0;
    for (let index = 0; index < count; index += 1) sum += arrivalGapUs(load, (index + 0.5) / count) ?? 0;
    expect(sum / count).toBeGreaterThan(99_900);
    expect(sum / count).toBeLessThan(100_100);
    expect(arrivalGapUs({ model: 'open', ratePerSecond: 10_000, arrival: 'exponential' }, 0)).toBe(1);
  });

  it('picks by weight, never what weighs nothing', () => {
    const mix = [request('a', 1), request('never', 0), request('b', 3)];
    const counts: Record<string, number> = { a: 0, b: 0, never: 0 };
    for (let index = 0; index < 1000; index += 1) counts[pickRequest(mix, index / 1000)?.id ?? 'none']! += 1;
    expect(counts).toEqual({ a: 250, b: 750, never: 0 });
    expect(pickRequest([request('never', 0)], 0.5)).toBe(null);
    expect(pickRequest([], 0.5)).toBe(null);
  });
});
