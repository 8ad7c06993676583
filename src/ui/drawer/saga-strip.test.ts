import { expect, test } from 'vitest';
import { declaredSteps } from '../../core/telemetry/sagas.ts';
import { foldContext, foldTo } from '../../core/telemetry/fold.ts';
import { declinedOrder, SAMPLE_TOPOLOGY, TRACE } from '../../core/telemetry/sample-log.suite.ts';
import { sagaStrip } from './saga-strip.ts';

const declared = declaredSteps(SAMPLE_TOPOLOGY).get('order') ?? [];
const stripAt = (t: number) => {
  const view = foldTo(declinedOrder(), t, foldContext(SAMPLE_TOPOLOGY));
  const saga = view.sagas.get(TRACE);
  if (saga === undefined) throw new Error('the sample has a saga');
  return sagaStrip(saga, declared, view.traces.get(TRACE));
};

test('steps that have not begun wait', () => {
  expect(stripAt(1200)).toMatchObject({
    forward: [
      { step: 'create', state: 'running', durationUs: null },
      { step: 'charge', state: 'waiting' },
    ],
    backward: [],
  });
});
test('a failed step has nothing to undo, a done one waits for its compensation, then shows it', () => {
  expect(stripAt(9000).backward).toMatchObject([{ kind: 'none' }, { kind: 'nothing' }]);
  const end = stripAt(20_000);
  expect(end.forward).toMatchObject([
    { state: 'done', durationUs: 15_000 },
    { state: 'failed', reason: 'declined by fault' },
  ]);
  expect(end.backward).toMatchObject([
    { kind: 'step', step: { step: 'cancel', state: 'done', durationUs: 1000 } },
    { kind: 'nothing' },
  ]);
});
