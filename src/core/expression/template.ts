import { isObject, type Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { byCodeUnit } from '../topology/sorted.ts';
import { compileExpression } from './compile-expression.ts';
import { Environment, type Run } from './environment.ts';
import { ExpressionError } from './failure.ts';
import { limitText } from './operators.ts';
import { scalarText } from './functions.ts';
import { settle } from './settle.ts';
import { splitTemplate } from './split-template.ts';
import type { ExpressionFailure, Template } from './types.ts';

/** Text of a value inside a longer string: scalars as `string()` writes them, lists and maps as JSON. */
const interpolate = (value: Json): string => scalarText(value) ?? JSON.stringify(settle(value));

/** Adds the expression's text to the reason, so that a message stands alone in a log line. */
function located(source: string, run: Run): Run {
  return (env) => {
    try {
      return run(env);
    } catch (error) {
      throw error instanceof ExpressionError ? describe(source, error) : error;
    }
  };
}
const shorten = (source: string): string => (source.length > 160 ? `${source.slice(0, 157)}...` : source);
const describe = (source: string, error: ExpressionError): ExpressionError =>
  new ExpressionError(error.code, `Failed to evaluate \${ ${shorten(source)} }: ${error.message}`);

function compileText(text: string, free: Set<string>): Run {
  if (!text.includes('${')) return () => text;
  let pieces: ReturnType<typeof splitTemplate>;
  try {
    pieces = splitTemplate(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionError(error.code, `Failed to read "${shorten(text)}": ${error.message}`);
  }
  const runs = pieces.map((piece): Run => {
    if ('text' in piece) return () => piece.text;
    try {
      return located(piece.expression, compileExpression(piece.expression, free));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new ExpressionError(error.code, `Failed to read \${ ${shorten(piece.expression)} }: ${error.message}`);
    }
  });
  const only = runs[0];
  if (runs.length === 1 && only !== undefined) return only;
  return (env) => limitText(runs.map((run) => interpolate(run(env))).join(''));
}

function compileValue(value: Json, free: Set<string>): Run {
  if (typeof value === 'string') return compileText(value, free);
  if (Array.isArray(value)) {
    const items = value.map((item) => compileValue(item, free));
    return (env) => items.map((item) => item(env));
  }
  if (!isObject(value)) return () => value;
  const entries = Object.entries(value).map(([key, item]): [string, Run] => [key, compileValue(item, free)]);
  return (env) => Object.fromEntries(entries.map(([key, run]) => [key, run(env)]));
}

/** Runs and turns our own error into data; anything else is a bug and stays an exception. */
function guarded<T>(run: () => T): Result<T, ExpressionFailure> {
  try {
    return ok(run());
  } catch (error) {
    if (error instanceof ExpressionError) return err({ code: error.code, message: error.message });
    throw error;
  }
}

/**
 * Compiles JSON with `${ CEL }` inside its strings, once. A string that is exactly one `${ }` keeps the value's type;
 * otherwise values are written into the text. `$${` is a literal `${`. Keys of objects are not evaluated.
 *
 * Numbers: every number is an IEEE double, in literals too: `1/2` is 0.5, `order.qty + 1` is 3, `list[0]` works, BigInt never leaves.
 * Text joins only text (`"n" + string(3)`); `==` of different types is false; `<` of different types fails.
 * Limits are counted (`LIMITS`), never timed. Failures are data: EXPRESSION_FAILED, EXPRESSION_LIMIT, VALUE_NOT_JSON; nothing is thrown.
 * Syntax: CEL (github.com/google/cel-spec); `matches()` is left out, because regular expressions have no countable cost.
 */
export function compileTemplate(value: Json): Result<Template, ExpressionFailure> {
  return guarded(() => {
    const free = new Set<string>();
    const run = compileValue(value, free);
    return {
      names: [...free].sort(byCodeUnit),
      evaluate: (scope, intrinsics) => guarded(() => settle(run(new Environment(scope, intrinsics)))),
    };
  });
}

/** An expression field may be written with or without `${ }`. */
export const asTemplate = (text: string): string => (/^\s*\$\{/.test(text) ? text : `\${${text}}`);
