import { murmur128 } from './murmur.ts';

const SEPARATOR = '\u001f';
const TWO_21 = 2 ** 21;
const TWO_53 = 2 ** 53;

const keyOf = (purpose: string, parts: readonly (string | number)[]): string =>
  parts.length === 0 ? purpose : purpose + SEPARATOR + parts.join(SEPARATOR);

/** Uniform [0,1): first 53 bits of murmur3 x86-128 of (purpose, parts) under the seed (decision 4). Same arguments, same value, on every host. */
export function random(seed: number, purpose: string, ...parts: (string | number)[]): number {
  const [a, b] = murmur128(keyOf(purpose, parts), seed);
  return (a * TWO_21 + (b >>> 11)) / TWO_53;
}

const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hexByte = (word: number, shift: number): string => HEX_BYTES[(word >>> shift) & 255] as string;
const hex = (word: number): string => hexByte(word, 24) + hexByte(word, 16) + hexByte(word, 8) + hexByte(word, 0);

/** Hex digits by the same hash; never all zero, which W3C trace context forbids. */
export function hexId(seed: number, digits: 16 | 32, purpose: string, ...parts: (string | number)[]): string {
  const words = murmur128(keyOf(purpose, parts), seed);
  const text = hex(words[0]) + hex(words[1]) + (digits === 16 ? '' : hex(words[2]) + hex(words[3]));
  return /^0+$/.test(text) ? text.slice(0, -1) + '1' : text;
}

/** A v4-formatted UUID by the same hash (decision 4). */
export function uuid(seed: number, ...parts: (string | number)[]): string {
  const text = hexId(seed, 32, 'uuid', ...parts);
  const variant = ((parseInt(text.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}

/** Id of a span below another, from what it is and not from where it runs: tab and containers give the same trace the same ids. */
export const childSpanId = (seed: number, parentSpanId: string, ...what: (string | number)[]): string =>
  hexId(seed, 16, 'span', parentSpanId, ...what);
