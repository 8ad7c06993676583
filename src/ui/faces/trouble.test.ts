import { describe, expect, test } from 'vitest';
import type { EventBody, LogEvent } from '../../core/fabric/event.ts';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { SAMPLE_TOPOLOGY } from '../../core/telemetry/sample-log.suite.ts';
import type { Fault } from '../../core/topology/schema/types.ts';
import { en } from '../text/en/index.ts';
import { createTexts } from '../text/texts.ts';
import { healthOf } from './health.ts';
import { placesOf, troubleOf, troubleWords, worstBreaker } from './trouble.ts';

const texts = createTexts('en', en);
const title = (id: string) => ({ order: 'Order', payment: 'Payment' })[id.split('#')[0] ?? ''] ?? id;
const fold = (bodies: (EventBody & { source?: string })[]) =>
  foldTo(
    bodies.map((body, seq): LogEvent => ({ t: seq, class: 3, seq, ...body, source: body.source ?? 'order#0' })),
    Infinity,
    foldContext(SAMPLE_TOPOLOGY),
  );
/** What the strip under `order` says after these events, and in which colour. */
function said(...bodies: (EventBody & { source?: string })[]): [string, string | null] {
  const view = fold(bodies);
  const trouble = troubleOf(view, 'order');
  const instances = [...view.instances.values()].filter(({ node }) => node === 'order');
  const words = trouble && { rank: trouble.rank, text: troubleWords(trouble, title, texts) };
  const { state, reason } = healthOf(instances, null, words, texts);
  return [state, reason];
}
const set = (fault: Fault): EventBody => ({ type: 'input', input: { kind: 'fault.set', fault } });
const up = (ordinal: number): EventBody[] => {
  const instance = `order#${ordinal}`;
  return [
    { type: 'instance.starting', instance, node: 'order', address: '' },
    { type: 'instance.ready', instance },
  ];
};
const notReady: EventBody = {
  type: 'probe.changed',
  instance: 'order#0',
  probe: 'readiness',
  passing: false,
  reason: 'HTTP 503, 3 in a row',
};
const breaker = (state: 'closed' | 'open' | 'half-open', call: string, failureRate = 600, slowRate = 0): EventBody => ({
  type: 'breaker.changed',
  call,
  to: 'payment',
  state,
  failureRate,
  slowRate,
  calls: 10,
  until: null,
});
const pool = (active: number, queued: number): EventBody => ({
  type: 'pool.changed',
  pool: 'concurrency',
  name: 'order',
  active,
  queued,
  limit: 4,
  refused: 0,
});

describe('what hurts a node', () => {
  test('faults are said in words: those that break it in red, those that only slow it in amber', () => {
    const node = 'order';
    expect([
      said(...up(0), set({ kind: 'pause', node })),
      said(...up(0), set({ kind: 'outage', node })),
      said(...up(0), set({ kind: 'error-rate', node, rate: 0.5, status: 503 })),
      said(...up(0), set({ kind: 'step-error', node, step: 'charge', rate: 0.25, code: 'declined' })),
      said(
        ...up(0),
        set({ kind: 'step-error', node, step: 'charge', rate: 1, code: 'declined' }),
        set({ kind: 'step-error', node, step: 'save', rate: 1, code: 'full' }),
      ),
      said(...up(0), set({ kind: 'slow', node, factor: 5 })),
      said(...up(0), set({ kind: 'clock-skew', node, skewMs: 30_000 })),
      said(...up(0), set({ kind: 'clock-skew', node, skewMs: -500 })),
      said(...up(0), set({ kind: 'pause', node: 'payment' })),
    ]).toEqual([
      ['critical', 'paused by fault'],
      ['critical', 'refuses connections by fault'],
      ['critical', 'status 503 by fault: 50 %'],
      ['critical', 'fault armed at charge: declined, 25 %'],
      ['critical', 'fault armed at charge: declined, 100 %; 1 more'],
      ['warning', '5 times slower by fault'],
      ['warning', 'clock +30 s by fault'],
      ['warning', 'clock −0.5 s by fault'],
      ['passing', null],
    ]);
  });

  test('readiness: red when nobody is left, amber while others take the traffic', () => {
    expect(said(...up(0), notReady)).toEqual(['critical', 'not ready: status 503, 3 times']);
    expect(said(...up(0), ...up(1), notReady)).toEqual(['warning', '1 of 2 not ready: status 503, 3 times']);
  });

  test('an instance that starts again says what ended the one before', () => {
    const crashed: EventBody = { type: 'instance.crashed', instance: 'order#0', reason: 'liveness probe failed' };
    const [starting] = up(0);
    expect(said(...up(0), crashed, starting as EventBody)).toEqual(['warning', 'restarting: liveness probe failed']);
    expect(said(...up(0), crashed, ...up(0))).toEqual(['passing', null]);
  });

  test('limits that do what they are for are amber: breaker before queue before ejection', () => {
    const ejected: EventBody = {
      type: 'host.ejected',
      to: 'payment',
      instance: 'payment#1',
      reason: '5 failures in a row',
      until: 9,
    };
    expect(said(...up(0), ejected, pool(4, 10), breaker('open', 'a'))).toEqual([
      'warning',
      'breaker to Payment open: 60 % of 10 calls failed',
    ]);
    expect(said(...up(0), breaker('open', 'a', 0, 1000))[1]).toBe(
      'breaker to Payment open: 100 % of 10 calls were slow',
    );
    expect(said(...up(0), ejected, pool(4, 10))[1]).toBe('overloaded: 4 in flight, 10 waiting');
    expect(said(...up(0), ejected, pool(4, 0))[1]).toBe('Payment #1 ejected: 5 failures in a row');
    expect(said(...up(0), breaker('open', 'a'), breaker('closed', 'a'))).toEqual(['passing', null]);
    expect(said(...up(0), ejected, { type: 'panic.changed', to: 'payment', panicking: true })[1]).toBe(
      'panic: too few of Payment are well, all are used',
    );
  });

  test('a fault comes before the limits that it trips', () => {
    expect(said(...up(0), breaker('open', 'a'), set({ kind: 'pause', node: 'order' }))[1]).toBe('paused by fault');
  });
});

test('of several breakers of a caller the worst counts, places are summed over instances', () => {
  const view = fold([
    breaker('half-open', 'a'),
    breaker('open', 'b'),
    { ...breaker('closed', 'c'), source: 'order#1' },
    pool(4, 1),
    { ...pool(2, 0), source: 'order#1' },
  ]);
  expect(worstBreaker(view, 'order', 'payment')).toMatchObject({ call: 'b', state: 'open' });
  expect(worstBreaker(view, 'payment', 'order')).toBeNull();
  expect(placesOf(view, 'order')).toEqual({ active: 6, queued: 1, limit: 8, refused: 0 });
  expect(placesOf(view, 'payment')).toBeNull();
});
