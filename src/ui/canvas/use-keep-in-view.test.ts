import { expect, test } from 'vitest';
import { panInto } from './use-keep-in-view.ts';

const room = { start: 0, end: 1000 };

test('what is in view stays where it is; what is not comes in just far enough', () => {
  expect(panInto({ start: 24, end: 200 }, room)).toBe(0);
  expect(panInto({ start: 800, end: 1100 }, room)).toBe(-124);
  expect(panInto({ start: -50, end: 150 }, room)).toBe(74);
});
test('what is larger than the room is left alone, rather than jumping to and fro', () => {
  expect(panInto({ start: 500, end: 1800 }, room)).toBe(0);
});
