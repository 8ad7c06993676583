import type { ExpressionFailure } from './types.ts';

/** Thrown only inside this folder; `evaluate` and `compileTemplate` turn it into a Result. */
export class ExpressionError extends Error {
  readonly code: ExpressionFailure['code'];
  constructor(code: ExpressionFailure['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Ends the evaluation with EXPRESSION_FAILED and the reason in words. */
export function fail(reason: string): never {
  throw new ExpressionError('EXPRESSION_FAILED', reason);
}

/** Ends the evaluation with EXPRESSION_LIMIT: a counted limit, never a timed one, so that every host stops at the same place. */
export function exceed(limit: string, max: number): never {
  throw new ExpressionError('EXPRESSION_LIMIT', `more than ${max} ${limit}`);
}
