import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { encodeEvent } from '../../../core/fabric/encode.ts';
import type { RunBatch, RunState } from '../../../core/fabric/run-api.ts';
import { createBatchSender, type LogPiece } from './batch-sender.ts';
import { readBatch } from './fabric-protocol.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const events = (from: number, count: number): LogPiece => {
  const lines = Array.from({ length: count }, (_, i) => {
    const event = {
      t: from + i,
      class: 1,
      source: 'a#0',
      seq: from + i,
      type: 'instance.ready',
      instance: 'a#0',
    } as const;
    return `${encodeEvent(event)}\n`;
  });
  return { text: lines.join(''), events: count, from };
};
const state: RunState = { status: 'running', now: 1000, speed: 1, behindMs: 0, events: 0, inputs: 0, failure: null };
const sender = (options = {}) => {
  const batches: RunBatch[] = [];
  return {
    batches,
    to: createBatchSender(
      (batch) => batches.push(readBatch(batch)),
      () => state,
      options,
    ),
  };
};

test('at most one batch per frame, in order, and the page may not draw past what it has', () => {
  const { batches, to } = sender({ batchEvents: 3 });
  to.offer(events(0, 2));
  to.offer(events(2, 3));
  to.touch();
  vi.advanceTimersByTime(0);
  expect(batches).toHaveLength(1);
  expect(batches[0]?.state.now).toBe(3);
  vi.advanceTimersByTime(15);
  expect(batches).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(batches.flatMap((batch) => batch.events.map((e) => e.t))).toEqual([0, 1, 2, 3, 4]);
  expect(batches[1]?.state.now).toBe(1000);
});

test('a flush sends state and events at once, and what is left over with the next frame', () => {
  const { batches, to } = sender({ batchEvents: 3 });
  to.touch();
  vi.advanceTimersByTime(0);
  to.offer(events(0, 4));
  to.flush();
  expect(batches.map((batch) => batch.events.map((e) => e.t))).toEqual([[], [0, 1, 2]]);
  vi.advanceTimersByTime(16);
  expect(batches.map((batch) => batch.events.map((e) => e.t))).toEqual([[], [0, 1, 2], [3]]);
  to.flush();
  expect(batches).toHaveLength(4);
  vi.advanceTimersByTime(100);
  expect(batches).toHaveLength(4);
});

test('a hidden page gets one batch a second', () => {
  const { batches, to } = sender();
  to.hidden(true);
  to.offer(events(0, 1));
  vi.advanceTimersByTime(0);
  for (let i = 1; i <= 20; i++) {
    to.offer(events(i, 1));
    vi.advanceTimersByTime(100);
  }
  expect(batches).toHaveLength(3);
});

test('without acknowledgement the sender is full at its credit, and room comes with the acknowledgement', async () => {
  const { to } = sender({ credit: 10 });
  to.offer(events(0, 10));
  expect(to.isFull).toBe(false);
  to.offer(events(10, 1));
  expect(to.isFull).toBe(true);
  const room = to.room();
  vi.advanceTimersByTime(16);
  expect(to.isFull).toBe(true);
  to.acknowledge(5);
  await room;
  expect(to.isFull).toBe(false);
});
