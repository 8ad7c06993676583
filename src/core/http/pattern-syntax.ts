import { err, ok, type Result } from '../base/result.ts';

/** Code units from the first to the second, both included. */
export type Range = readonly [number, number];
export type PatternNode =
  | { kind: 'set'; ranges: readonly Range[]; negated: boolean }
  | { kind: 'start' }
  | { kind: 'end' }
  | { kind: 'sequence'; parts: PatternNode[] }
  | { kind: 'choice'; options: PatternNode[] }
  | { kind: 'repeat'; node: PatternNode; min: number; max: number | null };

const MAX_COUNT = 1_000;
const MAX_DEPTH = 50;
const CLASSES: Record<string, readonly Range[]> = {
  d: [[48, 57]],
  w: [
    [48, 57],
    [65, 90],
    [95, 95],
    [97, 122],
  ],
  s: [
    [9, 13],
    [32, 32],
  ],
};
const CONTROLS: Record<string, number> = { n: 10, r: 13, t: 9, f: 12, v: 11 };

/** Thrown only inside this file. */
class Refusal extends Error {}
function refuse(reason: string): never {
  throw new Refusal(reason);
}

/** The syntax tree of a pattern, or in words why it is refused. */
export function parsePattern(source: string): Result<{ node: PatternNode; ignoreCase: boolean }, string> {
  const ignoreCase = source.startsWith('(?i)');
  try {
    return ok({ node: new Parser(ignoreCase ? source.slice(4) : source).parse(), ignoreCase });
  } catch (error) {
    if (error instanceof Refusal) return err(error.message);
    throw error;
  }
}

/** What is in none of the ranges. */
function complement(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  let next = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (low > next) out.push([next, low - 1]);
    next = Math.max(next, high + 1);
  }
  if (next <= 0xffff) out.push([next, 0xffff]);
  return out;
}

class Parser {
  private readonly source: string;
  private at = 0;
  private depth = 0;

  constructor(source: string) {
    this.source = source;
  }

  parse(): PatternNode {
    const node = this.choice();
    return this.at === this.source.length ? node : refuse('a ")" has no "("');
  }

  private peek(): string {
    return this.source.charAt(this.at);
  }
  private take(): string {
    const char = this.peek();
    this.at += 1;
    return char;
  }

  private choice(): PatternNode {
    const options = [this.sequence()];
    while (this.peek() === '|') {
      this.at += 1;
      options.push(this.sequence());
    }
    return options.length === 1 ? (options[0] as PatternNode) : { kind: 'choice', options };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.at < this.source.length && this.peek() !== '|' && this.peek() !== ')') parts.push(this.repeated());
    return { kind: 'sequence', parts };
  }

  private repeated(): PatternNode {
    const node = this.atom();
    const counts = this.counts();
    if (counts === null) return node;
    if (node.kind === 'start' || node.kind === 'end') refuse('"^" and "$" cannot be repeated');
    // Lazy or greedy finds the same; a possessive one would not.
    if (this.peek() === '?') this.at += 1;
    else if (this.counts() !== null) refuse('a repetition of a repetition, or a possessive one');
    return { kind: 'repeat', node, ...counts };
  }

  private counts(): { min: number; max: number | null } | null {
    const char = this.peek();
    if (char === '*' || char === '+' || char === '?') {
      this.at += 1;
      return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : null };
    }
    if (char !== '{') return null;
    const found = /^\{(\d{1,4})(,?)(\d{0,4})\}/.exec(this.source.slice(this.at));
    if (found === null) return refuse('a "{" that is no count has to be written "\\{"');
    this.at += found[0].length;
    const min = Number(found[1]);
    const max = found[3] === '' ? (found[2] === '' ? min : null) : Number(found[3]);
    if (min > MAX_COUNT || (max ?? 0) > MAX_COUNT) refuse(`a count is larger than ${MAX_COUNT}`);
    if (max !== null && max < min) refuse('a count ends before it begins');
    return { min, max };
  }

  private atom(): PatternNode {
    const char = this.take();
    switch (char) {
      case '(':
        return this.group();
      case '[':
        return this.set();
      case '.':
        return { kind: 'set', ranges: [[10, 10]], negated: true };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '\\':
        return { kind: 'set', ranges: this.escaped(), negated: false };
      case '*':
      case '+':
      case '?':
      case '{':
        return refuse(`a "${char}" repeats nothing`);
      default:
        return { kind: 'set', ranges: [[char.charCodeAt(0), char.charCodeAt(0)]], negated: false };
    }
  }

  private group(): PatternNode {
    if (this.peek() === '?') {
      if (this.source.slice(this.at, this.at + 2) !== '?:')
        refuse('look-around, named and atomic groups, and flags other than a leading (?i) are not supported');
      this.at += 2;
    }
    this.depth += 1;
    if (this.depth > MAX_DEPTH) refuse(`groups are nested deeper than ${MAX_DEPTH}`);
    const node = this.choice();
    this.depth -= 1;
    return this.take() === ')' ? node : refuse('a "(" is not closed');
  }

  /** Behind a backslash. */
  private escaped(): readonly Range[] {
    const char = this.take();
    const named = CLASSES[char.toLowerCase()];
    if (named !== undefined) return char === char.toLowerCase() ? named : complement(named);
    const control = CONTROLS[char];
    if (control !== undefined) return [[control, control]];
    if (char === '') return refuse('it ends with a backslash');
    if (/[A-Za-z0-9]/.test(char))
      return refuse(`"\\${char}" is not supported (back-references and boundaries are not)`);
    return [[char.charCodeAt(0), char.charCodeAt(0)]];
  }

  private set(): PatternNode {
    const negated = this.peek() === '^';
    if (negated) this.at += 1;
    const ranges: Range[] = [];
    for (let isFirst = true; this.peek() !== ']' || isFirst; isFirst = false) {
      if (this.at >= this.source.length) refuse('a "[" is not closed');
      if (isFirst && this.peek() === ']') refuse('an empty "[]"; a "]" inside has to be written "\\]"');
      if (this.source.startsWith('[:', this.at)) refuse('POSIX classes are not supported');
      const low = this.member();
      if (this.peek() !== '-' || this.source.charAt(this.at + 1) === ']') {
        ranges.push(...low);
        continue;
      }
      this.at += 1;
      const high = this.member();
      const [from, to] = [low[0]?.[0] ?? 0, high[0]?.[0] ?? 0];
      const isSingle = [low, high].every((part) => part.length === 1 && part[0]?.[0] === part[0]?.[1]);
      if (!isSingle || to < from) refuse('a range inside "[ ]" is out of order');
      ranges.push([from, to]);
    }
    this.at += 1;
    return { kind: 'set', ranges, negated };
  }

  private member(): readonly Range[] {
    const char = this.take();
    if (char === '\\') return this.escaped();
    return [[char.charCodeAt(0), char.charCodeAt(0)]];
  }
}
