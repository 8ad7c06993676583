import { err, ok, type Result } from '../base/result.ts';
import { compileProgram, MAX_INSTRUCTIONS, type Instruction } from './pattern-program.ts';
import { parsePattern } from './pattern-syntax.ts';

/** Characters of one pattern. */
export const MAX_PATTERN_LENGTH = 256;

/** A regular expression that takes time in proportion to the text, whatever the pattern. */
export interface Pattern {
  /** True when the pattern is found anywhere in the text (as nginx's `~`). */
  readonly search: (text: string) => boolean;
  /** True when the pattern is the whole of the text (as Envoy's header and query matches). */
  readonly whole: (text: string) => boolean;
}

/**
 * Reads the common part of RE2, PCRE and JavaScript: literals, `.`, classes, `\d \w \s` and their opposites, groups, `|`, `* + ? {n,m}`, `^`, `$`,
 * a leading `(?i)`. What only a backtracking engine has (back-references, look-around, possessive and atomic groups) is refused, in words.
 */
export function compilePattern(source: string): Result<Pattern, string> {
  if (source.length > MAX_PATTERN_LENGTH) return err(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  const parsed = parsePattern(source);
  if (!parsed.ok) return parsed;
  const program = compileProgram(parsed.value.node);
  if (program === null) return err(`its repetitions unfold to more than ${MAX_INSTRUCTIONS} instructions`);
  const { ignoreCase } = parsed.value;
  return ok({
    search: (text) => runs(program, text, ignoreCase, false),
    whole: (text) => runs(program, text, ignoreCase, true),
  });
}

/** ASCII letters only, as HTTP compares. */
const swapCase = (unit: number): number => {
  if (unit >= 65 && unit <= 90) return unit + 32;
  return unit >= 97 && unit <= 122 ? unit - 32 : unit;
};

function accepts(set: Extract<Instruction, { op: 'set' }>, unit: number): boolean {
  const isIn = set.ranges.some(([low, high]) => unit >= low && unit <= high);
  return isIn !== set.negated;
}

/** All threads in step (Thompson): each instruction at most once per character, so nothing can run away. */
function runs(program: readonly Instruction[], text: string, ignoreCase: boolean, whole: boolean): boolean {
  let current: number[] = [];
  for (let at = 0; at <= text.length; at += 1) {
    const seen = new Set<number>();
    const threads: number[] = [];
    const stack = at === 0 || !whole ? [0, ...current.toReversed()] : current.toReversed();
    while (stack.length > 0) {
      const pc = stack.pop() as number;
      if (seen.has(pc)) continue;
      seen.add(pc);
      const instruction = program[pc] as Instruction;
      if (instruction.op === 'match') {
        if (!whole || at === text.length) return true;
      } else if (instruction.op === 'set') threads.push(pc);
      else if (instruction.op === 'split') stack.push(instruction.second, instruction.first);
      else if (instruction.op === 'start' ? at === 0 : at === text.length) stack.push(pc + 1);
    }
    if (at === text.length) return false;
    const unit = text.charCodeAt(at);
    current = threads.flatMap((pc) => {
      const set = program[pc] as Extract<Instruction, { op: 'set' }>;
      const isAccepted = accepts(set, unit) || (ignoreCase && !set.negated && accepts(set, swapCase(unit)));
      const isRefused = ignoreCase && set.negated && !accepts(set, swapCase(unit));
      return isAccepted && !isRefused ? [pc + 1] : [];
    });
  }
  return false;
}
