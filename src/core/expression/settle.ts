import type { Json } from '../base/json.ts';
import { LIMITS } from './environment.ts';
import { exceed, ExpressionError } from './failure.ts';

const SURROGATE = /[\uD800-\uDFFF]/;
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Well-formed UTF-16: lone surrogates become U+FFFD (decision 29). Looking for any surrogate first costs a fraction: few texts have one. */
export const wellFormed = (text: string): string =>
  SURROGATE.test(text) ? text.replace(LONE_SURROGATE, '\uFFFD') : text;

/** A fresh copy that is a Json value by decision 29: finite numbers, no -0, well-formed text, bounded size and depth. */
export function settle(value: Json): Json {
  let values = 0;
  const copy = (item: unknown, depth: number): Json => {
    values += 1;
    if (values > LIMITS.resultValues) return exceed('values in the result', LIMITS.resultValues);
    if (depth > LIMITS.resultDepth) return exceed('levels in the result', LIMITS.resultDepth);
    if (item === null || typeof item === 'boolean') return item;
    if (typeof item === 'string') return wellFormed(item);
    if (typeof item === 'number') {
      if (!Number.isFinite(item))
        throw new ExpressionError(
          'VALUE_NOT_JSON',
          `the result is ${item}, which JSON cannot hold (was something divided by 0?)`,
        );
      return item === 0 ? 0 : item;
    }
    if (Array.isArray(item)) return item.map((entry) => copy(entry, depth + 1));
    if (typeof item === 'object')
      return Object.fromEntries(Object.entries(item).map(([key, entry]) => [wellFormed(key), copy(entry, depth + 1)]));
    throw new ExpressionError('VALUE_NOT_JSON', `the result holds a ${typeof item}, which JSON cannot hold`);
  };
  return copy(value, 0);
}
