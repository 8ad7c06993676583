import type { Json } from '../base/json.ts';
import { exceed } from './failure.ts';
import type { Intrinsics, Scope } from './types.ts';

/** Counted limits of one `evaluate` (decision 8: counted, not timed). */
export const LIMITS = {
  /** Characters of one expression. */
  expressionLength: 2_000,
  /** Rounds of list macros, all macros of the template together. */
  macroRounds: 1_000,
  /** Expression nodes evaluated and values compared. */
  operations: 20_000,
  /** Elements of a list made by an expression. */
  listLength: 10_000,
  /** UTF-16 units of a text made by an expression. */
  textLength: 262_144,
  /** Values (numbers, texts, lists, ...) in the result. */
  resultValues: 100_000,
  /** Nesting of the result. */
  resultDepth: 128,
} as const;

/** One name bound by a macro (`x` in `list.map(x, ...)`); the innermost is found first. */
interface Local {
  name: string;
  value: Json;
  outer: Local | null;
}

/** What one evaluation carries: scope, run-dependent functions, bound names, and what is left of its limits. */
export class Environment {
  readonly scope: Scope;
  readonly intrinsics: Intrinsics;
  #locals: Local | null = null;
  #operations = 0;
  #rounds = 0;

  constructor(scope: Scope, intrinsics: Intrinsics) {
    this.scope = scope;
    this.intrinsics = intrinsics;
  }

  /** Counts one unit of work. */
  spend(): void {
    this.#operations += 1;
    if (this.#operations > LIMITS.operations) exceed('operations', LIMITS.operations);
  }

  /** Counts one round of a list macro. */
  round(): void {
    this.#rounds += 1;
    if (this.#rounds > LIMITS.macroRounds) exceed('rounds of list macros', LIMITS.macroRounds);
  }

  /** The value of a name, macros' names first; undefined when nothing has it. */
  lookup(name: string): Json | undefined {
    for (let local = this.#locals; local !== null; local = local.outer) if (local.name === name) return local.value;
    return Object.hasOwn(this.scope, name) ? this.scope[name] : undefined;
  }

  /** Evaluates with one more name in sight. */
  within<T>(name: string, value: Json, body: (env: Environment) => T): T {
    const outer = this.#locals;
    this.#locals = { name, value, outer };
    try {
      return body(this);
    } finally {
      this.#locals = outer;
    }
  }
}

/** A compiled expression. */
export type Run = (env: Environment) => Json;
