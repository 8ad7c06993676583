import { expect, test } from 'vitest';
import type { MarkView } from '../../core/telemetry/view.ts';
import { en } from '../text/en/index.ts';
import { createTexts } from '../text/texts.ts';
import { markWords } from './mark-words.ts';

const texts = createTexts('en', en);
const TITLES: Record<string, string> = { order: 'Order', payment: 'Payment' };
const title = (id: string) => TITLES[id.split('#')[0] ?? ''] ?? id;
const said = (mark: Omit<MarkView, 't'>) => markWords({ t: 0, ...mark }, title, texts);

test('marks are said with titles, not with ids', () => {
  expect(said({ kind: 'breaker', text: '', values: { node: 'order', to: 'payment' } })).toBe(
    'Order opened its breaker to Payment',
  );
  expect(
    said({
      kind: 'ejection',
      text: '',
      values: { node: 'order', instance: 'payment#1', reason: '5 failures in a row' },
    }),
  ).toBe('Order ejected Payment #1: 5 failures in a row');
  expect(said({ kind: 'release', text: '', values: { node: 'order', version: 'v2', done: '1', total: '3' } })).toBe(
    'Order runs v2 on 1 of 3',
  );
  expect(said({ kind: 'crash', text: 'payment: killed' })).toBe('Payment is down: killed');
});

test('a failed probe says what it got and how often, in the numbers of the log', () => {
  const probe = (reason: string) =>
    said({ kind: 'probe', text: '', values: { instance: 'order#0', probe: 'readiness', reason } });
  expect([probe('HTTP 503, 3 in a row'), probe('connection refused, 1 in a row')]).toEqual([
    'Order #0 failed its readiness probe: status 503, 3 times',
    'Order #0 failed its readiness probe: connection refused, 1 time',
  ]);
});
