import { expect, test } from 'vitest';
import { searchHalf } from './simulation/calls-halves.suite.ts';

test(
  'the calls system keeps every invariant under its own mixture of faults: odd seeds',
  { timeout: 3_600_000 },
  () => {
    expect(searchHalf(1)).toEqual([]);
  },
);
