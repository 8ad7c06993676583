import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeTags } from './tag-places.ts';

const tag = (id: string, x: number, y: number, text = 'loss 20 %') => ({ id, text, at: { x, y } });

test('a label alone stands where its link is', () => {
  expect(placeTags([tag('a', 10, 20)], [])).toEqual(new Map([['a', { x: 10, y: 20 }]]));
});
test('a second label at the same place gives way, the first does not', () => {
  const places = placeTags([tag('b', 10, 20), tag('a', 12, 22)], []);
  expect(places.get('a')).toEqual({ x: 12, y: 22 });
  expect(Math.abs((places.get('b')?.y ?? 0) - 22)).toBeGreaterThanOrEqual(20);
});
test('between two cards it goes where it hides least of them', () => {
  const cards = [
    { x: 0, y: 0, width: 100, height: 60 },
    { x: 120, y: 0, width: 100, height: 60 },
  ];
  const place = placeTags([tag('a', 110, 38, 'cut')], cards).get('a');
  expect((place?.y ?? 0) + 20 <= 2 || (place?.y ?? 0) >= 60).toBe(true);
});
test('up to four labels at one place never cover each other', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }), (jitter) => {
      const places = [
        ...placeTags(
          jitter.map((by, index) => tag(`t${index}`, 100, 100 + by)),
          [],
        ).values(),
      ];
      const rows = places.map(({ y }) => y).sort((a, b) => a - b);
      return rows.every((y, index) => index === 0 || y - (rows[index - 1] ?? 0) >= 20);
    }),
  );
});
