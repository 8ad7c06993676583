import { expect, test } from 'vitest';
import { createTexts } from '../text/texts.ts';
import { en } from '../text/en/index.ts';
import { formatAddress, formatBytes, formatDuration, formatTime, prettyBody } from './format.ts';

const texts = createTexts('en', en);

test('virtual time reads like a stopwatch', () => {
  expect([0, 12_480_999, 61_000_000, 3_600_000_000, -1_500_000].map(formatTime)).toEqual([
    '00:00.000',
    '00:12.480',
    '01:01.000',
    '1:00:00.000',
    '−00:01.500',
  ]);
});
test('durations and sizes use the unit that keeps them short', () => {
  expect([0, 999, 1500, 12_400, 412_000, 1_234_000, 61_500_000].map((us) => formatDuration(us, texts))).toEqual([
    '0 µs',
    '999 µs',
    '1.5 ms',
    '12 ms',
    '412 ms',
    '1.23 s',
    '61.5 s',
  ]);
  expect([318, 1900, 2_500_000].map((bytes) => formatBytes(bytes, texts))).toEqual(['318 B', '1.9 kB', '2.5 MB']);
});
test('a body that is not JSON is shown as it is', () => {
  expect([prettyBody('{"a":1}'), prettyBody('plain')]).toEqual(['{\n  "a": 1\n}', 'plain']);
});

test('who listens on no port shows none', () => {
  expect(['192.168.1.2:0', '192.168.1.5:8001', '10.0.0.1:80'].map(formatAddress)).toEqual([
    '192.168.1.2',
    '192.168.1.5:8001',
    '10.0.0.1:80',
  ]);
});
