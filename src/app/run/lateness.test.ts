import { expect, test } from 'vitest';
import { createLateness } from './lateness.ts';

test('a run is late while it loses time, and no longer when it keeps its pace again', () => {
  const late = createLateness();
  expect(late.at(0)).toBe(0);
  late.report(300, 1_000);
  late.report(900, 1_500);
  expect(late.at(1_500)).toBe(900);
  late.report(900, 3_000);
  expect([late.at(3_400), late.at(3_500)]).toEqual([900, 0]);
});

test('what was lost long ago is not counted again; a new run begins on time', () => {
  const late = createLateness();
  late.report(900, 1_000);
  late.report(1_100, 9_000);
  expect(late.at(9_000)).toBe(200);
  late.reset();
  expect(late.at(9_000)).toBe(0);
});
