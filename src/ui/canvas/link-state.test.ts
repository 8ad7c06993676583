import { describe, expect, test } from 'vitest';
import type { BreakerView } from '../../core/telemetry/view.ts';
import type { Fault } from '../../core/topology/schema/types.ts';
import { en } from '../text/en/index.ts';
import { createTexts } from '../text/texts.ts';
import { breakerWords, cutOf, dashArray, faultsOn, faultTag, gapsOf } from './link-state.ts';

const texts = createTexts('en', en);

describe('a line with gaps', () => {
  test('without gaps keeps its own pattern', () => {
    expect([dashArray(100, [], undefined), dashArray(100, [], '7 5')]).toEqual([undefined, '7 5']);
  });
  test('is interrupted exactly where the gaps are', () => {
    expect(dashArray(200, [{ from: 81, to: 119 }], undefined)).toBe('81 38 81 200');
    expect(dashArray(100, [{ from: 0, to: 10 }], undefined)).toBe('0 10 90 100');
    expect(
      dashArray(
        100,
        [
          { from: 20, to: 30 },
          { from: 50, to: 60 },
        ],
        undefined,
      ),
    ).toBe('20 10 20 10 40 100');
  });
  test('a dashed one keeps its dashes outside of them', () => {
    expect(dashArray(40, [{ from: 10, to: 22 }], '8 4')).toBe('8 16 8 4 4 40');
  });
  test('an open switch takes more than a closed one, a short line gives less, a cut stays in the middle', () => {
    const width = (gap: { from: number; to: number } | null) => gap && Math.round(gap.to - gap.from);
    const { breaker: closed } = gapsOf(400, 'closed', false);
    const { breaker: open } = gapsOf(400, 'open', false);
    const { breaker: short } = gapsOf(60, 'open', false);
    expect([width(closed), width(open), width(short)]).toEqual([20, 38, 18]);
    const both = gapsOf(400, 'open', true);
    expect(both.cut).toEqual({ from: 185, to: 215 });
    expect((both.breaker?.to ?? 0) < (both.cut?.from ?? 0)).toBe(true);
    expect(gapsOf(400, null, false)).toEqual({ breaker: null, cut: null });
  });
});

test('a breaker says whose it is, what it counted and until when it is open', () => {
  const breaker: BreakerView = {
    instance: 'order#0',
    call: 'create/charge',
    to: 'payment',
    state: 'open',
    failureRate: 600,
    slowRate: 0,
    calls: 10,
    until: 12_500_000,
    since: 0,
  };
  expect(breakerWords(breaker, texts)).toBe(
    'Breaker of create/charge is open until 00:12.500: 60 % of 10 calls failed',
  );
  expect(breakerWords({ ...breaker, state: 'half-open' }, texts)).toBe(
    'Breaker of create/charge is half-open: trial calls decide',
  );
  expect(breakerWords({ ...breaker, state: 'closed', failureRate: 125, slowRate: 500 }, texts)).toBe(
    'Breaker of create/charge is closed: 12.5 % of 10 calls failed, 50 % were slow',
  );
  expect(breakerWords({ ...breaker, state: 'closed', failureRate: -1, calls: 1 }, texts)).toBe(
    'Breaker of create/charge is closed: 1 call, too few to judge',
  );
});

test('faults of the network are said in a few words', () => {
  const link = 'l';
  const faults: Fault[] = [
    { kind: 'loss', link, rate: 0.3 },
    { kind: 'latency', link, addMs: 200, jitterMs: 0 },
    { kind: 'latency', link, addMs: 200, jitterMs: 50 },
    { kind: 'duplicate', link, rate: 0.1 },
    { kind: 'reorder', link, rate: 0.25, maxExtraMs: 5 },
    { kind: 'partition', link, direction: 'both' },
    { kind: 'partition', link, direction: 'backward' },
    { kind: 'pause', node: 'l' },
    { kind: 'loss', link: 'other', rate: 1 },
  ];
  const mine = faultsOn({ faults: new Map(faults.map((fault, at) => [String(at), fault])) }, link);
  expect(mine.map((fault) => faultTag(fault, { from: 'Order', to: 'Payment' }, texts))).toEqual([
    'loss 30 %',
    '+200 ms',
    '+200 ms, up to 50 ms more',
    'twice 10 %',
    'reordered 25 %',
    'cut',
    'cut towards Order',
  ]);
  expect([cutOf(mine), cutOf([])]).toEqual(['both', null]);
});
