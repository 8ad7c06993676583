import { expect, test } from 'vitest';
import { choosePlace } from './place.ts';

const room = { width: 1000, height: 600 };
const size = { width: 300, height: 200 };

test('the panel stands beside the way that the message travels, inside the room', () => {
  expect(choosePlace(room, size, { left: 100, top: 280, right: 300, bottom: 320 })).toEqual({ left: 316, top: 200 });
  expect(choosePlace(room, size, { left: 700, top: 280, right: 950, bottom: 320 })).toEqual({ left: 384, top: 200 });
});
test('a way across the room pushes it above or below', () => {
  const { top } = choosePlace(room, size, { left: 20, top: 100, right: 980, bottom: 140 });
  expect(top).toBe(156);
});
test('without a way it stands in the first corner', () => {
  expect(choosePlace(room, size, null)).toEqual({ left: 12, top: 12 });
});
test('the panel covers neither the sender nor the receiver while there is room elsewhere', () => {
  const way = { left: 400, top: 290, right: 600, bottom: 310 };
  const ends = [
    { left: 200, top: 260, right: 400, bottom: 340 },
    { left: 600, top: 260, right: 800, bottom: 340 },
  ];
  const { left, top } = choosePlace({ width: 1000, height: 700 }, size, way, ends);
  for (const end of [...ends, way]) {
    const apart = left >= end.right || left + 300 <= end.left || top >= end.bottom || top + 200 <= end.top;
    expect(apart).toBe(true);
  }
});
