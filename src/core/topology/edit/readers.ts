import { ExpressionError } from '../../expression/failure.ts';
import { splitTemplate, type Piece } from '../../expression/split-template.ts';
import { flattenSteps } from '../steps.ts';
import type { Step } from '../schema/types.ts';

/** Names that the steps bind, inner ones too. */
export const namesBound = (steps: readonly Step[]): Set<string> =>
  new Set(
    flattenSteps(steps).flatMap((step) =>
      'as' in step && step.as !== undefined ? [step.as] : step.do === 'each' ? [step.item] : [],
    ),
  );

/** All texts inside a value. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

/** A macro and the name of its variable, which is no result of a step. */
const MACRO = /\.(?:all|bind|exists|exists_one|filter|map)\(\s*([A-Za-z_]\w*)\s*,/g;

/**
 * True when an expression in the text reads one of the names. A scan, not a parse: a parser would weigh more in the page's
 * first chunk, and its only mistake is a macro's variable that bears the name of a result read by the same expression.
 */
function reads(text: string, isBare: boolean, names: ReadonlySet<string>): boolean {
  const source = isBare && !text.includes('${') ? `\${${text}}` : text;
  if (!source.includes('${')) return false;
  let pieces: Piece[] = [];
  try {
    pieces = splitTemplate(source);
  } catch (error) {
    // An unclosed expression reads nothing; validation reports it.
    if (!(error instanceof ExpressionError)) throw error;
  }
  return pieces.some((piece) => {
    if ('text' in piece) return false;
    const code = piece.expression.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
    const own = new Set([...code.matchAll(MACRO)].map(([, name]) => name));
    return [...code.matchAll(/(?<![.\w])[A-Za-z_]\w*\b(?!\s*\()/g)].some(([name]) => names.has(name) && !own.has(name));
  });
}

/** Texts of a step that are expressions also without `${ }`. */
function bareTexts(step: Step): readonly unknown[] {
  switch (step.do) {
    case 'choose':
      return step.when.map((branch) => branch.if);
    case 'each':
      return [step.in];
    case 'find':
      return [step.limit];
    case 'wait':
      return [step.ms];
    case 'respond':
      return [step.status];
    case 'token':
      return typeof step.scopes === 'string' ? [step.scopes] : [];
    default:
      return [];
  }
}

/** Steps whose own expressions read one of the names; expressions of inner steps count for those. */
export function readers(steps: readonly Step[], names: ReadonlySet<string>): Step[] {
  const inner = ['steps', 'else', 'branches', 'catch', 'finally', 'when'];
  return flattenSteps(steps).filter((step) => {
    const own = Object.entries(step).filter(([key]) => !inner.includes(key));
    return (
      texts(own.map(([, value]) => value as unknown)).some((text) => reads(text, false, names)) ||
      texts(bareTexts(step)).some((text) => reads(text, true, names))
    );
  });
}
