import { isObject, type Json } from '../base/json.ts';
import { LIMITS, type Environment } from './environment.ts';
import { exceed, fail } from './failure.ts';
import { compare, limitList, limitText, typeName } from './operators.ts';
import { settle } from './settle.ts';

/** A function of expressions: how many arguments it takes (inclusive) and what it gives. */
export interface Callable {
  min: number;
  max: number;
  call: (args: Json[], env: Environment) => Json;
}
const one = (call: (value: Json) => Json): Callable => ({ min: 1, max: 1, call: (args) => call(args[0] ?? null) });
const asNumber = (value: Json | undefined, of: string): number =>
  typeof value === 'number' ? value : fail(`${of} needs a number, not ${typeName(value ?? null)}`);
const asText = (value: Json | undefined, of: string): string =>
  typeof value === 'string' ? value : fail(`${of} needs text, not ${typeName(value ?? null)}`);
const asList = (value: Json | undefined, of: string): Json[] =>
  Array.isArray(value) ? value : fail(`${of} needs a list, not ${typeName(value ?? null)}`);
const asWhole = (value: Json | undefined, of: string): number => {
  const number = asNumber(value, of);
  return Number.isSafeInteger(number) ? number : fail(`${of} needs a whole number, not ${number}`);
};

function size(value: Json): Json {
  if (typeof value === 'string') {
    let points = 0;
    for (const _ of value) points += 1;
    return points;
  }
  if (Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  return fail(`size() needs text, a list or a map, not ${typeName(value)}`);
}

/** The text of a scalar as `string()` and interpolation write it; numbers as JavaScript does. */
export function scalarText(value: Json): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : fail(`cannot write ${value} as text`);
  if (typeof value === 'boolean' || value === null) return String(value);
  return null;
}

function toNumber(value: Json, of: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = asText(value, of);
  // Only what JSON calls a number: no blanks, hex, Infinity.
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)
    ? Number(text)
    : fail(`${of} cannot read "${text}" as a number`);
}

function toBool(value: Json): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : fail(`bool() needs true or false, not ${JSON.stringify(value)}`);
}

/** Arguments, or the elements of the only argument when that is a list. */
const spread = (args: Json[]): Json[] => (args.length === 1 && Array.isArray(args[0]) ? args[0] : args);

function extreme(name: string, sign: 1 | -1): Callable {
  return {
    min: 1,
    max: 32,
    call: (args, env) => {
      const items = spread(args);
      if (items.length === 0) return fail(`${name}() of an empty list`);
      return items.reduce((best, item) => {
        env.spend();
        return compare(item, best) * sign > 0 ? item : best;
      });
    },
  };
}

function round(args: Json[]): Json {
  const value = asNumber(args[0], 'round()');
  const digits = args[1] === undefined ? 0 : asWhole(args[1], 'round()');
  if (digits < 0 || digits > 12) return fail('round() takes 0 to 12 digits');
  let scale = 1;
  for (let index = 0; index < digits; index += 1) scale *= 10;
  // Half away from zero, as people round money; Math.round alone sends -0.5 to 0.
  const rounded = (Math.sign(value) * Math.round(Math.abs(value) * scale)) / scale;
  return Number.isFinite(rounded) ? rounded : value;
}

function randomInt(args: Json[], env: Environment): Json {
  const low = asWhole(args[0], 'randomInt()');
  const high = asWhole(args[1], 'randomInt()');
  if (high < low) return fail(`randomInt() from ${low} to ${high} is empty`);
  return low + Math.floor(env.intrinsics.random() * (high - low + 1));
}

function pick(args: Json[], env: Environment): Json {
  const list = asList(args[0], 'pick()');
  if (list.length === 0) return fail('pick() of an empty list');
  return list[Math.floor(env.intrinsics.random() * list.length)] ?? null;
}

function range(args: Json[]): Json {
  const length = asWhole(args[0], 'range()');
  if (length < 0) return fail('range() needs 0 or more');
  if (length > LIMITS.macroRounds) exceed('elements in range()', LIMITS.macroRounds);
  return Array.from({ length }, (_, index) => index);
}

const sum = (args: Json[], env: Environment): Json =>
  spread(args).reduce<number>((total, item) => {
    env.spend();
    return total + asNumber(item, 'sum()');
  }, 0);

const keysOf = (value: Json): string[] =>
  isObject(value) ? Object.keys(value).sort() : fail(`keys() needs a map, not ${typeName(value)}`);

/** Global functions by name. `random`, `uuid`, `randomInt`, `pick`, `now` are the only ones that depend on the run. */
export const FUNCTIONS: Readonly<Record<string, Callable>> = {
  now: { min: 0, max: 0, call: (_, env) => env.intrinsics.now() },
  random: { min: 0, max: 0, call: (_, env) => env.intrinsics.random() },
  uuid: { min: 0, max: 0, call: (_, env) => env.intrinsics.uuid() },
  randomInt: { min: 2, max: 2, call: randomInt },
  pick: { min: 1, max: 1, call: pick },
  min: extreme('min', -1),
  max: extreme('max', 1),
  sum: { min: 1, max: 32, call: sum },
  round: { min: 1, max: 2, call: round },
  floor: one((value) => Math.floor(asNumber(value, 'floor()'))),
  ceil: one((value) => Math.ceil(asNumber(value, 'ceil()'))),
  abs: one((value) => Math.abs(asNumber(value, 'abs()'))),
  size: one(size),
  string: one(
    (value) =>
      scalarText(value) ?? fail(`string() needs text, a number, a bool or null, not ${typeName(value)}: use json()`),
  ),
  double: one((value) => toNumber(value, 'double()')),
  int: one((value) => Math.trunc(toNumber(value, 'int()'))),
  bool: one(toBool),
  json: one((value) => limitText(JSON.stringify(settle(value)))),
  type: one(typeName),
  dyn: one((value) => value),
  keys: one(keysOf),
  range: { min: 1, max: 1, call: range },
};

/** Indexes are UTF-16 units, as in JavaScript. */
function substring(args: Json[]): Json {
  const text = asText(args[0], 'substring()');
  const from = asWhole(args[1], 'substring()');
  const to = args[2] === undefined ? text.length : asWhole(args[2], 'substring()');
  if (from < 0 || to < from || to > text.length)
    return fail(`substring(${from}, ${to}) is outside of a text of ${text.length} characters`);
  return text.substring(from, to);
}

function split(args: Json[]): Json {
  const parts = asText(args[0], 'split()').split(asText(args[1], 'split()'));
  const limit = args[2] === undefined ? -1 : asWhole(args[2], 'split()');
  if (limit === 0) return [];
  if (limit < 0 || parts.length <= limit) return limitList(parts);
  return limitList([...parts.slice(0, limit - 1), parts.slice(limit - 1).join(asText(args[1], 'split()'))]);
}

function join(args: Json[]): Json {
  const separator = args[1] === undefined ? '' : asText(args[1], 'join()');
  let text = '';
  asList(args[0], 'join()').forEach((item, index) => {
    text = limitText(text + (index === 0 ? '' : separator) + asText(item, 'join()'));
  });
  return text;
}

const shiftCase = (text: string, from: RegExp, by: number): string =>
  text.replace(from, (letter) => String.fromCharCode(letter.charCodeAt(0) + by));
const onText = (name: string, min: number, max: number, call: (text: string, args: Json[]) => Json): Callable => ({
  min: min + 1,
  max: max + 1,
  call: (args) => call(asText(args[0], `${name}()`), args),
});

/** Methods by name; the receiver is the first argument. */
export const METHODS: Readonly<Record<string, Callable>> = {
  size: one(size),
  contains: {
    min: 2,
    max: 2,
    call: (args) => asText(args[0], 'contains() (use "in" for lists)').includes(asText(args[1], 'contains()')),
  },
  startsWith: onText('startsWith', 1, 1, (text, args) => text.startsWith(asText(args[1], 'startsWith()'))),
  endsWith: onText('endsWith', 1, 1, (text, args) => text.endsWith(asText(args[1], 'endsWith()'))),
  lowerAscii: onText('lowerAscii', 0, 0, (text) => shiftCase(text, /[A-Z]/g, 32)),
  upperAscii: onText('upperAscii', 0, 0, (text) => shiftCase(text, /[a-z]/g, -32)),
  trim: onText('trim', 0, 0, (text) => text.trim()),
  indexOf: onText('indexOf', 1, 2, (text, args) =>
    text.indexOf(asText(args[1], 'indexOf()'), args[2] === undefined ? 0 : asWhole(args[2], 'indexOf()')),
  ),
  lastIndexOf: onText('lastIndexOf', 1, 1, (text, args) => text.lastIndexOf(asText(args[1], 'lastIndexOf()'))),
  substring: { min: 2, max: 3, call: substring },
  replace: onText('replace', 2, 2, (text, args) =>
    limitText(text.split(asText(args[1], 'replace()')).join(asText(args[2], 'replace()'))),
  ),
  charAt: onText('charAt', 1, 1, (text, args) => text.charAt(asWhole(args[1], 'charAt()'))),
  split: { min: 2, max: 3, call: split },
  join: { min: 1, max: 2, call: join },
  sum: { min: 1, max: 1, call: (args, env) => sum([asList(args[0], 'sum()')], env) },
  reverse: one((value) => [...asList(value, 'reverse()')].reverse()),
};
