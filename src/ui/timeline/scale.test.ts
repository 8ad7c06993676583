import { expect, test } from 'vitest';
import { barPaths, scaleEnd, scaleTicks, shownMarks } from './scale.ts';

test('the scale grows in round steps', () => {
  expect([0, 5e6, 5e6 + 1, 11e6, 21e6, 51e6, 101e6].map(scaleEnd)).toEqual([5e6, 5e6, 10e6, 20e6, 50e6, 100e6, 200e6]);
  expect(scaleTicks(5e6)).toEqual([0, 1e6, 2e6, 3e6, 4e6, 5e6]);
  expect(scaleTicks(20e6)).toEqual([0, 5e6, 10e6, 15e6, 20e6]);
});
test('each bucket with messages is one bar; a bucket without any is none', () => {
  const paths = barPaths({ bucketUs: 50_000, messages: [4, 0, 1], failures: [1, 0, 0] }, 5e6);
  expect(paths.messages.match(/M/g)?.length).toBe(2);
  expect(paths.failures.match(/M/g)?.length).toBe(1);
});
test('failures that fall on one another share a mark, faults never do', () => {
  const failure = (t: number) => ({ t, kind: 'failure' as const, text: '' });
  const fault = (t: number) => ({ t, kind: 'fault' as const, text: '' });
  const shown = shownMarks(
    [failure(1), failure(2), fault(2), fault(3), { t: 4, kind: 'input', text: '' }, failure(1e6)],
    5e6,
  );
  expect(shown.map((mark) => mark.t)).toEqual([1, 2, 3, 1e6]);
});
