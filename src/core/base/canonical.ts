import type { Json } from './json.ts';

/** Text that JSON writes as it is: no quote, no backslash, no control character, no surrogate. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

/** JSON text of a string, the same as `JSON.stringify`; most strings need no escape, and finding that out is cheaper than the call. */
export const quote = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** RFC 8785 text of a JSON value: keys by UTF-16 code unit, ECMAScript numbers, no white space. Throws on NaN and infinities. */
export function canonicalize(value: Json): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`Failed to canonicalize a number: not finite (${value})`);
    return String(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  let text = '';
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + canonicalize(value[i] as Json);
    return `[${text}]`;
  }
  for (const key of sortedKeys(value)) {
    const item = value[key];
    if (item !== undefined) text += `${text === '' ? '' : ','}${quote(key)}:${canonicalize(item)}`;
  }
  return `{${text}}`;
}

/** Keys of a record in code unit order: the only order in which core iterates records. */
export function sortedKeys(record: object): string[] {
  const keys = Object.keys(record);
  // Above this many, insertion sort loses its lead over the engine's own.
  if (keys.length > 16) return keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i] as string;
    let at = i;
    for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string;
    keys[at] = key;
  }
  return keys;
}
