import { readdirSync, readFileSync } from 'node:fs';
import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { build, type Rolldown } from 'vite';
import { splitTemplate } from '../src/core/expression/split-template.ts';
import { leanCel } from '../vite/lean-cel.ts';

type Reader = { parse(source: string): { ast: ASTNode } };
const LIMITS = { maxAstNodes: 200, maxDepth: 20, maxListElements: 9, maxMapEntries: 5, maxCallArguments: 4 };
const whole: Reader = new Environment({ unlistedVariablesAreDyn: true, limits: LIMITS });
let lean: Reader;

/** The reader as the site's bundles have it. */
async function bundled(): Promise<{ text: string; Environment: new (options: object) => Reader }> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      leanCel(),
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === 'entry.js' ? '\0entry.js' : null),
        load: (id) => (id === '\0entry.js' ? "export { Environment } from '@marcbachmann/cel-js';" : null),
      },
    ],
    build: { write: false, minify: false, rolldownOptions: { input: 'entry.js', preserveEntrySignatures: 'strict' } },
  })) as Rolldown.RolldownOutput;
  const text = built.output[0].code;
  const loaded = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as {
    Environment: new (options: object) => Reader;
  };
  return { text, Environment: loaded.Environment };
}

beforeAll(async () => {
  const { text, Environment: LeanEnvironment } = await bundled();
  expect(text).not.toMatch(/class TypeChecker|operatorCandidates/);
  lean = new LeanEnvironment({ unlistedVariablesAreDyn: true, limits: LIMITS });
});

/** A tree as plain data: operator, place and parts; numbers of any kind with their kind. */
function plain(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(plain);
  if (typeof part === 'bigint') return `${part}n`;
  if (typeof part !== 'object' || part === null) return part;
  if (part instanceof Uint8Array) return [...part];
  if (!('op' in part)) return `${Number(part)}u`;
  const { op, pos, start, end, input, args } = part as ASTNode & { pos: number; args: unknown };
  return { op, pos, at: input.slice(start, end), args: plain(args) };
}
/** What a reader makes of a text: its tree, or what it says against it. */
function read(reader: Reader, source: string): unknown {
  try {
    return plain(reader.parse(source).ast);
  } catch (error) {
    // Each build has a class of its own.
    const { name, message, summary, range } = error as ParseError;
    return { name, message, summary, range };
  }
}
function same(source: string): void {
  expect([source, read(lean, source)]).toEqual([source, read(whole, source)]);
}

/** Every expression of every shipped example. */
function shipped(): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
    else if (typeof value === 'string') {
      found.push(value);
      const parts = splitTemplate(value) as unknown;
      JSON.stringify(parts, (_, part: unknown) => {
        if (typeof part === 'string') found.push(part);
        return part;
      });
    }
  };
  for (const file of readdirSync('public/examples')) visit(JSON.parse(readFileSync(`public/examples/${file}`, 'utf8')));
  return [...new Set(found)];
}

test('the site reads every expression of the examples as the whole library does', () => {
  const sources = shipped();
  expect(sources.length).toBeGreaterThan(100);
  sources.forEach(same);
});

test('operators, macros, numbers, limits and mistakes: the same trees, the same complaints', () => {
  const cases = `a.b?.c | a[?0] | a ? b : c | !a && -b || c in d | [1, 2u, 0x1F, 1.5e3, -7, 5uu] | {"a": 1, b: 2}
    18446744073709551615u | 18446744073709551616u | 9223372036854775808 | 1e999 | b"ab" | r"\\d" | "\\u00e9\\x41\\101"
    has(a.b) | has(a) | has(a, b) | x.all(i, i > 0) | x.all(1, i) | x.exists(i.j, i) | x.exists_one(i, i == 1)
    x.map(i, i * 2) | x.map(i, i > 1, i) | x.map("i", i) | x.filter(i, i % 2 == 0) | x.filter(i) | cel.bind(a, 1, a + a)
    cel.bind(1, 2, 3) | x.bind(a, b, c) | x.or(y) | x.orValue(y) | x.optMap(i, i) | all(i, i) | size(x) | x.size()
    f(1, 2, 3, 4) | f(1, 2, 3, 4, 5) | [1,2,3,4,5,6,7,8,9,10] | {1:1,2:2,3:3,4:4,5:5,6:6} | as | a.as | for + 1 | "abc | a +
    ((((((((((((((((((((((1)))))))))))))))))))))) | a.b.c.d | a == b != c | 1 < 2 <= 3 | a ?? b | a | | # | "\\q" | 1 2`
    .split(/\s\|\s|\n\s*/)
    .concat(Array.from({ length: 260 }, () => '1').join('+'));
  cases.forEach(same);
});

test('whatever is written, both say the same', () => {
  const word = fc.constantFrom(
    'a',
    'b',
    '1',
    '2.5',
    '3u',
    '"t"',
    'true',
    'null',
    'x.map(i, i)',
    'has(a.b)',
    'as',
    '[',
    ']',
  );
  const joint = fc.constantFrom(
    ' + ',
    '.',
    ' && ',
    ' ? ',
    ' : ',
    '(',
    ')',
    ', ',
    ' in ',
    '!',
    '-',
    ' == ',
    '{',
    '}',
    '',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(word, joint), { maxLength: 12 }), (parts) => {
      same(parts.flat().join(''));
    }),
  );
});
