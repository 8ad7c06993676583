import { expect, test } from 'vitest';
import { readNumber } from './number-field.tsx';

test('a number is digits with a point or a comma, and groups as people write them', () => {
  expect(['8080', ' 0,5 ', '.25', '10 000', '1 000,5', '−3', '1e-3'].map(readNumber)).toEqual([
    8080, 0.5, 0.25, 10_000, 1000.5, -3, 0.001,
  ]);
});

test('anything else is no number, not zero', () => {
  expect(['', ' ', 'ten', '1.2.3', '0x10', '5 ms', 'Infinity', 'NaN'].map(readNumber)).toEqual(
    Array.from({ length: 8 }, () => null),
  );
});
