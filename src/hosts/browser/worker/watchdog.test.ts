import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWatchdog } from './watchdog.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const watch = (enabled = true) => {
  const told: string[] = [];
  const dog = createWatchdog({ slow: () => told.push('slow'), dead: () => told.push('dead') }, { enabled });
  return { told, dog };
};

test('slow after one second, dead after five, only while a window is outstanding', () => {
  const { told, dog } = watch();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
  dog.begin();
  vi.advanceTimersByTime(1_000);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(told).toEqual(['slow']);
  vi.advanceTimersByTime(4_000);
  expect(told).toEqual(['slow', 'dead']);
  dog.end();
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(['slow', 'dead']);
  dog.close();
});

test('a machine that slept for an hour has no dead instances', () => {
  const { told, dog } = watch();
  dog.begin();
  vi.advanceTimersByTime(500);
  const wake = performance.now() + 3_600_000;
  vi.spyOn(performance, 'now').mockReturnValue(wake);
  vi.advanceTimersToNextTimer();
  vi.restoreAllMocks();
  expect(told).toEqual([]);
  dog.close();
});

test('switched off it says nothing', () => {
  const { told, dog } = watch(false);
  dog.begin();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});
