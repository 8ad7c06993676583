import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Input } from '../../../core/fabric/input.ts';
import { createRunRecorder } from './run-recorder.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const input = (seq: number): Input => ({ at: seq * 10, seq, body: { kind: 'wipe' } });

function setUp() {
  const updates: unknown[] = [];
  const inputs: number[] = [];
  let refusals = 0;
  const refuse = () => {
    if (refusals-- > 0) throw new DOMException('full', 'QuotaExceededError');
  };
  const recorder = createRunRecorder(
    {
      update: async (_, change) => {
        refuse();
        updates.push(change);
      },
      addInputs: async (_, added) => {
        refuse();
        inputs.push(...added.map(({ seq }) => seq));
      },
    },
    'run-1',
  );
  return { recorder, updates, inputs, refuseNext: (times: number) => void (refusals = times) };
}

test('a cut is durable only after its transaction, at most 50 ms later; many calls are one write', async () => {
  const { recorder, updates } = setUp();
  for (let cut = 1; cut <= 10; cut++) recorder.progress(cut, cut + 5);
  expect(recorder.durableCut).toBe(Number.MIN_SAFE_INTEGER);
  await vi.advanceTimersByTimeAsync(50);
  expect(updates).toEqual([{ cut: 10, reached: 15 }]);
  expect(recorder.durableCut).toBe(10);
});

test('inputs keep their order also when a write is refused, and the refusal is told until it works again', async () => {
  const { recorder, inputs, refuseNext } = setUp();
  refuseNext(1);
  recorder.inputs([input(0), input(1)]);
  await vi.advanceTimersByTimeAsync(0);
  expect([recorder.problem, inputs]).toEqual(['Failed to record the run: QuotaExceededError: full', []]);
  recorder.inputs([input(2)]);
  await vi.advanceTimersByTimeAsync(0);
  expect([recorder.problem, inputs]).toEqual([null, [0, 1, 2]]);
});

test('the end is written after everything else', async () => {
  const { recorder, updates, inputs } = setUp();
  recorder.inputs([input(0)]);
  recorder.progress(3, 4);
  await recorder.end({ how: 'closed', at: 3 });
  expect(inputs).toEqual([0]);
  expect(updates).toEqual([{ cut: 3, reached: 4 }, { ended: { how: 'closed', at: 3 } }]);
});
