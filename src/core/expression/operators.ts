import { isObject, type Json } from '../base/json.ts';
import { LIMITS, type Environment } from './environment.ts';
import { exceed, fail } from './failure.ts';

/** The word for a value's type, as messages and `type()` say it. */
export function typeName(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return 'map';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The text, or EXPRESSION_LIMIT when it is too long. */
export const limitText = (text: string): string =>
  text.length > LIMITS.textLength ? exceed('characters in a text', LIMITS.textLength) : text;
/** The list, or EXPRESSION_LIMIT when it is too long. */
export const limitList = (list: Json[]): Json[] =>
  list.length > LIMITS.listLength ? exceed('elements in a list', LIMITS.listLength) : list;

/** CEL's heterogeneous equality: values of different types are unequal, never an error; maps ignore key order. */
export function equal(a: Json, b: Json, env: Environment, depth = 0): boolean {
  env.spend();
  if (a === b) return true;
  if (depth > LIMITS.resultDepth) exceed('levels in a comparison', LIMITS.resultDepth);
  const same = (x: Json | undefined, y: Json | undefined): boolean => equal(x ?? null, y ?? null, env, depth + 1);
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** Negative, 0 or positive; NaN when a NaN is involved. Only number with number, text with text (by code unit). */
export function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  return fail(`cannot compare ${typeName(a)} with ${typeName(b)}`);
}

function add(a: Json, b: Json): Json {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (typeof a === 'string' && typeof b === 'string') return limitText(a + b);
  if (Array.isArray(a) && Array.isArray(b)) return limitList([...a, ...b]);
  if (typeof a === 'string' || typeof b === 'string')
    return fail(`cannot add ${typeName(a)} and ${typeName(b)}: turn the value into text with string()`);
  return fail(`cannot add ${typeName(a)} and ${typeName(b)}`);
}

const numeric =
  (verb: string, compute: (a: number, b: number) => number) =>
  (a: Json, b: Json): Json =>
    typeof a === 'number' && typeof b === 'number'
      ? compute(a, b)
      : fail(`cannot ${verb} ${typeName(a)} and ${typeName(b)}`);

function contains(value: Json, container: Json, env: Environment): boolean {
  if (Array.isArray(container)) return container.some((item) => equal(value, item, env));
  if (isObject(container)) return typeof value === 'string' && Object.hasOwn(container, value);
  return fail(`"in" needs a list or a map on its right, not ${typeName(container)}`);
}

/** Binary operators by their CEL spelling; numbers are IEEE doubles as in JavaScript. */
export const BINARY: Readonly<Record<string, (a: Json, b: Json, env: Environment) => Json>> = {
  '+': add,
  '-': numeric('subtract', (a, b) => a - b),
  '*': numeric('multiply', (a, b) => a * b),
  '/': numeric('divide', (a, b) => a / b),
  '%': numeric('take the remainder of', (a, b) => a % b),
  '==': (a, b, env) => equal(a, b, env),
  '!=': (a, b, env) => !equal(a, b, env),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
  in: contains,
};

/** Reads `container[key]`; a missing key or an index outside fails and names both. `source` is the text of the container. */
export function access(container: Json, key: Json, source: string): Json {
  if (Array.isArray(container)) {
    if (typeof key !== 'number' || !Number.isInteger(key))
      return fail(`the index of ${source} must be a whole number, not ${JSON.stringify(key)}`);
    const item = container[key];
    return item === undefined ? fail(`${source} has no index ${key} (it has ${container.length} elements)`) : item;
  }
  if (isObject(container)) {
    if (typeof key !== 'string') return fail(`the key of ${source} must be text, not ${typeName(key)}`);
    const item = Object.hasOwn(container, key) ? container[key] : undefined;
    return item === undefined ? fail(`${source} has no key "${key}"${near(container, key)}`) : item;
  }
  return fail(
    `cannot read "${typeof key === 'string' ? key : JSON.stringify(key)}" of ${source}: it is ${typeName(container)}`,
  );
}

function near(container: { [key: string]: Json }, key: string): string {
  const keys = Object.keys(container).sort();
  const same = keys.find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  if (same !== undefined) return `; did you mean "${same}"?`;
  return keys.length === 0
    ? '; it is empty'
    : `; it has ${keys.slice(0, 8).join(', ')}${keys.length > 8 ? ', ...' : ''}`;
}
