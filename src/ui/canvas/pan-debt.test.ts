import { expect, test } from 'vitest';
import { hold, owe, payBack, type View } from './pan-debt.ts';

const start: View = [10, 20, 1];

test('what was panned for the inspector is panned back when it closes', () => {
  const first = owe(null, start, { x: -100, y: 0 });
  const second = owe(first, [-90, 20, 1], { x: -30, y: 5 });
  expect(payBack(second, [-120, 25, 1])).toEqual({ x: 130, y: -5 });
});
test('a view that a person has moved or zoomed since stays where it is', () => {
  const debt = owe(null, start, { x: -100, y: 0 });
  expect(payBack(debt, [0, 0, 1])).toBeNull();
  expect(payBack(debt, [-90, 20, 1.5])).toBeNull();
  expect(payBack(null, start)).toBeNull();
  // Only what came after the person's move is owed.
  expect(payBack(owe(debt, [0, 0, 1], { x: -7, y: 0 }), [-7, 0, 1])).toEqual({ x: 7, y: 0 });
});
test('a panel that moves the corner of the canvas changes nothing of what is owed', () => {
  const debt = owe(null, start, { x: -100, y: 0 });
  const held = hold(debt, [-90, 20, 1], { x: 152, y: 0 });
  expect(payBack(held, [62, 20, 1])).toEqual({ x: 100, y: 0 });
  expect(hold(debt, start, { x: 152, y: 0 })).toBeNull();
});
