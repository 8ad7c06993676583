import { expect, test } from 'vitest';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { declinedOrder, SAMPLE_TOPOLOGY } from '../../core/telemetry/sample-log.suite.ts';
import { en } from '../text/en/index.ts';
import { createTexts } from '../text/texts.ts';
import { narrate, toldOf } from './narrate.ts';

const texts = createTexts('en', en);
const at = (t: number) => foldTo(declinedOrder(), t, foldContext(SAMPLE_TOPOLOGY));
const told = (from: number, to: number) => narrate(at(to), toldOf(at(from)), (id) => id.split('#')[0] ?? id, texts);

test('says what is new and nothing twice', () => {
  expect(told(1500, 2000)).toBe('POST /charge from order to payment.');
  expect(told(2000, 7500)).toBeNull();
});
test('a failure comes before the messages around it', () => {
  expect(told(7500, 8500)).toBe('payment failed: declined.');
  expect(told(8000, 8500)).toBe('order got 402 from payment.');
});
test('compensation is said as such, and what else happened is counted', () => {
  expect(told(14_000, 14_300)).toBe('Compensation: POST /refund from order to payment.');
  expect(told(1500, 15_000)).toBe(
    'payment failed: declined. Compensation: POST /refund from order to payment. 2 more messages.',
  );
});
