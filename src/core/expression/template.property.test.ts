import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../base/json.ts';
import { compileTemplate } from './template.ts';
import type { Intrinsics, Scope } from './types.ts';

const intrinsics: Intrinsics = { now: () => '', random: () => 0.25, uuid: () => 'id' };
const run = (value: Json, scope: Scope) => {
  const template = compileTemplate(value);
  return template.ok ? template.value.evaluate(scope, intrinsics) : template;
};
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const integer = fc.integer();

type Tree = { text: string; value: number };
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(integer, double).map((value): Tree => ({
      text: value < 0 || Object.is(value, -0) ? `(-${literal(-value)})` : literal(value),
      value,
    })),
    fc
      .tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/', '%'), tie('tree'))
      .map(([a, op, b]) => ({ text: `(${a.text} ${op} ${b.text})`, value: apply(op, a.value, b.value) })),
  ),
}));
/** A number as CEL writes it: the exponent needs no point, a fraction needs one. */
const literal = (value: number): string => String(value);
const apply = (op: string, a: number, b: number): number =>
  op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? a / b : a % b;

describe('expressions', () => {
  it('calculate as JavaScript does', () => {
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        const result = run(`\${ ${text} }`, {});
        if (text.length + 2 > 1_900) return;
        if (!Number.isFinite(value)) expect(result).toMatchObject({ ok: false, error: { code: 'VALUE_NOT_JSON' } });
        else expect(result).toEqual({ ok: true, value: value === 0 ? 0 : value });
      }),
      { numRuns: 2_000 },
    );
  });

  it('compare and add numbers of the scope as doubles', () => {
    fc.assert(
      fc.property(fc.oneof(integer, double), fc.oneof(integer, double), (a, b) => {
        expect(run('${ [a < b, a <= b, a == b, a > b, a + b == b + a] }', { a, b })).toEqual({
          ok: true,
          value: [a < b, a <= b, a === b, a > b, true],
        });
      }),
    );
  });

  it('never throw and never let anything but JSON leave', () => {
    const token = fc.constantFrom(
      'a',
      'b.c',
      'list',
      '1',
      '2.5',
      '"s"',
      "'}'",
      '+',
      '-',
      '*',
      '/',
      '%',
      '==',
      '<',
      '&&',
      '||',
      '!',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '?',
      'in',
      'size(',
      '.map(x, x)',
      'has(a.b)',
      'null',
      'true',
      '5u',
      'b"x"',
      'uuid()',
      ' ',
      '$',
      '\\',
      'sum(list)',
      '0x1F',
      'cel.bind(q, 1, q)',
      'optional.of(1)',
      '.?a',
    );
    const scope: Scope = { a: { b: 1, c: [1] }, b: { c: 2 }, list: [1, 2, 3] };
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(token, { maxLength: 14 }).map((tokens) => `\${ ${tokens.join('')} }`),
    );
    fc.assert(
      fc.property(text, (source) => {
        const result = run(source, scope);
        if (result.ok) expect(JSON.parse(JSON.stringify(result.value))).toEqual(result.value);
        else expect(result.error.message.length).toBeGreaterThan(10);
      }),
      { numRuns: 5_000 },
    );
  });

  it('hand any JSON through unchanged, but for -0 and lone surrogates', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const result = run('${ value }', { value: value as Json });
        expect(result).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) });
      }),
      { numRuns: 500 },
    );
  });
});
