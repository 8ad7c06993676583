import { expect, test } from 'vitest';
import { align } from './align.ts';

const box = (x: number, y: number, width = 100, height = 50) => ({ x, y, width, height });

test('a dragged box is drawn to the nearest edge or middle, and a line says with what', () => {
  const { by, guides } = align(box(203, 300), [box(200, 0), box(600, 700)]);
  expect(by).toEqual({ x: -3, y: 0 });
  expect(guides).toContainEqual({ axis: 'x', at: 200, from: 0, to: 350 });
  expect(guides.every(({ axis }) => axis === 'x')).toBe(true);
});
test('boxes of different widths are aligned by their middles', () => {
  const { by, guides } = align(box(52, 300, 200), [box(100, 0)]);
  expect(by.x).toBe(-2);
  expect(guides).toEqual([{ axis: 'x', at: 150, from: 0, to: 350 }]);
});
test('out of reach nothing is moved and no line is drawn', () => {
  expect(align(box(0, 0), [box(400, 400)])).toEqual({ by: { x: 0, y: 0 }, guides: [] });
});
