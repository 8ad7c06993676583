import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, MAX_PATTERN_LENGTH, type Pattern } from './pattern.ts';

const compiled = (source: string): Pattern => {
  const pattern = compilePattern(source);
  if (!pattern.ok) throw new Error(pattern.error);
  return pattern.value;
};

/** Patterns of the supported part, as text. */
const { pattern: patterns } = fc.letrec<{ pattern: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', 'c', '1', '/', '.', '[ab]', '[^a]', '[a-c1]', '\\d', '\\w', '\\.', '\\S'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
  pattern: fc
    .array(
      fc
        .tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{1,}', '*?'))
        .map((pair) => pair.join('')),
      { maxLength: 4 },
    )
    .chain((parts) =>
      fc
        .tuple(fc.boolean(), fc.boolean(), fc.nat(3))
        .map(
          ([start, end, bar]) =>
            `${start ? '^' : ''}${parts.map((part, at) => (at === bar && at > 0 ? `|${part}` : part)).join('')}${end ? '$' : ''}`,
        ),
    ),
}));

describe('GW1 patterns', () => {
  it('find what JavaScript finds (property)', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '/', '.', 'A'), maxLength: 7 });
    fc.assert(
      fc.property(patterns, texts, fc.boolean(), (source, text, ignoreCase) => {
        fc.pre(source.length < MAX_PATTERN_LENGTH - 4);
        const { search, whole } = compiled(ignoreCase ? `(?i)${source}` : source);
        const flags = ignoreCase ? 'i' : '';
        expect([search(text), whole(text)]).toEqual([
          new RegExp(source, flags).test(text),
          new RegExp(`^(?:${source})$`, flags).test(text),
        ]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('take time in proportion to the text where backtracking would take for ever', () => {
    const text = 'a'.repeat(5_000);
    expect(compiled('^(a+)+$').search(`${text}!`)).toBe(false);
    expect(compiled('(a|a)*b').whole(text)).toBe(false);
    expect(compiled('(.*)(.*)(.*)(.*)(.*)x$').search(text)).toBe(false);
  });

  it.each([
    ['(a)\\1', 'back-references'],
    ['(?=a)', 'look-around'],
    ['(?<name>a)', 'named'],
    ['a++', 'possessive'],
    ['\\bword', 'boundaries'],
    ['(a', 'not closed'],
    ['a)', 'has no "("'],
    ['[a', 'not closed'],
    ['[]', 'empty'],
    ['[z-a]', 'out of order'],
    ['[[:alpha:]]', 'POSIX'],
    ['*', 'repeats nothing'],
    ['a{2,1}', 'ends before'],
    ['a{x}', 'no count'],
    ['a\\', 'backslash'],
    ['(a{999}){999}', 'instructions'],
    ['a'.repeat(MAX_PATTERN_LENGTH + 1), 'longer than'],
  ])('refuse %s in words', (source, reason) => {
    const pattern = compilePattern(source);
    expect(pattern.ok ? '' : pattern.error).toContain(reason);
  });
});
