import type { PatternNode, Range } from './pattern-syntax.ts';

/** Size of one compiled pattern. */
export const MAX_INSTRUCTIONS = 2_000;

/** One step of the automaton; all but `split` and `match` go on to the next. */
export type Instruction =
  | { op: 'set'; ranges: readonly Range[]; negated: boolean }
  | { op: 'split'; first: number; second: number }
  | { op: 'start' }
  | { op: 'end' }
  | { op: 'match' };

/** The automaton of a pattern, or null when it would be too large. */
export function compileProgram(node: PatternNode): Instruction[] | null {
  const out: Instruction[] = [];
  const isComplete = emit(node, out);
  if (!isComplete || out.length >= MAX_INSTRUCTIONS) return null;
  out.push({ op: 'match' });
  return out;
}

/** Adds the instructions of a node; false when the limit is reached. */
function emit(node: PatternNode, out: Instruction[]): boolean {
  if (out.length >= MAX_INSTRUCTIONS) return false;
  switch (node.kind) {
    case 'set':
      out.push({ op: 'set', ranges: node.ranges, negated: node.negated });
      return true;
    case 'start':
    case 'end':
      out.push({ op: node.kind });
      return true;
    case 'sequence':
      return node.parts.every((part) => emit(part, out));
    case 'choice':
      return emitChoice(node.options, out);
    case 'repeat':
      return emitRepeat(node, out);
  }
}

/** `split` to the first option or on to the rest; after an option a jump (a `split` to one place) behind all of them. */
function emitChoice(options: readonly PatternNode[], out: Instruction[]): boolean {
  const jumps: number[] = [];
  const isComplete = options.every((option, index) => {
    if (index === options.length - 1) return emit(option, out);
    const at = out.length;
    out.push({ op: 'split', first: at + 1, second: at + 1 });
    if (!emit(option, out)) return false;
    jumps.push(out.length);
    out.push({ op: 'split', first: 0, second: 0 });
    out[at] = { op: 'split', first: at + 1, second: out.length };
    return true;
  });
  for (const at of jumps) out[at] = { op: 'split', first: out.length, second: out.length };
  return isComplete;
}

function emitRepeat(node: Extract<PatternNode, { kind: 'repeat' }>, out: Instruction[]): boolean {
  for (let count = 0; count < node.min; count += 1) if (!emit(node.node, out)) return false;
  if (node.max === null) {
    const at = out.length;
    out.push({ op: 'split', first: at + 1, second: at + 1 });
    if (!emit(node.node, out)) return false;
    out.push({ op: 'split', first: at, second: at });
    out[at] = { op: 'split', first: at + 1, second: out.length };
    return true;
  }
  const splits: number[] = [];
  for (let count = node.min; count < node.max; count += 1) {
    splits.push(out.length);
    out.push({ op: 'split', first: out.length + 1, second: out.length + 1 });
    if (!emit(node.node, out)) return false;
  }
  for (const at of splits) out[at] = { op: 'split', first: at + 1, second: out.length };
  return true;
}
