import { Environment as CelEnvironment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { isObject, type Json } from '../base/json.ts';
import { LIMITS, type Environment, type Run } from './environment.ts';
import { ExpressionError, fail } from './failure.ts';
import { FUNCTIONS, METHODS, type Callable } from './functions.ts';
import { access, BINARY, typeName } from './operators.ts';

/** Only the library's parser is used: its evaluator types integers as BigInt and reads the clock's time zone; ours has JSON's values and counted cost. */
const cel = new CelEnvironment({
  unlistedVariablesAreDyn: true,
  limits: { maxAstNodes: 4_000, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 32 },
});

/** Names bound by macros around a node, and the free names found so far. */
interface Names {
  bound: readonly string[];
  free: Set<string>;
}
const textOf = (node: ASTNode): string => node.input.slice(node.start, node.end);
const binding = (names: Names, name: string): Names => ({ bound: [...names.bound, name], free: names.free });

/** Compiles one CEL expression; throws ExpressionError with the place of the mistake. `free` collects the names it reads. */
export function compileExpression(source: string, free: Set<string>): Run {
  if (source.length > LIMITS.expressionLength) {
    throw new ExpressionError('EXPRESSION_LIMIT', `the expression has more than ${LIMITS.expressionLength} characters`);
  }
  let ast: ASTNode;
  try {
    ast = cel.parse(source).ast;
  } catch (error) {
    if (error instanceof ParseError)
      return fail(`${error.summary}${error.range === undefined ? '' : ` at character ${error.range.start + 1}`}`);
    // The parser throws other classes only for malformed macros; the text is all they carry.
    return fail(error instanceof Error ? error.message : 'the expression cannot be read');
  }
  return compile(ast, { bound: [], free });
}

function compile(node: ASTNode, names: Names): Run {
  const run = compileNode(node, names);
  return (env) => {
    env.spend();
    return run(env);
  };
}

function compileNode(node: ASTNode, names: Names): Run {
  switch (node.op) {
    case 'value':
      return literal(node.args);
    case 'id':
      return variable(node.args, names);
    case '.': {
      const [left, key] = node.args;
      const container = compile(left, names);
      const source = textOf(left);
      return (env) => access(container(env), key, source);
    }
    case '[]': {
      const [left, right] = node.args;
      const container = compile(left, names);
      const index = compile(right, names);
      const source = textOf(left);
      return (env) => access(container(env), index(env), source);
    }
    case 'call':
      return call(node.args[0], node.args[1], names);
    case 'rcall':
      return method(node.args[0], node.args[1], node.args[2], names);
    case 'list': {
      const items = node.args.map((item) => compile(item, names));
      return (env) => items.map((item) => item(env));
    }
    case 'map':
      return map(node.args, names);
    case '?:': {
      const [condition, yes, no] = node.args.map((part) => compile(part, names)) as [Run, Run, Run];
      return (env) => (asBool(condition(env), 'the condition before "?"') ? yes(env) : no(env));
    }
    case '&&':
      return logical(node.args, names, false);
    case '||':
      return logical(node.args, names, true);
    case '!_': {
      const operand = compile(node.args, names);
      return (env) => !asBool(operand(env), '"!"');
    }
    case '-_': {
      const operand = compile(node.args, names);
      return (env) => {
        const value = operand(env);
        return typeof value === 'number' ? -value : fail(`"-" needs a number, not ${typeName(value)}`);
      };
    }
    default:
      return binary(node, names);
  }
}

function literal(value: unknown): Run {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return () => number;
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return () => value;
  if (value instanceof Uint8Array) return fail('bytes are not JSON: write text');
  // The only other literal is `5u`.
  const number = Number(value);
  return () => number;
}

function variable(name: string, names: Names): Run {
  if (!names.bound.includes(name)) names.free.add(name);
  return (env) => {
    const value = env.lookup(name);
    if (value !== undefined) return value;
    const known = Object.keys(env.scope).sort();
    return fail(`"${name}" is not known here${known.length === 0 ? '' : `; known: ${known.join(', ')}`}`);
  };
}

function binary(node: ASTNode, names: Names): Run {
  const apply = Object.hasOwn(BINARY, node.op) ? BINARY[node.op] : undefined;
  if (apply === undefined) return fail(`"${node.op}" is not available`);
  const [left, right] = node.args as [ASTNode, ASTNode];
  const a = compile(left, names);
  const b = compile(right, names);
  return (env) => apply(a(env), b(env), env);
}

function asBool(value: Json, where: string): boolean {
  return typeof value === 'boolean' ? value : fail(`${where} needs true or false, not ${typeName(value)}`);
}

/** CEL: the side that decides wins even when the other one fails. */
function logical(args: [ASTNode, ASTNode], names: Names, deciding: boolean): Run {
  const left = compile(args[0], names);
  const right = compile(args[1], names);
  const word = deciding ? '"||"' : '"&&"';
  return (env) => {
    try {
      if (asBool(left(env), word) === deciding) return deciding;
    } catch (error) {
      if (!(error instanceof ExpressionError) || error.code === 'EXPRESSION_LIMIT') throw error;
      if (right(env) === deciding) return deciding;
      throw error;
    }
    return asBool(right(env), word);
  };
}

function map(entries: [ASTNode, ASTNode][], names: Names): Run {
  const compiled = entries.map(([key, value]) => ({
    key: compile(key, names),
    value: compile(value, names),
    source: textOf(key),
  }));
  return (env) =>
    Object.fromEntries(
      compiled.map(({ key, value, source }) => {
        const name = key(env);
        return typeof name === 'string'
          ? [name, value(env)]
          : fail(`the key ${source} of a map must be text, not ${typeName(name)}`);
      }),
    );
}

function callable(table: Readonly<Record<string, Callable>>, name: string, given: number, kind: string): Callable {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) return fail(`there is no ${kind} ${name}()`);
  if (given < found.min || given > found.max) return fail(`${name}() got the wrong number of arguments`);
  return found;
}

function call(name: string, args: ASTNode[], names: Names): Run {
  if (name === 'has') return has(args, names);
  const target = callable(FUNCTIONS, name, args.length, 'function');
  const compiled = args.map((arg) => compile(arg, names));
  return (env) =>
    target.call(
      compiled.map((arg) => arg(env)),
      env,
    );
}

/** `has(a.b.c)`: every step but the last must exist. */
function has(args: ASTNode[], names: Names): Run {
  const node = args[0];
  if (args.length !== 1 || node?.op !== '.') return fail('has() needs a field, such as has(user.email)');
  const [left, key] = node.args;
  const container = compile(left, names);
  const source = textOf(left);
  return (env) => {
    const value = container(env);
    return isObject(value)
      ? Object.hasOwn(value, key)
      : fail(`cannot look for "${key}" in ${source}: it is ${typeName(value)}`);
  };
}

/** What a macro runs over: elements of a list, keys of a map in code-unit order. */
function elements(value: Json, name: string): Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.keys(value).sort() : fail(`${name}() needs a list or a map, not ${typeName(value)}`);
}

type Macro = (items: Json[], test: (item: Json) => Json, transform: (item: Json) => Json) => Json;
const matches = (name: string, value: Json): boolean => asBool(value, `the condition of ${name}()`);
const MACROS: Readonly<Record<string, Macro>> = {
  map: (items, _, transform) => items.map(transform),
  filter: (items, test) => items.filter((item) => matches('filter', test(item))),
  all: (items, test) => items.every((item) => matches('all', test(item))),
  exists: (items, test) => items.some((item) => matches('exists', test(item))),
  exists_one: (items, test) => items.filter((item) => matches('exists_one', test(item))).length === 1,
};

function method(name: string, receiver: ASTNode, args: ASTNode[], names: Names): Run {
  if (receiver.op === 'id' && receiver.args === 'cel' && name === 'bind') return bind(args, names);
  const macro = Object.hasOwn(MACROS, name) ? MACROS[name] : undefined;
  const target = compile(receiver, names);
  if (macro === undefined) {
    const found = callable(METHODS, name, args.length + 1, 'method');
    const compiled = args.map((arg) => compile(arg, names));
    return (env) => found.call([target(env), ...compiled.map((arg) => arg(env))], env);
  }
  const [element, ...bodies] = args;
  if (element?.op !== 'id' || bodies.length < 1 || bodies.length > (name === 'map' ? 2 : 1))
    return fail(`${name}() needs a name and a condition, such as list.${name}(x, ...)`);
  const variableName = element.args;
  const inner = bodies.map((body) => compile(body, binding(names, variableName)));
  const first = inner[0] as Run;
  const last = inner[inner.length - 1] as Run;
  return (env) => {
    const at = (body: Run) => (item: Json) => {
      env.round();
      return env.within(variableName, item, body);
    };
    const items = elements(target(env), name);
    const kept = inner.length === 2 ? items.filter((item) => matches(name, at(first)(item))) : items;
    return macro(kept, at(first), at(last));
  };
}

/** `cel.bind(name, value, expression)`. */
function bind(args: ASTNode[], names: Names): Run {
  const [name, value, body] = args;
  if (name?.op !== 'id' || value === undefined || body === undefined || args.length !== 3)
    return fail('cel.bind() needs a name, a value and an expression');
  const bound = name.args;
  const first = compile(value, names);
  const then = compile(body, binding(names, bound));
  return (env: Environment) => env.within(bound, first(env), then);
}
