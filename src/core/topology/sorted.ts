import { isObject, type Json } from '../base/json.ts';

/** Code-unit order of two strings: the only text order in core. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Entries of a record by code unit of the key, so that iteration never depends on how the document was written. */
export function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort((a, b) => byCodeUnit(a[0], b[0]));
}

/** Deep copy with every object's keys in code-unit order; a `__proto__` key stays an ordinary own key. */
export function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    sortedEntries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}
