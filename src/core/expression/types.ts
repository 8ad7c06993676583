import type { Json } from '../base/json.ts';
import type { Result } from '../base/result.ts';

/** Values visible to an expression by name: request, message, config, vars' names, node, trace, error, item names. */
export type Scope = Record<string, Json>;
/** Functions that depend on the run: each call of `random`/`uuid` within one step uses the next counter. */
export interface Intrinsics {
  now(): string;
  /** Uniform [0,1). */
  random(): number;
  uuid(): string;
}
export interface ExpressionFailure {
  code: 'EXPRESSION_FAILED' | 'EXPRESSION_LIMIT' | 'VALUE_NOT_JSON';
  message: string;
}
/** JSON with `${ CEL }` inside strings, compiled once. Pure apart from the given intrinsics. */
export interface Template {
  evaluate(scope: Scope, intrinsics: Intrinsics): Result<Json, ExpressionFailure>;
  /** Free names that it reads, for lint. */
  readonly names: readonly string[];
}
