import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fallBehind, startPace, tick } from './pace.ts';

test('at 0.1x, 100 ms of wall time is 10 ms of virtual time', () => {
  expect(tick(startPace(0, 1000, 0.1), 1100).target).toBe(10_000);
});

test('after a sleep of 10 s only 250 ms are caught up and the run says how late it is', () => {
  const { target, pace } = tick(startPace(0, 0, 1), 10_000);
  expect(target).toBe(250_000);
  expect(pace.behindMs).toBe(9750);
  expect(tick(pace, 10_016).target).toBe(266_000);
});

test('the target never goes back, whatever the wall clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5000, max: 5000 })), (steps) => {
      let pace = startPace(0, 0, 0.5);
      let wall = 0;
      let last = 0;
      for (const step of steps) {
        wall += step;
        const out = tick(pace, wall);
        expect(out.target).toBeGreaterThanOrEqual(last);
        last = out.target;
        pace = out.pace;
      }
    }),
  );
});

test('a host that reaches less than the target is late, and does not leap afterwards', () => {
  const { pace } = tick(startPace(0, 0, 10), 200);
  const late = fallBehind({ ...pace, lastWall: 1000 }, 100_000);
  expect(late.behindMs).toBe(990);
  expect(tick(late, 1000).target).toBe(100_000);
});

test('a clock set back by an hour stops nothing', () => {
  const { pace } = tick(startPace(0, 5_000_000, 1), 5_000_100);
  const back = tick(pace, 1_400_100);
  expect(back.target).toBe(100_000);
  expect(tick(back.pace, 1_400_116).target).toBe(116_000);
});
