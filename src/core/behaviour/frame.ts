import type { Json, JsonObject } from '../base/json.ts';
import { random, uuid } from '../base/random.ts';
import type { Scope } from '../expression/types.ts';
import { asTemplate } from '../expression/template.ts';
import type { TemplateCache } from './compiled.ts';
import type { BehaviourHost, BehaviourWorld, Failure } from './effect.ts';

/** Steps per handler run and rounds per loop; counted, never timed (decision 8). */
export const STEP_LIMIT = 10_000;
export const LOOP_LIMIT = 1_000;

/** State of one handler run; branches of a `parallel` share fuel and host but not the scope. */
export interface Frame {
  host: BehaviourHost;
  world: BehaviourWorld;
  templates: TemplateCache;
  scope: Scope;
  /** What is left of the step limit, and how many outbox rows were written. */
  fuel: { steps: number; published: number };
  /** Open transaction, if any. */
  tx: { id: string; store: string; outbox: string[] } | null;
}

/** Thrown inside the interpreter only, to leave expression evaluation; never crosses its border. */
export class StepFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Evaluates JSON with `${ }`; random() and uuid() draw from (seed, trace, node, run, step path, attempt, counter) (decision 4). */
export function evaluate(frame: Frame, path: string, source: Json): Json {
  const { host } = frame;
  let counter = 0;
  const key = (): [string, string, string, string, number, number] => [
    host.traceId,
    host.node,
    host.spanId,
    path,
    host.attempt,
    counter++,
  ];
  const result = frame.templates.of(source).evaluate(frame.scope, {
    now: () => host.nowText(),
    random: () => random(host.seed, 'behaviour', ...key()),
    uuid: () => uuid(host.seed, ...key()),
  });
  if (result.ok) return result.value;
  throw new StepFailure({ code: result.error.code.toLowerCase(), message: result.error.message, retriable: false });
}

export const evaluateExpression = (frame: Frame, path: string, text: string): Json =>
  evaluate(frame, path, asTemplate(text));

export function evaluateText(frame: Frame, path: string, source: string): string {
  const value = evaluate(frame, path, source);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A number that is written as a literal or as an expression. */
export function evaluateNumber(frame: Frame, path: string, source: number | string): number {
  const value = typeof source === 'number' ? source : evaluateExpression(frame, path, source);
  if (typeof value === 'number') return value;
  throw new StepFailure({
    code: 'expression_failed',
    message: `expected a number, got ${JSON.stringify(value)} (${String(source)})`,
    retriable: false,
  });
}

export function evaluateRecord(frame: Frame, path: string, source: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const key of Object.keys(source)) out[key] = evaluate(frame, `${path}.${key}`, source[key] as Json);
  return out;
}
