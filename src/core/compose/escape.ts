import type { Json } from '../base/json.ts';

/** Text that Compose's interpolation gives back unchanged: each `$` doubled. */
export const doubleDollars = (text: string): string => text.replaceAll('$', '$$$$');

/** The inverse of `doubleDollars`. */
export const singleDollars = (text: string): string => text.replaceAll('$$', '$');

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Indented JSON of which every character may stand in a YAML block scalar: what YAML calls not printable (DEL, C1
 * controls, line separators, byte order mark, U+FFFE, U+FFFF) is written as an escape; lone surrogates JSON.stringify escapes itself.
 */
export const printableJson = (value: Json): string =>
  JSON.stringify(value, null, 2).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escapeUnit);
