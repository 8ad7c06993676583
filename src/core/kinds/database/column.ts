import { canonicalize } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { Table } from '../../topology/schema/types.ts';
import { storeFailure, type StoreFailure } from './failure.ts';

export type ColumnType = Table['columns'][number]['type'];

const TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 text with a zone, as UTC with milliseconds (what both sides read back from a timestamptz), or null when it is no time. */
export function normalizeTime(text: string): string | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return null;
  // Date.parse takes 30 February for 2 March; PostgreSQL refuses it.
  const day = Number(match[3]);
  const last = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate();
  return day <= last ? new Date(ms).toISOString() : null;
}

/** The value as a column of this type stores it (times in UTC, -0 as 0), or a failure `invalid_type`/`out_of_range`; null passes. */
export function columnValue(type: ColumnType, value: Json, name: string): { ok: true; value: Json } | StoreFailure {
  const good = (stored: Json): { ok: true; value: Json } => ({ ok: true, value: stored });
  const bad = (): StoreFailure =>
    storeFailure('invalid_type', `invalid value for column "${name}" of type ${type}: ${canonicalize(value)}`);
  if (value === null || type === 'json') return good(value);
  switch (type) {
    case 'string':
      return typeof value === 'string' ? good(value) : bad();
    case 'bool':
      return typeof value === 'boolean' ? good(value) : bad();
    case 'time': {
      const time = typeof value === 'string' ? normalizeTime(value) : null;
      return time === null ? bad() : good(time);
    }
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? good(value + 0) : bad();
    case 'int':
      if (typeof value !== 'number' || !Number.isInteger(value)) return bad();
      if (!Number.isSafeInteger(value)) return storeFailure('out_of_range', `integer out of range: ${value}`);
      return good(value + 0);
  }
}

/** Order of two texts by code point, as PostgreSQL's collation "C"; UTF-16 alone would put emoji before U+FFxx. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/** Order of two values of one column, neither null: numbers by size, text by code point, false before true, json by its canonical text. */
export function compareValues(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return compareText(canonicalize(a), canonicalize(b));
}

/** Order with null last, as PostgreSQL's ascending order. */
export function compareNullable(a: Json, b: Json): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareValues(a, b);
}
