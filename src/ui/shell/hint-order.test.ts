import { expect, test } from 'vitest';
import { doneHints, nextHint, type HintFacts } from './hint-order.ts';

const nothing: HintFacts = {
  hasDots: false,
  hasOpenedMessage: false,
  hasBreak: true,
  hasSent: false,
  wasBroken: false,
  hasUndone: false,
  hasExported: false,
};

test('hints follow the first minute, one at a time, each when there is something to point at', () => {
  expect(nextHint([], nothing)).toBeNull();
  expect(nextHint([], { ...nothing, hasDots: true })).toBe('dot');
  expect(nextHint(['dot'], { ...nothing, hasDots: true })).toBeNull();
  expect(nextHint(['dot'], { ...nothing, hasDots: true, hasSent: true })).toBe('break');
  expect(nextHint(['dot', 'break'], { ...nothing, hasSent: true, hasUndone: true })).toBe('export');
  expect(nextHint(['dot', 'break', 'export'], { ...nothing, hasSent: true, hasUndone: true })).toBeNull();
});
test('they never go back: who breaks payment first is not told to click a dot afterwards', () => {
  const broken = { ...nothing, hasDots: true, hasSent: true, wasBroken: true };
  expect(doneHints(broken)).toEqual(['break']);
  expect(nextHint(['break'], broken)).toBeNull();
  expect(nextHint(['break'], { ...broken, hasUndone: true })).toBe('export');
});
test('what was done is not suggested, even when it was never dismissed', () => {
  expect(nextHint([], { ...nothing, hasDots: true, hasOpenedMessage: true })).toBeNull();
  expect(doneHints({ ...nothing, hasOpenedMessage: true, hasExported: true })).toEqual(['dot', 'export']);
});
test('a drawing without a break goes from the dot to the export', () => {
  expect(nextHint(['dot'], { ...nothing, hasBreak: false, hasSent: true })).toBe('export');
});
