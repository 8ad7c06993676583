import type { Json } from './json.ts';

const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** RFC 8785 text of a JSON value: keys by UTF-16 code unit, ECMAScript numbers, no white space. Throws on NaN and infinities. */
export function canonicalize(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`Failed to canonicalize a number: not finite (${value})`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`;
  const parts: string[] = [];
  for (const key of Object.keys(value).sort(compareKeys)) {
    const item = value[key];
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonicalize(item)}`);
  }
  return `{${parts.join(',')}}`;
}

/** Keys of a record in code unit order: the only order in which core iterates records. */
export const sortedKeys = (record: object): string[] => Object.keys(record).sort(compareKeys);
