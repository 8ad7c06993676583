import { expect, test } from 'vitest';
import { niceTicks } from './ticks.ts';

test('ticks are round, begin at 0 and never pass the end', () => {
  expect(niceTicks(1)).toEqual([0, 1]);
  expect(niceTicks(137_402)).toEqual([0, 50_000, 100_000]);
  expect(niceTicks(1_000_000)).toEqual([0, 200_000, 400_000, 600_000, 800_000, 1_000_000]);
  for (let total = 1; total < 1e9; total = Math.ceil(total * 1.37)) {
    const ticks = niceTicks(total);
    const step = ticks[1] ?? 0;
    expect([1, 2, 5]).toContain(step / 10 ** Math.floor(Math.log10(step) + 1e-9));
    expect(ticks.length).toBeLessThanOrEqual(6);
    expect(ticks.at(-1)).toBeLessThanOrEqual(total);
  }
});
