import { expect, test } from 'vitest';
import { nextSpeed, SPEEDS } from './run-commands.ts';

test('speeds go up and down the list of decision 6 and stop at its ends', () => {
  expect([
    nextSpeed(0.1, 1),
    nextSpeed(0.1, -1),
    nextSpeed(10, 1),
    nextSpeed(Infinity, 1),
    nextSpeed(0.01, -1),
  ]).toEqual([0.25, 0.05, Infinity, Infinity, 0.01]);
  expect(nextSpeed(0.3, 1)).toBe(0.5);
  expect([...SPEEDS].sort((a, b) => a - b)).toEqual(SPEEDS);
});
