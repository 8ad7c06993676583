import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochSeconds, httpDate } from './date.ts';

describe('dates', () => {
  it('agree with the platform (property)', () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
    fc.assert(
      fc.property(seconds, (given) => {
        const date = new Date(given * 1000);
        expect([epochSeconds(date.toISOString()), httpDate(given)]).toEqual([given, date.toUTCString()]);
      }),
    );
  });

  it.each([
    ['2024-02-29', 1_709_164_800],
    ['2024-02-29T12:30+05:30', 1_709_190_000],
    ['2023-02-29', null],
    ['2024-13-01', null],
    ['2024-01-01T24:00:00Z', null],
    ['2024-01-01T10:00:00', null],
    ['soon', null],
  ])('%s', (text, expected) => {
    expect(epochSeconds(text)).toBe(expected);
  });
});
