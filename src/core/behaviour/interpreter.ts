import { isObject, type Json } from '../base/json.ts';
import type { Scope } from '../expression/types.ts';
import type { ChooseStep, EachStep, ParallelStep, Step, TransactionStep, TryStep } from '../topology/schema/types.ts';
import type { TemplateCache } from './compiled.ts';
import type { Behaviour, BehaviourHost, BehaviourWorld, EffectResult, Failure } from './effect.ts';
import { evaluateExpression, LOOP_LIMIT, STEP_LIMIT, StepFailure, type Frame } from './frame.ts';
import { faultOf, runLeaf } from './leaf-steps.ts';

export interface Handler {
  steps: readonly Step[];
  scope: Scope;
  host: BehaviourHost;
  world: BehaviourWorld;
  templates: TemplateCache;
}

/**
 * One run of a handler: the same generator in a worker, in virtual time and in a container. It yields effects and never
 * performs one. Ends with null, or with the failure that no `try` caught. Step path = ids joined by "/" (+ `[i]` in loops).
 */
export function runHandler({ steps, scope, host, world, templates }: Handler): Behaviour {
  return runSteps(
    { host, world, templates, scope: { ...scope }, fuel: { steps: STEP_LIMIT, published: 0 }, tx: null },
    '',
    steps,
  );
}

function* runSteps(frame: Frame, parent: string, steps: readonly Step[]): Behaviour {
  for (const step of steps) {
    const path = parent === '' ? step.id : `${parent}/${step.id}`;
    const failure = yield* runStep(frame, path, step);
    if (failure) return failure;
  }
  return null;
}

function* limit(path: string, name: string, value: number): Behaviour {
  const message = `limit ${name} of ${value} reached at ${path}`;
  yield { do: 'limit', path, limit: name, value, message };
  return { code: 'limit_exceeded', message, retriable: false };
}

function* runStep(frame: Frame, path: string, step: Step): Behaviour {
  if (frame.fuel.steps-- <= 0) return yield* limit(path, 'steps', STEP_LIMIT);
  const fault = faultOf(frame, path, step.id);
  if (fault) return yield* failed(path, step.id, fault);
  try {
    switch (step.do) {
      case 'choose':
        return yield* choose(frame, path, step);
      case 'each':
        return yield* each(frame, path, step);
      case 'parallel':
        return yield* parallel(frame, path, step);
      case 'try':
        return yield* attempt(frame, path, step);
      case 'transaction':
        return yield* transaction(frame, path, step);
      default: {
        const value = yield* runLeaf(frame, path, step);
        if ('as' in step && step.as !== undefined) frame.scope[step.as] = value;
        return null;
      }
    }
  } catch (error) {
    if (error instanceof StepFailure) return yield* failed(path, step.id, error.failure);
    throw error;
  }
}

function* failed(path: string, step: string, failure: Failure): Behaviour {
  yield { do: 'failed', path, step, failure };
  return failure;
}

function* choose(frame: Frame, path: string, step: ChooseStep): Behaviour {
  for (const [index, branch] of step.when.entries()) {
    const chosen = evaluateExpression(frame, `${path}.if[${index}]`, branch.if);
    if (typeof chosen !== 'boolean') {
      throw new StepFailure({
        code: 'expression_failed',
        message: `expected true or false, got ${JSON.stringify(chosen)} (${branch.if})`,
        retriable: false,
      });
    }
    if (chosen) return yield* runSteps(frame, path, branch.steps);
  }
  return yield* runSteps(frame, path, step.else ?? []);
}

function* each(frame: Frame, path: string, step: EachStep): Behaviour {
  const list = evaluateExpression(frame, path, step.in);
  if (!Array.isArray(list)) {
    throw new StepFailure({
      code: 'expression_failed',
      message: `expected a list, got ${JSON.stringify(list)} (${step.in})`,
      retriable: false,
    });
  }
  for (const [index, item] of list.entries()) {
    if (index >= LOOP_LIMIT) return yield* limit(path, 'loop rounds', LOOP_LIMIT);
    frame.scope[step.item] = item;
    const failure = yield* runSteps(frame, `${path}[${index}]`, step.steps);
    if (failure) return failure;
  }
  return null;
}

/** Branches run side by side on copies of the scope; what they bind is visible afterwards, later branches win. */
function* parallel(frame: Frame, path: string, step: ParallelStep): Behaviour {
  const frames = step.branches.map(() => ({ ...frame, scope: { ...frame.scope } }));
  const branches = step.branches.map((branch, index) =>
    runSteps(frames[index] as Frame, `${path}/${branch.id}`, branch.steps),
  );
  const result: EffectResult = yield { do: 'parallel', path, branches };
  for (const branch of frames) {
    for (const name of Object.keys(branch.scope)) {
      const value = branch.scope[name] as Json;
      if (value !== frame.scope[name]) frame.scope[name] = value;
    }
  }
  return result.ok ? null : result.failure;
}

const catches = (code: string, pattern: string): boolean =>
  pattern === '*' || pattern === code || (pattern.endsWith('*') && code.startsWith(pattern.slice(0, -1)));

function* attempt(frame: Frame, path: string, step: TryStep): Behaviour {
  let failure = yield* runSteps(frame, path, step.steps);
  const caught = failure === null ? undefined : step.catch.find((c) => catches((failure as Failure).code, c.code));
  if (failure && caught) {
    const { code, message, status, body } = failure;
    frame.scope['error'] = { code, message, status: status ?? null, body: body ?? null };
    failure = yield* runSteps(frame, path, caught.steps);
  }
  const last = yield* runSteps(frame, path, step.finally ?? []);
  return failure ?? last;
}

function* transaction(frame: Frame, path: string, step: TransactionStep): Behaviour {
  const store = step.store ?? frame.world.ownedStore;
  if (store === null)
    throw new StepFailure({ code: 'no_store', message: `${frame.host.node} owns no database`, retriable: false });
  if (frame.tx)
    throw new StepFailure({ code: 'nested_transaction', message: 'a transaction is already open', retriable: false });
  const tx = { id: `${frame.host.spanId}/${path}/${frame.host.attempt}`, store, outbox: [] as string[] };
  const begun: EffectResult = yield { do: 'db', path, store, query: { op: 'begin', tx: tx.id } };
  if (!begun.ok) throw new StepFailure(begun.failure);
  frame.tx = tx;
  const failure = yield* runSteps(frame, path, step.steps);
  frame.tx = null;
  if (failure) {
    // A lost connection rolls back by itself; the answer changes nothing.
    yield { do: 'db', path, store, query: { op: 'rollback', tx: tx.id } };
    return failure;
  }
  const committed: EffectResult = yield { do: 'db', path, store, query: { op: 'commit', tx: tx.id } };
  // Told even when the commit failed: its answer may be lost, and then the rows are there (a relay finds only committed ones).
  if (tx.outbox.length > 0) yield { do: 'outbox', store, ids: tx.outbox };
  if (!committed.ok) throw new StepFailure(committed.failure);
  return null;
}

const NETWORK_STATUS: Record<string, number> = {
  connection_refused: 502,
  connection_reset: 502,
  no_instances: 503,
  timeout: 504,
  grpc_unavailable: 503,
  grpc_deadline_exceeded: 504,
};

/** HTTP status of a failure that no handler caught; a failed call becomes 502 so that a callee's 404 is not taken for the caller's. */
export function statusOf(failure: Failure): number {
  if (failure.code.startsWith('http_')) return 502;
  const known = failure.status ?? NETWORK_STATUS[failure.code];
  return known ?? (failure.code.startsWith('grpc_') ? 502 : 500);
}

/** RFC 9457 body of a failure. */
export const problemOf = (failure: Failure): Json => {
  const problem: Json = { code: failure.code, detail: failure.message, status: statusOf(failure) };
  return isObject(failure.body ?? null) ? { ...problem, cause: failure.body ?? null } : problem;
};
