import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

/** Every text with an expression or of some length inside the handlers of the example. */
function handlerTexts(value: unknown, inside = false): string[] {
  if (typeof value === 'string') return inside && value.length >= 16 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => handlerTexts(item, inside || key === 'steps'));
}

test('the built page knows no behaviour of the example: it is all in examples/', () => {
  const example: unknown = JSON.parse(readFileSync('public/examples/order-saga.json', 'utf8'));
  const texts = [...new Set(handlerTexts(example))];
  expect(texts.length).toBeGreaterThan(50);
  const scripts = readdirSync('dist/assets').filter((file) => file.endsWith('.js'));
  const page = scripts.map((file) => readFileSync(`dist/assets/${file}`, 'utf8')).join('\n');
  const known = texts.filter((text) => page.includes(text));
  // What ready-made services of the palette share with it says nothing about orders being saved, paid, reserved or shipped.
  const own = known.filter((text) =>
    /declined|shelf|carrier|payment\.|shipment\.|reservation\.|items\.reserved|unknown_/i.test(text),
  );
  expect(own).toEqual([]);
  expect(known.length, `in the page: ${known.join(' | ')}`).toBeLessThan(10);
});
