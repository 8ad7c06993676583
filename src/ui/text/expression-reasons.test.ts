import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../core/expression/template.ts';
import { LIMITS } from '../../core/expression/environment.ts';
import { compilePattern } from '../../core/http/pattern.ts';
import { celReasons } from './uk/cel-reasons.ts';
import { expressionReasons } from './uk/expression-reasons.ts';
import { patternReasons } from './uk/pattern-reasons.ts';
import { reasonInUkrainian } from './uk/reasons.ts';

/** Index behind the literal that begins at `at`: a template may hold others. */
function literalEnd(text: string, at: number): number {
  const quote = text[at];
  let index = at + 1;
  while (index < text.length && text[index] !== quote) {
    if (text[index] === '\\') index += 2;
    else if (quote === '`' && text.startsWith('${', index)) index = placeEnd(text, index + 2);
    else index += 1;
  }
  return index + 1;
}
/** Index behind the `}` of a place in a template. */
function placeEnd(text: string, from: number): number {
  let depth = 0;
  let index = from;
  while (index < text.length) {
    const char = text[index] ?? '';
    if (`'"\``.includes(char)) {
      index = literalEnd(text, index);
      continue;
    }
    if (char === '{') depth += 1;
    else if (char === '}' && depth-- === 0) return index + 1;
    index += 1;
  }
  return index;
}
/** The literals with which arguments of these calls begin, as they stand in the source. */
function literals(text: string, call: RegExp): string[] {
  return [...text.matchAll(call)].map((match) => {
    const at = match.index + match[0].length - 1;
    return text.slice(at + 1, literalEnd(text, at) - 1);
  });
}
/** A template with something in each place; 7 is a word, a number and a character. */
function filled(template: string): string {
  let out = '';
  for (let index = 0; index < template.length;) {
    if (template.startsWith('${', index)) {
      out += '7';
      index = placeEnd(template, index + 2);
    } else out += template[index++];
  }
  return out.replaceAll('\\\\', '\\');
}

describe('reasons of expressions in Ukrainian', () => {
  test('whatever the reader of CEL can say has words, and nothing else has', () => {
    const folder = 'node_modules/@marcbachmann/cel-js/lib';
    const parser = readFileSync(`${folder}/parser.js`, 'utf8');
    const macros = readFileSync(`${folder}/macros.js`, 'utf8');
    // What a call says, both halves of a choice, the table of escapes, and what macros say of their variable.
    const said = [
      ...literals(parser, /parseError\(\s*'\w+',\s*['`]/g),
      ...literals(parser, /isHex \? [`'](?=I)/g),
      ...literals(parser, /isHex \? `[^`]*` : [`']/g),
      ...literals(parser, /^ {2}\w+: \(e?\) => [`']/gm),
      ...literals(macros, /assertIdentifier\([^,]+, [`']/g),
      ...literals(macros, /const invalidMsg = [`']/g),
    ];
    const calls = parser.match(/parseError\(/g)?.length ?? 0;
    // Two calls take their words from elsewhere: the choice between integers and the table of escapes.
    expect(literals(parser, /parseError\(\s*'\w+',\s*['`]/g)).toHaveLength(calls - 2);
    const unsaid = said.filter((template) => !celReasons.some(({ pattern }) => pattern.test(filled(template))));
    expect(unsaid).toEqual([]);
    const unused = celReasons.filter(({ pattern }) => !said.some((template) => pattern.test(filled(template))));
    expect(unused.map(({ source }) => source)).toEqual([]);
    console.log(`reasons of CEL in Ukrainian: ${said.length} messages of its reader`);
  });

  test('whatever our own expressions and patterns can say has words', () => {
    const expressions = readdirSync('src/core/expression')
      .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
      .flatMap((file) => {
        const text = readFileSync(`src/core/expression/${file}`, 'utf8');
        return [...literals(text, /\bfail\(\s*['`]/g), ...literals(text, /ExpressionError\(\s*'\w+',\s*['`]/g)];
      })
      // What stands around a reason.
      .filter((template) => !/^Failed to (read|evaluate) |^\$\{error\.summary\}/.test(template));
    const patterns = [
      ...literals(readFileSync('src/core/http/pattern-syntax.ts', 'utf8'), /\brefuse\(\s*['`]/g),
      ...literals(readFileSync('src/core/http/pattern.ts', 'utf8'), /\berr\(\s*['`]/g),
    ];
    const unsaid = [
      ...expressions.filter(
        (template) => !expressionReasons.some(({ source }) => template.includes(source.replace(/`$/, ''))),
      ),
      ...patterns.filter((template) => !patternReasons.some(({ source }) => template.includes(source))),
    ];
    expect(unsaid).toEqual([]);
    expect([expressions.length > 30, patterns.length > 15]).toEqual([true, true]);
    console.log(`reasons in Ukrainian: ${expressions.length} of expressions, ${patterns.length} of patterns`);
  });

  const list = (count: number): string => Array.from({ length: count }, () => '1').join(', ');
  const wrong =
    String.raw`1 + ¦ 1 2 ¦ a..b ¦ "abc ¦ '''abc ¦ "\q" ¦ "\u12" ¦ "\ud800" ¦ "\xg0" ¦ "\9" ¦ "\08" ¦ "\777" ¦ b"\u0041" ¦ 0x ¦ 1e ¦ 1e999
# ¦ while ¦ a[1 ¦ {1 2} ¦ [1, 2 ¦ f(1 ¦ a ? b ¦ [1].map(1, 2) ¦ [1].filter("x", true) ¦ cel.bind(1, 2, 3) ¦ [1].exists(1, true) ¦ b"abc"
nothing ¦ size(1) ¦ size() ¦ none() ¦ "a".none() ¦ -"a" ¦ !1 ¦ 1 && true ¦ 1 ? 2 : 3 ¦ {1: 2} ¦ has(a) ¦ has(n.a) ¦ n.a ¦ m.b ¦ m.A ¦ e.b ¦ m[1]
l["a"] ¦ l[9] ¦ [1].map(x) ¦ 1.map(x, x) ¦ cel.bind(a, 1) ¦ cel.bind(a.b, 1, 2) ¦ round("a") ¦ round(1, 99) ¦ round(1, 0.5) ¦ sum("a")
"a".join() ¦ int("x") ¦ bool(2) ¦ min([]) ¦ pick([]) ¦ randomInt(2, 1) ¦ range(-1) ¦ range(2000) ¦ keys(1) ¦ string([]) ¦ "abc".substring(2, 9)
1 < "a" ¦ 1 + "a" ¦ 1 + true ¦ 1 - "a" ¦ 1 * "a" ¦ 1 / "a" ¦ 1 % "a" ¦ 1 in 2 ¦ 1 / 0 ¦ string(1 / 0) ¦ [1].contains(1) ¦ l.filter(x, 1)
range(1000).map(x, range(1000))`.split(/ ¦ |\n/);
  const large = [
    `[${list(1001)}]`,
    `max(${list(40)})`,
    `${'('.repeat(120)}1${')'.repeat(120)}`,
    `"${'x'.repeat(2_000)}"`,
  ];
  test.each([...wrong, ...large, "'a\nb'"])('an expression: %s', (source) => {
    const scope = { n: 1, m: { a: 1 }, e: {}, l: [1, 2] };
    const never = { now: () => '', random: () => 0, uuid: () => '' };
    const template = compileTemplate(`\${ ${source} }`);
    const result = template.ok ? template.value.evaluate(scope, never) : template;
    if (result.ok) throw new Error(`it gave ${JSON.stringify(result.value)}`);
    const said = reasonInUkrainian(result.error.message);
    // Around the expression itself everything is Ukrainian, except for names and what stands in quotes.
    const about = /^(у|не обчислено) (\$\{ .* \}|".*"): /s.exec(said)?.[0] ?? '';
    expect(about === '').toBe(!result.error.message.startsWith('Failed to '));
    const reason = said.slice(about.length);
    expect([reason, /[а-яіїєґ]/.test(reason), /[a-z]{3,} [a-z]{2,}/i.test(reason)]).toEqual([reason, true, false]);
  });

  const refused = String.raw`) ¦ ^* ¦ a** ¦ a{ ¦ a{2000} ¦ a{2,1} ¦ * ¦ (?=a) ¦ (a ¦ \ ¦ \b ¦ [a ¦ [] ¦ [[:alpha:]] ¦ [b-a] ¦ ((a{100}){100}){100}`;
  test.each([...refused.split(' ¦ '), '('.repeat(60), 'a'.repeat(5_000)])('a pattern: %s', (source) => {
    const result = compilePattern(source);
    if (result.ok) throw new Error('it is accepted');
    const said = reasonInUkrainian(result.error);
    expect([said, /[а-яіїєґ]/.test(said), /[a-z]{3,} [a-z]{2,}/i.test(said)]).toEqual([said, true, false]);
  });

  test('names, values and places stay; what nobody knows stays whole', () => {
    expect(
      [
        'Failed to read ${ user. }: Expected IDENTIFIER, got EOF at character 6',
        'Failed to evaluate ${ user.mail }: user has no key "mail"; did you mean "Mail"?',
        'Failed to evaluate ${ a < b }: cannot compare string with number',
        `more than ${LIMITS.operations} operations`,
        'Failed to evaluate ${ x }: the roof fell in',
        'the roof fell in at character 7',
      ].map(reasonInUkrainian),
    ).toEqual([
      'у ${ user. }: очікується назва, а тут кінець виразу (позиція 6)',
      'не обчислено ${ user.mail }: user не має ключа "mail"; може, "Mail"?',
      'не обчислено ${ a < b }: не можна порівняти: текст і число',
      `забагато операцій (межа ${LIMITS.operations})`,
      'не обчислено ${ x }: the roof fell in',
      'the roof fell in at character 7',
    ]);
  });
});
