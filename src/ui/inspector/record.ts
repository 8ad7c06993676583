/** Optional fields that were emptied are absent, not undefined: the document is JSON. */
export function withoutUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

/** Options of a choice: each value with its words. */
export const optionsOf = <const T extends string>(
  values: readonly T[],
  words: (value: T) => string = (value) => value,
): { value: T; label: string }[] => values.map((value) => ({ value, label: words(value) }));
